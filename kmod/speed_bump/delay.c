// SPDX-License-Identifier: GPL-2.0
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/wait.h>

#include "delay.h"
#include "target.h"

/* A spin gives others the CPU this often. */
#define SB_REST_NS	100000

/**
 * struct delay - one delay, from the handler to its end
 * @work: runs it; in a list of the task, through which later ones of the same trap are found
 * @target: a reference held
 * @order: what to do
 */
struct delay {
	struct callback_head work;
	struct sb_target *target;
	struct sb_delay_order order;
};

static struct kmem_cache *delay_cache;
static atomic_t in_flight = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(all_ended);

/*
 * The kernel hides signals from a task that steps over a probed instruction: of fatal ones only the
 * pending set tells.
 */
static bool must_end(const struct delay *delay)
{
	return READ_ONCE(delay->target->life) != delay->order.life ||
	       __fatal_signal_pending(current) || (current->flags & PF_EXITING);
}

/* Both return when they ended: at @deadline_ns or later, unless they were cut. */
static u64 spin(const struct delay *delay, u64 deadline_ns)
{
	u64 now_ns = ktime_get_ns(), rested_ns = now_ns;

	while (now_ns < deadline_ns && !must_end(delay)) {
		if (now_ns - rested_ns >= SB_REST_NS) {
			/* Lets tasks-RCU go on too: removals of tracers wait for it. */
			cond_resched_tasks_rcu_qs();
			rested_ns = ktime_get_ns();
		}
		cpu_relax();
		now_ns = ktime_get_ns();
	}
	return now_ns;
}

static u64 sleep_until(const struct delay *delay, u64 deadline_ns)
{
	ktime_t expires = ns_to_ktime(deadline_ns);
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait(&delay->target->sleepers, &wait, TASK_KILLABLE);
		if (must_end(delay) || ktime_get_ns() >= deadline_ns)
			break;
		schedule_hrtimeout_range(&expires, 0, HRTIMER_MODE_ABS);
	}
	finish_wait(&delay->target->sleepers, &wait);
	return ktime_get_ns();
}

static void delay_run(struct callback_head *work);

/* Several targets at one instruction: each delay begins when the one before has ended. */
static void postpone_others(const struct delay *delay, u64 by_ns)
{
	struct callback_head *work;

	for (work = delay->work.next; work; work = work->next) {
		if (work->func == delay_run)
			container_of(work, struct delay, work)->order.begun_ns += by_ns;
	}
}

static void delay_free(struct delay *delay)
{
	sb_target_put(delay->target);
	kmem_cache_free(delay_cache, delay);
	if (atomic_dec_and_test(&in_flight))
		wake_up_all(&all_ended);
}

static void delay_run(struct callback_head *work)
{
	struct delay *delay = container_of(work, struct delay, work);
	const struct sb_delay_order *order = &delay->order;
	u64 deadline_ns = order->begun_ns + order->length_ns;
	u64 ended_ns, took_ns;

	ended_ns = order->how == SB_SLEEP ? sleep_until(delay, deadline_ns) :
					    spin(delay, deadline_ns);
	took_ns = ended_ns - order->begun_ns;
	postpone_others(delay, took_ns);
	if (ended_ns < deadline_ns)
		sb_stats_add(&delay->target->stats, SB_CUT, 1);
	else
		sb_stats_add_whole(&delay->target->stats, took_ns + order->floor_ns);
	delay_free(delay);
}

/**
 * sb_delay_queue() - have the current task delayed before it runs user code again
 * @target: the target
 * @order: the delay
 *
 * Return: 0, -ENOMEM, or -ESRCH when the task is exiting.
 */
int sb_delay_queue(struct sb_target *target, const struct sb_delay_order *order)
{
	struct delay *delay = kmem_cache_alloc(delay_cache, GFP_KERNEL | __GFP_NOWARN);
	int err;

	if (!delay)
		return -ENOMEM;
	sb_target_get(target);
	delay->target = target;
	delay->order = *order;
	init_task_work(&delay->work, delay_run);
	atomic_inc(&in_flight);
	err = task_work_add(current, &delay->work, TWA_RESUME);
	if (err)
		delay_free(delay);
	return err;
}

int sb_delay_init(void)
{
	delay_cache = KMEM_CACHE(delay, 0);
	return delay_cache ? 0 : -ENOMEM;
}

/**
 * sb_delay_wait_for_all() - until no delay is in flight and none runs this module's code
 *
 * All targets are removed.
 */
void sb_delay_wait_for_all(void)
{
	wait_event(all_ended, !atomic_read(&in_flight));
	/* The last one may have been preempted on its way out of delay_run(). */
	synchronize_rcu_tasks();
}

void sb_delay_exit(void)
{
	kmem_cache_destroy(delay_cache);
}
