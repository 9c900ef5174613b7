// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "../compat.h"
#include "lease.h"
#include "member.h"
#include "process.h"

/**
 * sb_process_lives() - whether a process has a thread that runs
 * @tgid: the process
 */
bool sb_process_lives(struct pid *tgid)
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
 * sb_process_get() - a process that is named in a command
 * @number: in the pid namespace of the writer
 *
 * Return: a reference, or ERR_PTR(-ENOENT): none, a thread that leads no others, or one that has
 * ended.
 */
struct pid *sb_process_get(pid_t number)
{
	struct pid *tgid = find_get_pid(number);

	if (tgid && sb_process_lives(tgid))
		return tgid;
	put_pid(tgid);
	return ERR_PTR(-ENOENT);
}

static void on_fork(void *unused, struct task_struct *parent, struct task_struct *child)
{
	/* A thread is of its process already. */
	if (parent->signal != child->signal)
		sb_member_fork(parent, child);
}

static void on_exit(SB_EXIT_ARGS)
{
	if (atomic_read(&task->signal->live))
		return;
	sb_member_exit(task);
	sb_lease_exit(task_tgid(task));
}

/* The kernel exports no symbols of these tracepoints: they are found by name. */
static struct {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint;
} news[] = {
	{ .name = "sched_process_fork", .probe = on_fork },
	{ .name = "sched_process_exit", .probe = on_exit },
};

static void match_tracepoint(struct tracepoint *tracepoint, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(news); i++) {
		if (!strcmp(tracepoint->name, news[i].name))
			news[i].tracepoint = tracepoint;
	}
}

static void news_stop(int count)
{
	while (count--)
		tracepoint_probe_unregister(news[count].tracepoint, news[count].probe, NULL);
	tracepoint_synchronize_unregister();
}

/**
 * sb_process_init_news() - follow forks and exits from now on
 *
 * Return: 0, -ENOENT when the kernel has no such tracepoints, or what their registration failed
 * with.
 */
int sb_process_init_news(void)
{
	int i, err;

	for_each_kernel_tracepoint(match_tracepoint, NULL);
	for (i = 0; i < ARRAY_SIZE(news); i++) {
		err = -ENOENT;
		if (news[i].tracepoint)
			err = tracepoint_probe_register(news[i].tracepoint, news[i].probe, NULL);
		if (err) {
			news_stop(i);
			return err;
		}
	}
	return 0;
}

void sb_process_exit_news(void)
{
	news_stop(ARRAY_SIZE(news));
}
