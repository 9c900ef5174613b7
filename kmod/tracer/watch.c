// SPDX-License-Identifier: GPL-2.0
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "process.h"
#include "session.h"
#include "watch.h"

#define TRACER_GFP	(GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT)

static unsigned int max_rows = 65536;
module_param(max_rows, uint, 0444);
MODULE_PARM_DESC(max_rows, "how many rows a descriptor has, those of processes that ended included");

/**
 * tracer_watch_is_live() - whether the process has neither ended nor left
 * @watch: the watch; under tracer_lock
 */
bool tracer_watch_is_live(const struct tracer_watch *watch)
{
	return !watch->left_ns && !watch->process->ended_ns;
}

/**
 * tracer_watch_sum() - what a process did since it is watched
 * @watch: the watch; under tracer_lock
 * @sum: the result
 */
void tracer_watch_sum(const struct tracer_watch *watch, struct tracer_counts *sum)
{
	if (watch->left_ns) {
		*sum = watch->counts;
		return;
	}
	tracer_process_sum(watch->process, sum);
	tracer_counts_subtract(sum, &watch->counts);
}

/**
 * tracer_watch_name() - the name of a process's main thread
 * @watch: the watch; under tracer_lock
 * @name: the result
 */
void tracer_watch_name(const struct tracer_watch *watch, char name[TASK_COMM_LEN])
{
	const struct tracer_process *process = watch->process;
	const struct task_struct *leader = NULL;

	rcu_read_lock();
	if (!process->ended_ns)
		leader = pid_task(process->tgid, PIDTYPE_TGID);
	strscpy_pad(name, leader ? leader->comm : process->comm, TASK_COMM_LEN);
	rcu_read_unlock();
}

/**
 * tracer_watch_find() - the watch of a session on a process
 * @session: the session
 * @leader: the leader of the process's threads
 *
 * Under tracer_lock.
 *
 * Return: the watch, or NULL.
 */
struct tracer_watch *tracer_watch_find(const struct tracer_session *session,
				       const struct task_struct *leader)
{
	struct tracer_process *process = tracer_process_of(leader);
	struct tracer_watch *watch;

	lockdep_assert_held(&tracer_lock);
	if (!process)
		return NULL;
	list_for_each_entry(watch, &process->watches, node) {
		if (watch->session == session)
			return watch;
	}
	return NULL;
}

/**
 * tracer_watch_remove() - end and forget a watch
 * @watch: the watch; under tracer_lock
 */
void tracer_watch_remove(struct tracer_watch *watch)
{
	struct tracer_process *process = watch->process;
	struct tracer_session *session = watch->session;

	lockdep_assert_held(&tracer_lock);
	xa_erase(&session->watches, watch->id);
	session->count--;
	if (list_empty(&watch->ended_node))
		session->live--;
	list_del(&watch->ended_node);
	list_del(&watch->node);
	if (list_empty(&process->watches))
		tracer_process_retire(process);
	tracer_process_put(process);
	put_cred(watch->owner);
	kfree(watch);
}

static void watch_rest(struct tracer_watch *watch)
{
	watch->session->live--;
	list_add_tail(&watch->ended_node, &watch->session->ended);
}

/**
 * tracer_watch_end() - the last thread of the process has ended
 * @watch: the watch; under tracer_lock. Its row stays, but not in the list of processes
 */
void tracer_watch_end(struct tracer_watch *watch)
{
	if (watch->session == &tracer_list)
		tracer_watch_remove(watch);
	else
		watch_rest(watch);
}

/**
 * tracer_watch_leave() - the process is not its watcher's any more
 * @watch: the watch; under tracer_lock
 */
void tracer_watch_leave(struct tracer_watch *watch)
{
	struct tracer_process *process = watch->process;
	struct tracer_counts sum;

	if (watch->session == &tracer_list) {
		tracer_watch_remove(watch);
		return;
	}
	tracer_watch_sum(watch, &sum);
	watch->counts = sum;
	watch->left_ns = ktime_get_ns();
	watch_rest(watch);
	list_del_init(&watch->node);
	if (list_empty(&process->watches))
		tracer_process_retire(process);
}

/* Has the row that ended first give way. */
static bool drop_one(struct tracer_session *session)
{
	struct tracer_watch *watch;
	struct tracer_counts sum;

	watch = list_first_entry_or_null(&session->ended, struct tracer_watch, ended_node);
	if (!watch)
		return false;
	tracer_watch_sum(watch, &sum);
	tracer_counts_add(&session->dropped_counts, &sum);
	session->dropped++;
	tracer_watch_remove(watch);
	return true;
}

static int watch_store(struct tracer_watch *watch, struct tracer_session *session)
{
	int err;

	if (session->count >= max_rows && !drop_one(session))
		return -ENOSPC;
	watch->id = session->last_id + 1;
	err = xa_err(xa_store(&session->watches, watch->id, watch, TRACER_GFP));
	if (err)
		return err;
	session->last_id++;
	session->count++;
	session->live++;
	return 0;
}

static struct tracer_process *process_get(struct task_struct *leader)
{
	struct tracer_process *process = tracer_process_of(leader);

	if (!process)
		return tracer_process_start(leader);
	return process->ended_ns ? ERR_PTR(-ESRCH) : process;
}

/**
 * tracer_watch_start() - watch a process from now on
 * @session: who does, and not yet
 * @leader: the leader of the process's threads
 * @owner: for tracer_watch.owner
 *
 * Under tracer_lock. Does not wait for memory.
 *
 * Return: the watch, or ERR_PTR: -ESRCH when the process has ended, -ENOMEM, or -ENOSPC at a limit.
 */
struct tracer_watch *tracer_watch_start(struct tracer_session *session, struct task_struct *leader,
					const struct cred *owner)
{
	struct tracer_process *process;
	struct tracer_watch *watch;
	int err;

	lockdep_assert_held(&tracer_lock);
	watch = kzalloc(sizeof(*watch), TRACER_GFP);
	if (!watch)
		return ERR_PTR(-ENOMEM);
	process = process_get(leader);
	err = PTR_ERR_OR_ZERO(process);
	if (err)
		goto out_free;
	err = watch_store(watch, session);
	if (err)
		goto out_retire;
	watch->process = process;
	watch->session = session;
	watch->owner = owner ? get_cred(owner) : NULL;
	watch->start_ns = ktime_get_ns();
	INIT_LIST_HEAD(&watch->ended_node);
	tracer_process_hold(process);
	tracer_process_sum(process, &watch->counts);
	list_add_tail(&watch->node, &process->watches);
	/*
	 * Pairs with the decrement in do_exit(): either the exit's probe finds the process, or the
	 * exit is seen here.
	 */
	smp_mb();
	if (atomic_read(&leader->signal->live))
		return watch;
	tracer_watch_remove(watch);
	return ERR_PTR(-ESRCH);

out_retire:
	if (list_empty(&process->watches))
		tracer_process_retire(process);
out_free:
	kfree(watch);
	return ERR_PTR(err);
}
