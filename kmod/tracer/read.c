// SPDX-License-Identifier: GPL-2.0
#include <linux/build_bug.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

#include "process.h"
#include "read.h"
#include "session.h"
#include "sizes.h"
#include "watch.h"

/* Under tracer_lock. */
static void row_fill(const struct tracer_watch *watch, struct tracer_row *row)
{
	struct tracer_counts sum;

	BUILD_BUG_ON(sizeof(row->comm) != TASK_COMM_LEN);
	memset(row, 0, sizeof(*row));
	row->id = watch->id;
	row->pid = pid_vnr(watch->process->tgid);
	row->start_ns = watch->start_ns;
	if (watch->is_root)
		row->flags |= TRACER_ROW_ROOT;
	if (watch->left_ns) {
		row->flags |= TRACER_ROW_LEFT;
		row->end_ns = watch->left_ns;
	} else if (watch->process->ended_ns) {
		row->flags |= TRACER_ROW_ENDED;
		row->end_ns = watch->process->ended_ns;
	}
	tracer_watch_name(watch, row->comm);
	tracer_watch_sum(watch, &sum);
	tracer_counts_tell(&sum, &row->figures);
}

/* The row after one. Returns whether there is one. */
static bool row_next(struct tracer_session *session, unsigned long *id, struct tracer_row *row)
{
	struct tracer_watch *watch;

	spin_lock_bh(&tracer_lock);
	watch = xa_find_after(&session->watches, id, ULONG_MAX, XA_PRESENT);
	if (watch && row)
		row_fill(watch, row);
	spin_unlock_bh(&tracer_lock);
	return watch;
}

static int write_rows(struct tracer_session *session, struct tracer_read *read)
{
	struct tracer_row __user *rows = u64_to_user_ptr(read->rows);
	unsigned long id = read->after;
	struct tracer_row row;

	for (read->count = 0; read->count < read->capacity; read->count++) {
		if (!row_next(session, &id, &row))
			return 0;
		if (copy_to_user(&rows[read->count], &row, sizeof(row)))
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	if (row_next(session, &id, NULL))
		read->flags |= TRACER_READ_MORE;
	return 0;
}

static void add_up(struct tracer_session *session, struct tracer_read *read)
{
	struct tracer_counts total, sum;
	unsigned long id = 0;
	bool is_row;

	spin_lock_bh(&tracer_lock);
	total = session->dropped_counts;
	spin_unlock_bh(&tracer_lock);
	do {
		struct tracer_watch *watch;

		spin_lock_bh(&tracer_lock);
		watch = xa_find_after(&session->watches, &id, ULONG_MAX, XA_PRESENT);
		is_row = watch;
		if (watch) {
			tracer_watch_sum(watch, &sum);
			tracer_counts_add(&total, &sum);
		}
		spin_unlock_bh(&tracer_lock);
		cond_resched();
	} while (is_row && !fatal_signal_pending(current));
	tracer_counts_tell(&total, &read->totals);
}

static void head_fill(struct tracer_session *session, struct tracer_read *read)
{
	spin_lock_bh(&tracer_lock);
	read->processes = session->count;
	read->live = session->live;
	read->dropped = session->dropped;
	read->missed = session->missed;
	spin_unlock_bh(&tracer_lock);
	read->untracked = tracer_sizes_untracked();
	read->now_ns = ktime_get_ns();
}

/**
 * tracer_read() - write rows of a session to its reader's memory
 * @session: the session
 * @argument: of the request
 *
 * Return: 0, -EFAULT, -EINVAL for a version or a flag that is not known, or -EINTR.
 */
long tracer_read(struct tracer_session *session, struct tracer_read __user *argument)
{
	struct tracer_read read;
	int err;

	if (copy_from_user(&read, argument, sizeof(read)))
		return -EFAULT;
	if (read.version != TRACER_READ_VERSION || read.flags ||
	    memchr_inv(read.reserved, 0, sizeof(read.reserved)))
		return -EINVAL;
	memset(&read.totals, 0, sizeof(read.totals));
	if (!read.after)
		add_up(session, &read);
	err = write_rows(session, &read);
	if (err)
		return err;
	head_fill(session, &read);
	return copy_to_user(argument, &read, sizeof(read)) ? -EFAULT : 0;
}
