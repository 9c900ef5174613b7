/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that are counted, in a hash table that every call of a counted function looks at. */
#ifndef TRACER_PROCESS_H
#define TRACER_PROCESS_H

#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "counts.h"

#define TRACER_BUCKETS	4096

/**
 * struct tracer_process - a process
 * @node: in tracer_table while it is counted; added and removed under tracer_lock, read under RCU
 * @signal: what all of its threads share, and no other process before it is freed; only compared
 * @tgid: a reference held
 * @cpu: NULL when the counts are settled
 * @settled: the sums, when they do not change any more
 * @spent: the counts per CPU, until nobody reads them
 * @watches: those who watch it; changed under tracer_lock, read under RCU
 * @holders: watches, and one while counts per CPU are there
 * @ended_ns: when its last thread ended, CLOCK_MONOTONIC, or 0; under tracer_lock
 * @comm: the name it had then
 * @is_counted: in the table; under tracer_lock
 * @rcu: for what follows
 */
struct tracer_process {
	struct hlist_node node;
	const struct signal_struct *signal;
	struct pid *tgid;
	struct tracer_counts __percpu *cpu;
	struct tracer_counts settled;
	struct tracer_counts __percpu *spent;
	struct list_head watches;
	refcount_t holders;
	u64 ended_ns;
	char comm[TASK_COMM_LEN];
	bool is_counted;
	struct rcu_head rcu;
};

/* All that is changed of processes and watches; taken by forks, exits and callbacks of RCU. */
extern spinlock_t tracer_lock;

extern struct hlist_head tracer_table[TRACER_BUCKETS];

/* Process ids follow each other: neighbours do not meet in a bucket. */
static __always_inline struct hlist_head *tracer_bucket(const struct task_struct *task)
{
	return &tracer_table[(u32)task->tgid % TRACER_BUCKETS];
}

/* Whether a look at the table can be spared. */
static __always_inline bool tracer_may_count(const struct task_struct *task)
{
	return READ_ONCE(tracer_bucket(task)->first);
}

/**
 * tracer_process_of() - the process of a task, if it is counted
 * @task: the task
 *
 * With preemption off, or under tracer_lock. From functions that are traced: uses nothing that may
 * be traced, or that checks locks.
 *
 * Return: the process, or NULL.
 */
static __always_inline struct tracer_process *tracer_process_of(const struct task_struct *task)
{
	const struct signal_struct *signal = READ_ONCE(task->signal);
	struct tracer_process *process;

	hlist_for_each_entry_rcu_notrace(process, tracer_bucket(task), node) {
		if (process->signal == signal)
			return process;
	}
	return NULL;
}

/* With preemption off. */
static __always_inline void tracer_process_count(struct tracer_process *process,
						 enum tracer_figure figure, u64 amount)
{
	this_cpu_add(process->cpu->count[figure], amount);
}

struct tracer_process *tracer_process_start(struct task_struct *leader);
void tracer_process_hold(struct tracer_process *process);
void tracer_process_put(struct tracer_process *process);
void tracer_process_retire(struct tracer_process *process);
void tracer_process_sum(struct tracer_process *process, struct tracer_counts *sum);

bool tracer_process_any(void);
void tracer_process_wait_for_all(void);

#endif
