// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "arming.h"
#include "calls.h"
#include "counts.h"
#include "news.h"
#include "process.h"
#include "sizes.h"

/* Who watches one process after another has the kernel's code patched once, not each time. */
#define TRACER_LINGER	HZ

static void disarm_if_idle(struct work_struct *work);

/* Held while processes are added: one that is added is traced. */
static DEFINE_MUTEX(arming_lock);
static bool is_armed; /* under arming_lock */
static DECLARE_DELAYED_WORK(disarming, disarm_if_idle);

static int arm(void)
{
	int err;

	tracer_counts_fill();
	err = tracer_sizes_start();
	if (err)
		return err;
	err = tracer_news_start();
	if (err)
		goto out_sizes;
	err = tracer_calls_start();
	if (err)
		goto out_news;
	is_armed = true;
	return 0;

out_news:
	tracer_news_stop();
out_sizes:
	tracer_sizes_stop();
	return err;
}

static void disarm_if_idle(struct work_struct *work)
{
	mutex_lock(&arming_lock);
	if (is_armed && !tracer_process_any()) {
		tracer_calls_stop();
		tracer_news_stop();
		tracer_sizes_stop();
		is_armed = false;
	}
	mutex_unlock(&arming_lock);
}

/**
 * tracer_arming_begin() - have calls traced, for a process that is about to be counted
 *
 * Waits for who adds another one, and for tracing that is about to end.
 *
 * Return: 0, for tracer_arming_end(); -EINTR when the caller is killed, or why calls cannot be
 * traced.
 */
int tracer_arming_begin(void)
{
	int err;

	if (mutex_lock_killable(&arming_lock))
		return -EINTR;
	err = is_armed ? 0 : arm();
	if (err)
		mutex_unlock(&arming_lock);
	return err;
}

void tracer_arming_end(void)
{
	mutex_unlock(&arming_lock);
	/* The process may have ended meanwhile, or could not be added. */
	if (!tracer_process_any())
		tracer_arming_idle();
}

/**
 * tracer_arming_idle() - the last process is no longer counted: a second later nothing is traced
 */
void tracer_arming_idle(void)
{
	mod_delayed_work(system_long_wq, &disarming, TRACER_LINGER);
}

/**
 * tracer_arming_stop() - wait until nothing is traced; no process is counted, or will be
 */
void tracer_arming_stop(void)
{
	cancel_delayed_work_sync(&disarming);
	disarm_if_idle(NULL);
}
