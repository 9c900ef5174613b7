/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a process has a thread that runs. */
#ifndef SB_LIVE_H
#define SB_LIVE_H

#include <linux/pid.h>
#include <linux/sched/signal.h>

/**
 * sb_process_lives() - whether a process has a thread that runs
 * @tgid: the process
 */
static inline bool sb_process_lives(struct pid *tgid)
{
	struct task_struct *leader;
	bool lives;

	rcu_read_lock();
	leader = pid_task(tgid, PIDTYPE_TGID);
	lives = leader && atomic_read(&leader->signal->live);
	rcu_read_unlock();
	return lives;
}

/**
 * sb_process_find() - a process by its number
 * @number: in the pid namespace of the caller
 *
 * Return: a reference, or NULL: none, a thread that leads no others, or one that has ended.
 */
static inline struct pid *sb_process_find(pid_t number)
{
	struct pid *tgid = find_get_pid(number);

	if (tgid && sb_process_lives(tgid))
		return tgid;
	put_pid(tgid);
	return NULL;
}

#endif
