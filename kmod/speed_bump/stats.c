// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/percpu.h>

#include "stats.h"

#define SB_LAST_OCTAVE	34
#define SB_BUCKETS_2	((SB_LAST_OCTAVE - 1 + 2) * 2)
#define SB_BUCKETS_16	((SB_LAST_OCTAVE - 4 + 2) * 16)

struct sb_buckets_2 { u64 count[SB_BUCKETS_2]; };
struct sb_buckets_16 { u64 count[SB_BUCKETS_16]; };

/* Go on when a target goes: sums over targets would fall. */
static struct sb_stats totals;

u32 sb_stats_buckets(u32 per_octave)
{
	return per_octave == 16 ? SB_BUCKETS_16 : per_octave == 2 ? SB_BUCKETS_2 : 0;
}

/**
 * sb_stats_init() - make room for a target's figures, all zero
 * @stats: the figures
 * @per_octave: buckets an octave: 0, 2 or 16
 *
 * Return: 0 or -ENOMEM.
 */
int sb_stats_init(struct sb_stats *stats, u32 per_octave)
{
	stats->per_octave = per_octave;
	stats->cpu = alloc_percpu(struct sb_cpu_figures);
	if (!stats->cpu)
		return -ENOMEM;
	if (per_octave == 16)
		stats->histogram = (u64 __percpu *)alloc_percpu(struct sb_buckets_16);
	else if (per_octave == 2)
		stats->histogram = (u64 __percpu *)alloc_percpu(struct sb_buckets_2);
	if (per_octave && !stats->histogram) {
		sb_stats_destroy(stats);
		return -ENOMEM;
	}
	return 0;
}

void sb_stats_destroy(struct sb_stats *stats)
{
	free_percpu(stats->histogram);
	free_percpu(stats->cpu);
	stats->histogram = NULL;
	stats->cpu = NULL;
}

int sb_stats_init_totals(void)
{
	return sb_stats_init(&totals, 0);
}

void sb_stats_exit_totals(void)
{
	sb_stats_destroy(&totals);
}

/**
 * sb_stats_add() - count for a target and for all
 * @stats: the target's figures
 * @figure: which
 * @amount: how much
 */
void sb_stats_add(struct sb_stats *stats, enum sb_figure figure, u64 amount)
{
	this_cpu_add(stats->cpu->sum[figure], amount);
	this_cpu_add(totals.cpu->sum[figure], amount);
}

/*
 * Values below @per_octave are their own bucket; above, the bits below the highest part each
 * octave.
 */
static u32 bucket_of(u64 value, u32 per_octave)
{
	u32 shift = ilog2(per_octave);
	u32 octave;

	if (value < per_octave)
		return value;
	octave = ilog2(value);
	if (octave > SB_LAST_OCTAVE)
		return sb_stats_buckets(per_octave) - 1;
	return (octave - shift + 1) * per_octave + ((value >> (octave - shift)) & (per_octave - 1));
}

/**
 * sb_stats_add_whole() - count a delay that ran to its end
 * @stats: the target's figures
 * @added_ns: what the hit took longer
 */
void sb_stats_add_whole(struct sb_stats *stats, u64 added_ns)
{
	struct sb_cpu_figures *figures;

	sb_stats_add(stats, SB_ADDED_NS, added_ns);
	figures = get_cpu_ptr(stats->cpu);
	if (added_ns > figures->max_ns)
		WRITE_ONCE(figures->max_ns, added_ns);
	if (~added_ns > figures->least_ns)
		WRITE_ONCE(figures->least_ns, ~added_ns);
	put_cpu_ptr(stats->cpu);
	if (stats->histogram)
		this_cpu_inc(stats->histogram[bucket_of(added_ns, stats->per_octave)]);
}

/**
 * sb_stats_read() - sum a target's figures
 * @stats: the target's figures
 * @sums: the result
 *
 * Nothing stops meanwhile: figures that come later in the order of a hit are read first, so that no
 * part exceeds the whole.
 */
void sb_stats_read(const struct sb_stats *stats, struct sb_sums *sums)
{
	u64 max_ns = 0, least_ns = 0;
	int figure, cpu;

	memset(sums, 0, sizeof(*sums));
	for (figure = SB_FIGURES - 1; figure >= 0; figure--) {
		for_each_possible_cpu(cpu)
			sums->sum[figure] += READ_ONCE(per_cpu_ptr(stats->cpu, cpu)->sum[figure]);
		/* Pairs with nothing but the order of each CPU's own additions. */
		smp_rmb();
	}
	for_each_possible_cpu(cpu) {
		const struct sb_cpu_figures *figures = per_cpu_ptr(stats->cpu, cpu);

		max_ns = max(max_ns, READ_ONCE(figures->max_ns));
		least_ns = max(least_ns, READ_ONCE(figures->least_ns));
	}
	sums->has_whole = least_ns != 0;
	sums->min_ns = ~least_ns;
	sums->max_ns = max_ns;
	sums->misses = sums->sum[SB_LOST];
	if (sums->sum[SB_ENTRIES] > sums->sum[SB_RETURNS])
		sums->misses += sums->sum[SB_ENTRIES] - sums->sum[SB_RETURNS];
}

void sb_stats_read_totals(struct sb_sums *sums)
{
	sb_stats_read(&totals, sums);
}

u64 sb_stats_bucket(const struct sb_stats *stats, u32 bucket)
{
	u64 count = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		count += READ_ONCE(per_cpu_ptr(stats->histogram, cpu)[bucket]);
	return count;
}
