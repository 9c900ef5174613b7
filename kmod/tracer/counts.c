// SPDX-License-Identifier: GPL-2.0
#include <linux/build_bug.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "counts.h"

/*
 * A fork cannot wait for memory, and the kernel has few pages of it per CPU for those who cannot:
 * some are kept at hand, most of them from processes that have ended.
 */
#define TRACER_SPARE	64

static void refill(struct work_struct *work);

static struct tracer_counts __percpu *spare[TRACER_SPARE]; /* zero; under spare_lock */
static unsigned int spare_count; /* under spare_lock; read without, as a hint */
static DEFINE_SPINLOCK(spare_lock); /* taken by callbacks of RCU */
static DECLARE_WORK(refilling, refill);

static bool spare_push(struct tracer_counts __percpu *cpu)
{
	bool has_room;

	spin_lock_bh(&spare_lock);
	has_room = spare_count < TRACER_SPARE;
	if (has_room)
		spare[spare_count++] = cpu;
	spin_unlock_bh(&spare_lock);
	return has_room;
}

static struct tracer_counts __percpu *spare_pop(void)
{
	struct tracer_counts __percpu *cpu = NULL;

	spin_lock_bh(&spare_lock);
	if (spare_count)
		cpu = spare[--spare_count];
	spin_unlock_bh(&spare_lock);
	return cpu;
}

/**
 * tracer_counts_fill() - have some at hand; may wait for memory
 */
void tracer_counts_fill(void)
{
	while (READ_ONCE(spare_count) < TRACER_SPARE) {
		struct tracer_counts __percpu *cpu = alloc_percpu(struct tracer_counts);

		if (!cpu)
			return;
		if (!spare_push(cpu))
			free_percpu(cpu);
	}
}

static void refill(struct work_struct *work)
{
	tracer_counts_fill();
}

/**
 * tracer_counts_drain() - have none at hand; nobody asks for any meanwhile
 */
void tracer_counts_drain(void)
{
	struct tracer_counts __percpu *cpu;

	cancel_work_sync(&refilling);
	while ((cpu = spare_pop()))
		free_percpu(cpu);
}

/**
 * tracer_counts_get() - counts of a process, all zero
 *
 * Does not wait.
 *
 * Return: for tracer_counts_put(), or NULL without memory.
 */
struct tracer_counts __percpu *tracer_counts_get(void)
{
	struct tracer_counts __percpu *cpu = spare_pop();

	if (READ_ONCE(spare_count) < TRACER_SPARE / 2)
		schedule_work(&refilling);
	if (!cpu)
		cpu = alloc_percpu_gfp(struct tracer_counts, GFP_NOWAIT | __GFP_NOWARN);
	return cpu;
}

/**
 * tracer_counts_put() - counts that nobody writes or reads any more
 * @cpu: the counts
 */
void tracer_counts_put(struct tracer_counts __percpu *cpu)
{
	int i;

	for_each_possible_cpu(i)
		memset(per_cpu_ptr(cpu, i), 0, sizeof(*cpu));
	if (!spare_push(cpu))
		free_percpu(cpu);
}

void tracer_counts_sum(struct tracer_counts __percpu *cpu, struct tracer_counts *sum)
{
	int figure, i;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(i) {
		const struct tracer_counts *counts = per_cpu_ptr(cpu, i);

		for (figure = 0; figure < TRACER_FIGURES; figure++)
			sum->count[figure] += READ_ONCE(counts->count[figure]);
	}
}

void tracer_counts_add(struct tracer_counts *sum, const struct tracer_counts *more)
{
	int figure;

	for (figure = 0; figure < TRACER_FIGURES; figure++)
		sum->count[figure] += more->count[figure];
}

void tracer_counts_subtract(struct tracer_counts *sum, const struct tracer_counts *less)
{
	int figure;

	for (figure = 0; figure < TRACER_FIGURES; figure++)
		sum->count[figure] -= less->count[figure];
}

/**
 * tracer_counts_tell() - sums as the interface has them
 * @sum: the sums
 * @figures: the result
 */
void tracer_counts_tell(const struct tracer_counts *sum, struct tracer_figures *figures)
{
	BUILD_BUG_ON(sizeof(*figures) != sizeof(*sum));
	memcpy(figures, sum, sizeof(*figures));
}
