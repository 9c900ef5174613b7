// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sysfs.h>

#include "process.h"
#include "session.h"
#include "watch.h"

struct tracer_session tracer_list;

static atomic64_t missed = ATOMIC64_INIT(0);

static int missed_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%lld\n", atomic64_read(&missed));
}

static const struct kernel_param_ops missed_ops = { .get = missed_get };
module_param_cb(nmissed, &missed_ops, NULL, 0444);
MODULE_PARM_DESC(nmissed, "descendants of watched processes that could not be followed");

void tracer_session_init(struct tracer_session *session)
{
	xa_init_flags(&session->watches, XA_FLAGS_LOCK_BH);
	INIT_LIST_HEAD(&session->ended);
}

/**
 * tracer_session_miss() - a descendant cannot be followed
 * @session: whose; under tracer_lock
 */
void tracer_session_miss(struct tracer_session *session)
{
	session->missed++;
	atomic64_inc(&missed);
}

/**
 * tracer_session_close() - end all watches of a session
 * @session: the session
 */
void tracer_session_close(struct tracer_session *session)
{
	bool is_empty;

	do {
		unsigned long id = 0;
		struct tracer_watch *watch;

		spin_lock_bh(&tracer_lock);
		session->is_closing = true;
		watch = xa_find(&session->watches, &id, ULONG_MAX, XA_PRESENT);
		if (watch)
			tracer_watch_remove(watch);
		is_empty = !watch;
		spin_unlock_bh(&tracer_lock);
		cond_resched();
	} while (!is_empty);
	xa_destroy(&session->watches);
}
