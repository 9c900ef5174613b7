// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "draw.h"
#include "plan.h"
#include "target.h"

#define SB_MILLION	1000000

static void plan_set_floors(struct sb_plan *plan, const struct sb_command *command)
{
	const char *cursor = command->floors;
	u32 i;

	for (i = 0; i < plan->floor_count; i++)
		sb_floor_next(&cursor, &plan->floors[i]);
}

/*
 * Whether @option is to be taken from the command: an add takes all, with the defaults that the
 * parser put there.
 */
static bool takes(const struct sb_command *command, const struct sb_plan *old, u32 option)
{
	return !old || (command->named & option);
}

/**
 * sb_plan_make() - the plan that an add or an update asks for
 * @command: the command
 * @target: the target; under the table's lock when there is an old plan
 * @old: what an update keeps where it names nothing; NULL for an add
 *
 * Return: a plan, or ERR_PTR(-ENOMEM), or ERR_PTR(-EINVAL) when the number of floors does not fit
 * the sites.
 */
struct sb_plan *sb_plan_make(const struct sb_command *command, struct sb_target *target,
			     const struct sb_plan *old)
{
	bool keeps_floors = old && !(command->named & SB_OPT_FLOOR);
	u32 floors = keeps_floors ? old->floor_count : command->floor_count;
	struct sb_plan *plan;

	if (floors > 1 && floors != target->site_count)
		return ERR_PTR(-EINVAL);
	plan = kzalloc(struct_size(plan, floors, floors), GFP_KERNEL);
	if (!plan)
		return ERR_PTR(-ENOMEM);
	if (old)
		memcpy(plan, old, offsetof(struct sb_plan, floor_count));
	plan->delay_ns = command->delay_ns;
	plan->dist = command->dist;
	plan->floor_count = floors;
	if (keeps_floors)
		memcpy(plan->floors, old->floors, floors * sizeof(plan->floors[0]));
	else
		plan_set_floors(plan, command);
	if (takes(command, old, SB_OPT_HOW))
		plan->how = command->how;
	if (takes(command, old, SB_OPT_PROBABILITY))
		plan->probability_ppm = command->probability_ppm;
	if (takes(command, old, SB_OPT_COMPENSATE))
		plan->compensate = command->compensate;
	if (takes(command, old, SB_OPT_EVERY)) {
		plan->every = command->every;
		plan->ordinal_base = atomic64_read(&target->ordinal);
	}
	if (takes(command, old, SB_OPT_TIMES)) {
		plan->times = command->times;
		plan->spent_base = atomic64_read(&target->spent);
	}
	if (takes(command, old, SB_OPT_START))
		plan->start_ns = command->start_ns;
	if (takes(command, old, SB_OPT_DURATION))
		plan->duration_ns = command->duration_ns;
	if (takes(command, old, SB_OPT_START | SB_OPT_DURATION))
		plan->begun_ns = ktime_get_ns();
	return plan;
}

static bool window_is_open(const struct sb_plan *plan, u64 now_ns)
{
	u64 opens_ns = plan->begun_ns + plan->start_ns;

	return now_ns >= opens_ns && now_ns - opens_ns < plan->duration_ns;
}

static bool is_turn(struct sb_target *target, const struct sb_plan *plan)
{
	u64 number;

	if (plan->every == 1)
		return true;
	number = atomic64_inc_return(&target->ordinal) - plan->ordinal_base;
	return number % plan->every == 0;
}

static bool is_lucky(u32 probability_ppm)
{
	return probability_ppm == SB_MILLION ||
	       ((u64)get_random_u32() * SB_MILLION) >> 32 < probability_ppm;
}

/* Takes one of times=, if any is left. */
static bool is_granted(struct sb_target *target, const struct sb_plan *plan)
{
	s64 spent;

	if (plan->times == SB_FOREVER)
		return true;
	spent = atomic64_read(&target->spent);
	do {
		if ((u64)spent - plan->spent_base >= plan->times)
			return false;
	} while (!atomic64_try_cmpxchg(&target->spent, &spent, spent + 1));
	return true;
}

/**
 * sb_plan_decide() - put an execution to the schedule
 * @target: the target
 * @site: which of its sites
 * @now_ns: when it came, CLOCK_MONOTONIC
 * @decision: the result
 *
 * Return: whether it is a hit: in the window.
 */
bool sb_plan_decide(struct sb_target *target, unsigned int site, u64 now_ns,
		    struct sb_decision *decision)
{
	const struct sb_plan *plan;
	bool is_hit;

	memset(decision, 0, sizeof(*decision));
	rcu_read_lock();
	plan = rcu_dereference(target->plan);
	is_hit = window_is_open(plan, now_ns);
	if (!is_hit)
		goto out;
	decision->floor_ns = sb_plan_floor_ns(plan, site);
	decision->compensate = plan->compensate;
	decision->how = plan->how;
	if (!is_turn(target, plan) || !is_lucky(plan->probability_ppm) || !is_granted(target, plan))
		goto out;
	decision->is_chosen = plan->dist.kind != SB_FIXED || plan->delay_ns;
	decision->is_spent = plan->times != SB_FOREVER;
	decision->delay_ns = plan->delay_ns;
	if (plan->dist.kind != SB_FIXED)
		decision->delay_ns = sb_draw_ns(&plan->dist, get_random_u64, &decision->is_clipped);
out:
	rcu_read_unlock();
	return is_hit;
}
