// SPDX-License-Identifier: GPL-2.0
#include <linux/binfmts.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "../compat.h"
#include "../news.h"
#include "news.h"
#include "owner.h"
#include "process.h"
#include "tree.h"
#include "watch.h"

static void on_fork(void *unused, struct task_struct *parent, struct task_struct *child)
{
	/* A thread is of its process already. */
	if (parent->signal != child->signal)
		tracer_follow(parent, child);
}

/* A program may run with more rights than who watches it has. */
static void on_exec(void *unused, struct task_struct *task, pid_t old, struct linux_binprm *binary)
{
	struct tracer_process *process;
	struct tracer_watch *watch, *next;

	if (!tracer_may_count(task))
		return;
	spin_lock_bh(&tracer_lock);
	process = tracer_process_of(task);
	if (!process)
		goto out;
	list_for_each_entry_safe(watch, next, &process->watches, node) {
		if (watch->owner && !tracer_owns(watch->owner, task))
			tracer_watch_leave(watch);
	}
out:
	spin_unlock_bh(&tracer_lock);
}

static void on_exit(SB_EXIT_ARGS)
{
	struct tracer_process *process;
	struct tracer_watch *watch, *next;

	if (atomic_read(&task->signal->live) || !tracer_may_count(task))
		return;
	spin_lock_bh(&tracer_lock);
	process = tracer_process_of(task);
	/* Several last threads may tell of the same exit. */
	if (!process || process->ended_ns)
		goto out;
	strscpy(process->comm, task->group_leader->comm, sizeof(process->comm));
	process->ended_ns = ktime_get_ns();
	list_for_each_entry_safe(watch, next, &process->watches, node)
		tracer_watch_end(watch);
out:
	spin_unlock_bh(&tracer_lock);
}

/*
 * A task is freed: the one whose number is the process's is the last. Until then it was counted,
 * with what the exit itself does.
 */
static void on_free(void *unused, struct task_struct *task)
{
	struct tracer_process *process;

	if (task->pid != task->tgid || !tracer_may_count(task))
		return;
	spin_lock_bh(&tracer_lock);
	process = tracer_process_of(task);
	if (process)
		tracer_process_retire(process);
	spin_unlock_bh(&tracer_lock);
}

static struct sb_news news[] = {
	{ .name = "sched_process_fork", .probe = on_fork },
	{ .name = "sched_process_exec", .probe = on_exec },
	{ .name = "sched_process_exit", .probe = on_exit },
	{ .name = "sched_process_free", .probe = on_free },
};

static struct sb_news_list all_news = { .news = news, .count = ARRAY_SIZE(news) };

/**
 * tracer_news_start() - follow processes from now on
 *
 * Return: as sb_news_start().
 */
int tracer_news_start(void)
{
	return sb_news_start(&all_news);
}

void tracer_news_stop(void)
{
	sb_news_stop(&all_news);
}
