// SPDX-License-Identifier: GPL-2.0
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../compat.h"
#include "calls.h"
#include "process.h"
#include "sizes.h"
#include "symbols.h"

#ifndef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#error "the kernel cannot trace functions with their arguments"
#endif

/* A call is traced at one of the first instructions of its function. */
#define TRACER_ENTRY_BYTES	16

/* Wrappers in progress, over all CPUs: one may end on another than it began on. */
static DEFINE_PER_CPU(long, wrapped);

static __always_inline bool is_at(unsigned long ip, enum tracer_symbol symbol)
{
	return ip - tracer_symbols[symbol] < TRACER_ENTRY_BYTES;
}

/*
 * The process that a call is charged to, or NULL: an interrupt's is nobody's, and neither is what
 * this module does for whoever asks it. With preemption off.
 */
static __always_inline struct tracer_process *charged(unsigned long parent_ip)
{
	if (!in_task() || sb_is_own_code(parent_ip))
		return NULL;
	return tracer_process_of(current);
}

static __always_inline enum tracer_figure figure_at(unsigned long ip)
{
	if (is_at(ip, TRACER_AT_LOCK))
		return TRACER_LOCK;
	if (is_at(ip, TRACER_AT_UNLOCK))
		return TRACER_UNLOCK;
	if (is_at(ip, TRACER_AT_SCHEDULE))
		return TRACER_SCHED;
	return is_at(ip, TRACER_AT_UP) ? TRACER_UP : TRACER_DOWN;
}

static noinline notrace void count_call(unsigned long ip, unsigned long parent_ip)
{
	struct tracer_process *process;

	preempt_disable_notrace();
	process = charged(parent_ip);
	if (process)
		tracer_process_count(process, figure_at(ip), 1);
	preempt_enable_notrace();
}

/* Most calls are of processes that nobody watches: for them as little as possible. */
static notrace void on_call(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			    struct ftrace_regs *fregs)
{
	if (unlikely(tracer_may_count(current)))
		count_call(ip, parent_ip);
}

static noinline notrace void count_free(unsigned long address, unsigned long parent_ip)
{
	struct tracer_process *process;
	size_t bytes = 0;
	bool is_known;

	preempt_disable_notrace();
	is_known = ZERO_OR_NULL_PTR((void *)address) ||
		   (tracer_sizes_may_have(address) && tracer_sizes_take(address, &bytes));
	process = charged(parent_ip);
	if (process) {
		tracer_process_count(process, TRACER_KFREE, 1);
		if (is_known)
			tracer_process_count(process, TRACER_KFREE_MEM, bytes);
		else
			tracer_process_count(process, TRACER_UNKNOWN, 1);
	}
	preempt_enable_notrace();
}

/* Memory of kmalloc whose free waited for RCU is given back in bulk, without a call of kfree. */
static noinline notrace void forget_bulk(struct ftrace_regs *fregs)
{
	size_t count = sb_ftrace_argument(fregs, 1), i, bytes;
	void **addresses = (void **)sb_ftrace_argument(fregs, 2);

	if (sb_ftrace_argument(fregs, 0))
		return;
	for (i = 0; i < count; i++) {
		unsigned long address = (unsigned long)addresses[i];

		if (tracer_sizes_may_have(address))
			tracer_sizes_take(address, &bytes);
	}
}

/*
 * What a watched process allocated may be freed by anybody. The first argument of
 * kmem_cache_free_bulk is NULL when the memory is of kmalloc.
 */
static notrace void on_free(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			    struct ftrace_regs *fregs)
{
	unsigned long address = sb_ftrace_argument(fregs, 0);

	if (likely(address && !tracer_may_count(current) && !tracer_sizes_may_have(address)))
		return;
	if (is_at(ip, TRACER_AT_FREE_BULK))
		forget_bulk(fregs);
	else
		count_free(address, parent_ip);
}

