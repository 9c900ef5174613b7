// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/xarray.h>

#include "../live.h"
#include "arming.h"
#include "owner.h"
#include "process.h"
#include "session.h"
#include "tree.h"
#include "watch.h"

/*
 * Whose processes may be watched, or NULL for all: a descriptor that somebody without the right to
 * all has opened gives no more to who got it from them.
 */
static const struct cred *caller(const struct tracer_session *session)
{
	return capable(CAP_SYS_ADMIN) ? session->opener : current_cred();
}

/* The leader of a process, a reference held; or ERR_PTR(-ESRCH), ERR_PTR(-EPERM). */
static struct task_struct *leader_of(unsigned long number, const struct cred *owner)
{
	struct task_struct *leader;
	struct pid *tgid;

	if (!number || number > INT_MAX)
		return ERR_PTR(-ESRCH);
	tgid = sb_process_find(number);
	if (!tgid)
		return ERR_PTR(-ESRCH);
	leader = get_pid_task(tgid, PIDTYPE_TGID);
	put_pid(tgid);
	if (!leader)
		return ERR_PTR(-ESRCH);
	if (owner && !tracer_owns(owner, leader)) {
		put_task_struct(leader);
		return ERR_PTR(-EPERM);
	}
	return leader;
}

/* Under tracer_lock. */
static int add(struct tracer_session *session, struct task_struct *leader,
	       const struct cred *owner, bool is_root)
{
	struct tracer_watch *watch;

	if (tracer_watch_find(session, leader))
		return -EEXIST;
	watch = tracer_watch_start(session, leader, owner);
	if (IS_ERR(watch))
		return PTR_ERR(watch);
	watch->is_root = is_root;
	return 0;
}

/* Under RCU and tracer_lock. */
static bool is_child(const struct tracer_session *session, struct task_struct *leader)
{
	struct task_struct *parent = rcu_dereference(leader->real_parent);

	return tracer_watch_find(session, parent) && !tracer_watch_find(session, leader);
}

/*
 * Brings those in whose parents are in, in one look at all processes. Forks go on meanwhile: a
 * child whose parent is in already comes in by its fork, and one that was forked before is seen by
 * the next look.
 */
static unsigned int join_children(struct tracer_session *session, const struct cred *owner,
				  unsigned int *refused)
{
	struct task_struct *leader;
	unsigned int joined = 0;

	*refused = 0;
	/*
	 * Pairs with the barrier in tracer_follow(): what was linked before its look at the parent
	 * is seen here.
	 */
	smp_mb();
	rcu_read_lock();
	for_each_process(leader) {
		int err = -ESRCH;

		if (!tracer_may_count(rcu_dereference(leader->real_parent)))
			continue;
		spin_lock_bh(&tracer_lock);
		if (is_child(session, leader) && (!owner || tracer_owns(owner, leader)))
			err = add(session, leader, owner, false);
		spin_unlock_bh(&tracer_lock);
		joined += !err;
		*refused += err && err != -ESRCH;
	}
	rcu_read_unlock();
	return joined;
}

static void gather(struct tracer_session *session, const struct cred *owner)
{
	unsigned int refused;

	while (join_children(session, owner, &refused))
		cond_resched();
	if (!refused)
		return;
	spin_lock_bh(&tracer_lock);
	while (refused--)
		tracer_session_miss(session);
	spin_unlock_bh(&tracer_lock);
}

static int watch(struct tracer_session *session, const struct cred *owner, unsigned long number)
{
	struct task_struct *leader;
	int err;

	leader = leader_of(number, owner);
	if (IS_ERR(leader))
		return PTR_ERR(leader);
	err = tracer_arming_begin();
	if (err)
		goto out_put;
	spin_lock_bh(&tracer_lock);
	err = add(session, leader, owner, true);
	spin_unlock_bh(&tracer_lock);
	if (!err && session != &tracer_list)
		gather(session, owner);
	tracer_arming_end();
out_put:
	put_task_struct(leader);
	return err;
}

/**
 * tracer_add_process() - add a process to the list
 * @session: who asks
 * @number: its id, in the caller's pid namespace
 *
 * Return: 0, -ESRCH, -EEXIST, -EPERM, -ENOMEM, -ENOSPC, -EINTR, or why the kernel cannot be traced.
 */
int tracer_add_process(const struct tracer_session *session, unsigned long number)
{
	return watch(&tracer_list, caller(session), number);
}

/**
 * tracer_add_tree() - watch a process and its descendants
 * @session: for whom
 * @number: its id, in the caller's pid namespace
 *
 * A descendant that finds no memory, or no room, is counted as missed.
 *
 * Return: as tracer_add_process().
 */
int tracer_add_tree(struct tracer_session *session, unsigned long number)
{
	return watch(session, caller(session), number);
}

/* A row of a process that may be gone: by the id it had. */
static int remove_row(struct tracer_session *session, pid_t number)
{
	unsigned long id = 0;
	bool is_found = false;

	for (;;) {
		struct tracer_watch *watch;

		spin_lock_bh(&tracer_lock);
		watch = xa_find_after(&session->watches, &id, ULONG_MAX, XA_PRESENT);
		is_found = watch && pid_vnr(watch->process->tgid) == number;
		if (is_found)
			tracer_watch_remove(watch);
		spin_unlock_bh(&tracer_lock);
		if (is_found || !watch)
			return is_found ? 0 : -ESRCH;
		cond_resched();
	}
}

/* Whether a session had a process, and has it no more. */
static bool remove_process(struct tracer_session *session, struct task_struct *leader)
{
	struct tracer_watch *watch;

	spin_lock_bh(&tracer_lock);
	watch = tracer_watch_find(session, leader);
	if (watch)
		tracer_watch_remove(watch);
	spin_unlock_bh(&tracer_lock);
	return watch;
}

/**
 * tracer_remove() - forget a process: this session's row, otherwise that of the list
 * @session: whose
 * @number: the id of the process, in the caller's pid namespace
 *
 * Return: 0, -ESRCH, -ENOENT when it is not watched, or -EPERM.
 */
int tracer_remove(struct tracer_session *session, unsigned long number)
{
	struct task_struct *leader = leader_of(number, NULL);
	const struct cred *owner = caller(session);
	int err = 0;

	if (IS_ERR(leader))
		return number && number <= INT_MAX ? remove_row(session, number) : -ESRCH;
	if (!remove_process(session, leader) && remove_row(session, number)) {
		if (owner && !tracer_owns(owner, leader))
			err = -EPERM;
		else if (!remove_process(&tracer_list, leader))
			err = -ENOENT;
	}
	put_task_struct(leader);
	return err;
}

/**
 * tracer_follow() - a child is watched by whoever follows its parent
 * @parent: the thread that forked
 * @child: the leader of the new process
 *
 * Called before the child runs, with preemption off.
 */
void tracer_follow(struct task_struct *parent, struct task_struct *child)
{
	struct tracer_process *process;
	struct tracer_watch *watch;

	/* Pairs with the barrier in join_children(). */
	smp_mb();
	if (!tracer_may_count(parent))
		return;
	spin_lock_bh(&tracer_lock);
	process = tracer_process_of(parent);
	if (!process)
		goto out;
	list_for_each_entry(watch, &process->watches, node) {
		struct tracer_session *session = watch->session;

		if (session == &tracer_list || session->is_closing)
			continue;
		if (add(session, child, watch->owner, false))
			tracer_session_miss(session);
	}
out:
	spin_unlock_bh(&tracer_lock);
}
