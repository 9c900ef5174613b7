// SPDX-License-Identifier: GPL-2.0
#include "delay.h"
#include "hit.h"
#include "plan.h"
#include "target.h"

static bool is_fulfilled(const struct sb_place *place, u64 flags)
{
	return !place->mask || !!(flags & place->mask) == place->when_set;
}

/* A hit whose delay cannot be queued is a miss. */
static void delay_hit(struct sb_target *target, unsigned int life, u64 now_ns,
		      const struct sb_decision *decision)
{
	struct sb_delay_order order = {
		.life = life,
		.how = decision->how,
		.begun_ns = now_ns,
		.length_ns = decision->delay_ns,
		.floor_ns = decision->floor_ns,
	};

	if (decision->compensate)
		order.length_ns -= min(decision->delay_ns, decision->floor_ns);
	if (order.length_ns && sb_delay_queue(target, &order)) {
		if (decision->is_spent)
			atomic64_dec(&target->spent);
		sb_stats_add(&target->stats, SB_LOST, 1);
		return;
	}
	sb_stats_add(&target->stats, SB_HITS, 1);
	sb_stats_add(&target->stats, SB_DELAYED, 1);
	if (!order.length_ns)
		sb_stats_add_whole(&target->stats, decision->floor_ns);
}

/**
 * sb_hit() - a site was executed in scope
 * @site: the site
 * @flags: register of the condition flags
 * @now_ns: when the handler was entered, CLOCK_MONOTONIC
 */
void sb_hit(struct sb_site *site, u64 flags, u64 now_ns)
{
	struct sb_target *target = site->target;
	unsigned int life = READ_ONCE(target->life);
	struct sb_decision decision;

	if (!(life & 1) || !is_fulfilled(&site->place, flags))
		return;
	if (!sb_plan_decide(target, site - target->sites, now_ns, &decision))
		return;
	if (decision.is_clipped)
		sb_stats_add(&target->stats, SB_CLIPPED, 1);
	if (decision.is_chosen) {
		delay_hit(target, life, now_ns, &decision);
		return;
	}
	sb_stats_add(&target->stats, SB_HITS, 1);
	sb_stats_add(&target->stats, SB_OVERHEAD_NS, decision.floor_ns);
}

/**
 * sb_hit_entry() - a function whose return is probed was entered in scope
 * @target: whose site it is
 *
 * The kernel drops return probes that nest too deep, and never sees a return that longjmp() takes:
 * what entries exceed returns by was missed.
 */
void sb_hit_entry(struct sb_target *target)
{
	if (READ_ONCE(target->life) & 1)
		sb_stats_add(&target->stats, SB_ENTRIES, 1);
}

/**
 * sb_hit_return() - a function returned in scope
 * @site: of the function
 * @flags: as for sb_hit()
 * @now_ns: as for sb_hit()
 */
void sb_hit_return(struct sb_site *site, u64 flags, u64 now_ns)
{
	if (READ_ONCE(site->target->life) & 1)
		sb_stats_add(&site->target->stats, SB_RETURNS, 1);
	sb_hit(site, flags, now_ns);
}