static notrace void count_allocation(const void *memory, size_t bytes)
{
	struct tracer_process *process;

	preempt_disable_notrace();
	process = tracer_process_of(current);
	if (process) {
		tracer_process_count(process, TRACER_KMALLOC, 1);
		if (!ZERO_OR_NULL_PTR(memory)) {
			tracer_process_count(process, TRACER_KMALLOC_MEM, bytes);
			tracer_sizes_add((unsigned long)memory, bytes);
		}
	}
	preempt_enable_notrace();
}

/*
 * Stands in for __kmalloc where a watched process calls it: size and address stay together on its
 * stack, however long the allocation sleeps, and whatever else is allocated meanwhile.
 */
static noinline notrace void *kmalloc_counted(size_t bytes, gfp_t flags)
{
	void *memory;

	this_cpu_inc(wrapped);
	memory = sb_kmalloc(bytes, flags);
	count_allocation(memory, bytes);
	this_cpu_dec(wrapped);
	return memory;
}

static noinline notrace void redirect(unsigned long parent_ip, struct ftrace_regs *fregs)
{
	preempt_disable_notrace();
	/* The call of the wrapper itself comes from this module. */
	if (charged(parent_ip))
		sb_ftrace_redirect(fregs, (unsigned long)kmalloc_counted);
	preempt_enable_notrace();
}

static notrace void on_allocate(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				struct ftrace_regs *fregs)
{
	if (unlikely(tracer_may_count(current)))
		redirect(parent_ip, fregs);
}

/* Nobody may turn tracing off meanwhile: kernel.ftrace_enabled stays 1. */
static struct ftrace_ops call_ops = { .func = on_call, .flags = FTRACE_OPS_FL_PERMANENT };
static struct ftrace_ops free_ops = { .func = on_free, .flags = FTRACE_OPS_FL_PERMANENT };
static struct ftrace_ops allocate_ops = {
	.func = on_allocate,
	.flags = FTRACE_OPS_FL_PERMANENT | FTRACE_OPS_FL_IPMODIFY,
};

static const struct {
	struct ftrace_ops *ops;
	enum tracer_symbol first;
	unsigned int count;
} traced[] = {
	{ &free_ops, TRACER_AT_KFREE, 2 },
	{ &call_ops, TRACER_AT_SCHEDULE, 5 },
	/* The last: where somebody else has replaced __kmalloc, it fails. */
	{ &allocate_ops, TRACER_AT_KMALLOC, 1 },
};

static int trace_start(unsigned int i)
{
	int err = ftrace_set_filter_ips(traced[i].ops, &tracer_symbols[traced[i].first],
					traced[i].count, 0, 1);

	if (!err)
		err = register_ftrace_function(traced[i].ops);
	return err;
}

static void trace_stop(unsigned int i)
{
	unregister_ftrace_function(traced[i].ops);
	/* Its filter is memory of the kernel's. */
	ftrace_set_filter_ips(traced[i].ops, &tracer_symbols[traced[i].first], traced[i].count, 1,
			      0);
}

static long wrapped_sum(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(&wrapped, cpu));
	return sum;
}

/**
 * tracer_calls_stop() - no call is traced any more when this returns
 */
void tracer_calls_stop(void)
{
	unsigned int i = ARRAY_SIZE(traced);

	while (i--)
		trace_stop(i);
	/*
	 * Who was sent to the wrapper is in it by now: the kernel waited for all that had not left
	 * the CPU by their own will. Nobody enters it, so that the sum only falls.
	 */
	while (wrapped_sum())
		schedule_timeout_uninterruptible(1);
	/* The wrapper's last instructions. */
	synchronize_rcu_tasks();
}

/**
 * tracer_calls_start() - trace calls from now on
 *
 * Return: 0, -EBUSY when somebody else has replaced a function or has turned tracing off, or what
 * else the registration failed with.
 */
int tracer_calls_start(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(traced); i++) {
		err = trace_start(i);
		if (err)
			goto out_stop;
	}
	return 0;

out_stop:
	ftrace_set_filter_ips(traced[i].ops, &tracer_symbols[traced[i].first], traced[i].count, 1,
			      0);
	while (i--)
		trace_stop(i);
	return err;
}
