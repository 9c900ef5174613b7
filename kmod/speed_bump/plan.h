/* SPDX-License-Identifier: GPL-2.0 */
/* Delay and schedule of a target: made by an add, replaced as a whole by an update. */
#ifndef SPEED_BUMP_PLAN_H
#define SPEED_BUMP_PLAN_H

#include <linux/rcupdate.h>

#include "command.h"

struct sb_target;

/**
 * struct sb_plan - what is to be done at a hit
 *
 * Never changes once hits can see it.
 *
 * @rcu: for freeing
 * @delay_ns: the fixed delay
 * @dist: what is drawn instead, unless it is SB_FIXED
 * @how: spin or sleep
 * @every: which hits are chosen
 * @ordinal_base: the target's ordinal where the count for @every began
 * @times: delays at the most
 * @spent_base: the target's spent where the count for @times began
 * @probability_ppm: of a chosen hit
 * @start_ns: of the window, as asked
 * @duration_ns: of the window, as asked
 * @begun_ns: when the window was asked for, CLOCK_MONOTONIC
 * @compensate: floors are part of the delay
 * @floor_count: 0, 1 for all sites, or one a site
 * @floors: nanoseconds
 */
struct sb_plan {
	struct rcu_head rcu;
	u64 delay_ns;
	struct sb_dist dist;
	enum sb_how how;
	u64 every;
	u64 ordinal_base;
	u64 times;
	u64 spent_base;
	u32 probability_ppm;
	u64 start_ns;
	u64 duration_ns;
	u64 begun_ns;
	bool compensate;
	u32 floor_count;
	u64 floors[];
};

struct sb_plan *sb_plan_make(const struct sb_command *command, struct sb_target *target,
			     const struct sb_plan *old);

static inline u64 sb_plan_floor_ns(const struct sb_plan *plan, unsigned int site)
{
	return plan->floor_count ? plan->floors[plan->floor_count > 1 ? site : 0] : 0;
}

/**
 * struct sb_decision - what a hit is to suffer
 * @is_chosen: by the schedule, and the delay is not the fixed 0
 * @is_clipped: the draw was out of range
 * @is_spent: it took one of times=
 * @delay_ns: as asked; 0 unless @is_chosen
 * @floor_ns: of the site
 * @compensate: the floor is part of the delay
 * @how: spin or sleep
 */
struct sb_decision {
	bool is_chosen;
	bool is_clipped;
	bool is_spent;
	u64 delay_ns;
	u64 floor_ns;
	bool compensate;
	enum sb_how how;
};

bool sb_plan_decide(struct sb_target *target, unsigned int site, u64 now_ns,
		    struct sb_decision *decision);

#endif
