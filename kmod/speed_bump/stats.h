/* SPDX-License-Identifier: GPL-2.0 */
/* Figures: per CPU, written without locks by whoever runs there, summed when read. */
#ifndef SPEED_BUMP_STATS_H
#define SPEED_BUMP_STATS_H

#include <linux/types.h>

/* docs/speed_bump.md says what each counts. */
enum sb_figure {
	SB_HITS,
	SB_ENTRIES,	/* of functions whose return is probed */
	SB_RETURNS,
	SB_DELAYED,
	SB_CUT,
	SB_CLIPPED,
	SB_LOST,	/* hits whose delay could not be queued */
	SB_OUTSIDE,
	SB_ADDED_NS,
	SB_OVERHEAD_NS,
	SB_FIGURES
};

/**
 * struct sb_cpu_figures - figures of one CPU
 * @sum: by enum sb_figure
 * @max_ns: greatest time that a whole delay added
 * @least_ns: complement of the smallest, so that 0 is none
 */
struct sb_cpu_figures {
	u64 sum[SB_FIGURES];
	u64 max_ns;
	u64 least_ns;
};

/**
 * struct sb_stats - figures of one target
 * @cpu: written with this_cpu_*() and with preemption off
 * @histogram: counts by bucket, likewise; NULL when none is kept
 * @per_octave: buckets an octave, 0, 2 or 16
 */
struct sb_stats {
	struct sb_cpu_figures __percpu *cpu;
	u64 __percpu *histogram;
	u32 per_octave;
};

/**
 * struct sb_sums - figures as read
 * @sum: by enum sb_figure
 * @misses: executions that were not counted or not delayed
 * @min_ns: the smallest time that a whole delay added; means nothing before one ended
 * @max_ns: the greatest, likewise
 * @has_whole: whether one has ended
 */
struct sb_sums {
	u64 sum[SB_FIGURES];
	u64 misses;
	u64 min_ns;
	u64 max_ns;
	bool has_whole;
};

int sb_stats_init(struct sb_stats *stats, u32 per_octave);
void sb_stats_destroy(struct sb_stats *stats);

void sb_stats_add(struct sb_stats *stats, enum sb_figure figure, u64 amount);
void sb_stats_add_whole(struct sb_stats *stats, u64 added_ns);

void sb_stats_read(const struct sb_stats *stats, struct sb_sums *sums);
void sb_stats_read_totals(struct sb_sums *sums);
u32 sb_stats_buckets(u32 per_octave);
u64 sb_stats_bucket(const struct sb_stats *stats, u32 bucket);

int sb_stats_init_totals(void);
void sb_stats_exit_totals(void);

#endif
