/* SPDX-License-Identifier: GPL-2.0 */
/* What is counted: per CPU, written without locks by whoever runs there, summed when read. */
#ifndef TRACER_COUNTS_H
#define TRACER_COUNTS_H

#include <linux/percpu.h>
#include <linux/types.h>

#include "../include/uapi/tracer.h"

/* In the order of struct tracer_figures. */
enum tracer_figure {
	TRACER_KMALLOC,
	TRACER_KFREE,
	TRACER_KMALLOC_MEM,
	TRACER_KFREE_MEM,
	TRACER_SCHED,
	TRACER_UP,
	TRACER_DOWN,
	TRACER_LOCK,
	TRACER_UNLOCK,
	TRACER_UNKNOWN,
	TRACER_FIGURES
};

/**
 * struct tracer_counts - counts of one CPU, or sums
 * @count: by enum tracer_figure
 */
struct tracer_counts {
	u64 count[TRACER_FIGURES];
};

struct tracer_counts __percpu *tracer_counts_get(void);
void tracer_counts_put(struct tracer_counts __percpu *cpu);
void tracer_counts_sum(struct tracer_counts __percpu *cpu, struct tracer_counts *sum);
void tracer_counts_add(struct tracer_counts *sum, const struct tracer_counts *more);
void tracer_counts_subtract(struct tracer_counts *sum, const struct tracer_counts *less);
void tracer_counts_tell(const struct tracer_counts *sum, struct tracer_figures *figures);

void tracer_counts_fill(void);
void tracer_counts_drain(void);

#endif
