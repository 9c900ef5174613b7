// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "arming.h"
#include "process.h"

static unsigned int max_processes = 16384;
module_param(max_processes, uint, 0444);
MODULE_PARM_DESC(max_processes, "how many processes can be counted at a time");

DEFINE_SPINLOCK(tracer_lock);
struct hlist_head tracer_table[TRACER_BUCKETS];
static unsigned int process_count; /* in the table; under tracer_lock */

/**
 * tracer_process_start() - count a process from now on
 * @leader: the leader of its threads
 *
 * Under tracer_lock. Does not wait for memory. The caller is its first watcher, or calls
 * tracer_process_retire().
 *
 * Return: the process, ERR_PTR(-ENOMEM), or ERR_PTR(-ENOSPC) at the limit.
 */
struct tracer_process *tracer_process_start(struct task_struct *leader)
{
	struct tracer_process *process;

	lockdep_assert_held(&tracer_lock);
	if (process_count >= max_processes)
		return ERR_PTR(-ENOSPC);
	process = kzalloc(sizeof(*process), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!process)
		return ERR_PTR(-ENOMEM);
	process->cpu = tracer_counts_get();
	if (!process->cpu) {
		kfree(process);
		return ERR_PTR(-ENOMEM);
	}
	process->signal = leader->signal;
	process->tgid = get_pid(task_tgid(leader));
	INIT_LIST_HEAD(&process->watches);
	refcount_set(&process->holders, 1);
	process->is_counted = true;
	process_count++;
	hlist_add_head_rcu(&process->node, tracer_bucket(leader));
	return process;
}

void tracer_process_hold(struct tracer_process *process)
{
	refcount_inc(&process->holders);
}

static void process_free(struct rcu_head *rcu)
{
	struct tracer_process *process = container_of(rcu, struct tracer_process, rcu);

	put_pid(process->tgid);
	kfree(process);
}

/**
 * tracer_process_put() - one holder fewer; those who read under RCU may go on
 * @process: the process
 */
void tracer_process_put(struct tracer_process *process)
{
	if (refcount_dec_and_test(&process->holders))
		call_rcu(&process->rcu, process_free);
}

static void process_recycle(struct rcu_head *rcu)
{
	struct tracer_process *process = container_of(rcu, struct tracer_process, rcu);

	tracer_counts_put(process->spent);
	tracer_process_put(process);
}

static void process_settle(struct rcu_head *rcu)
{
	struct tracer_process *process = container_of(rcu, struct tracer_process, rcu);

	tracer_counts_sum(process->cpu, &process->settled);
	process->spent = process->cpu;
	/* Pairs with tracer_process_sum(): who sees this sees the sums. */
	smp_store_release(&process->cpu, NULL);
	call_rcu(&process->rcu, process_recycle);
}

/**
 * tracer_process_retire() - no longer count a process; its sums stay, if somebody holds it
 * @process: the process; one that is not counted is left alone
 *
 * Under tracer_lock.
 */
void tracer_process_retire(struct tracer_process *process)
{
	lockdep_assert_held(&tracer_lock);
	if (!process->is_counted)
		return;
	process->is_counted = false;
	hlist_del_rcu(&process->node);
	if (!--process_count)
		tracer_arming_idle();
	/* Calls in progress may still count. */
	call_rcu(&process->rcu, process_settle);
}

/**
 * tracer_process_sum() - what has been counted, under RCU
 * @process: the process
 * @sum: the result
 */
void tracer_process_sum(struct tracer_process *process, struct tracer_counts *sum)
{
	/* Pairs with process_settle(). */
	struct tracer_counts __percpu *cpu = smp_load_acquire(&process->cpu);

	if (cpu)
		tracer_counts_sum(cpu, sum);
	else
		*sum = process->settled;
}

bool tracer_process_any(void)
{
	bool any;

	spin_lock_bh(&tracer_lock);
	any = process_count;
	spin_unlock_bh(&tracer_lock);
	return any;
}

/**
 * tracer_process_wait_for_all() - wait until what was given up is freed
 */
void tracer_process_wait_for_all(void)
{
	/* Settled, recycled, freed: each by a callback of the one before. */
	rcu_barrier();
	rcu_barrier();
	rcu_barrier();
}
