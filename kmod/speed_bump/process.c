// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>

#include "../compat.h"
#include "../live.h"
#include "../news.h"
#include "lease.h"
#include "member.h"
#include "process.h"

/**
 * sb_process_get() - a process that is named in a command
 * @number: in the pid namespace of the writer
 *
 * Return: a reference, or ERR_PTR(-ENOENT): none, a thread that leads no others, or one that has
 * ended.
 */
struct pid *sb_process_get(pid_t number)
{
	struct pid *tgid = sb_process_find(number);

	return tgid ? tgid : ERR_PTR(-ENOENT);
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

static struct sb_news news[] = {
	{ .name = "sched_process_fork", .probe = on_fork },
	{ .name = "sched_process_exit", .probe = on_exit },
};

static struct sb_news_list all_news = { .news = news, .count = ARRAY_SIZE(news) };

/**
 * sb_process_init_news() - follow forks and exits from now on
 *
 * Return: as sb_news_start().
 */
int sb_process_init_news(void)
{
	return sb_news_start(&all_news);
}

void sb_process_exit_news(void)
{
	sb_news_stop(&all_news);
}
