// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/slab.h>

#include "plan.h"
#include "scope.h"
#include "site.h"
#include "target.h"

static void target_free(struct sb_target *target)
{
	struct sb_scope *scope = rcu_dereference_protected(target->scope, true);

	kfree(rcu_access_pointer(target->plan));
	if (scope)
		sb_scope_release(scope);
	put_pid(target->owner);
	sb_stats_destroy(&target->stats);
	kfree(target->path);
	kfree(target->symbol);
	kfree(target->tag);
	kfree(target);
}

static void target_set_places(struct sb_target *target, const struct sb_command *command)
{
	const char *cursor = command->places;
	unsigned int i;

	target->is_placed = command->places;
	for (i = 0; target->is_placed && i < target->site_count; i++)
		sb_place_next(&cursor, &target->sites[i].place);
}

/* A site that is named twice would count each execution twice. */
static bool target_has_repeats(const struct sb_target *target)
{
	unsigned int i, j;

	for (i = 0; i < target->site_count; i++) {
		for (j = 0; j < i; j++) {
			if (target->sites[i].place.offset == target->sites[j].place.offset)
				return true;
		}
	}
	return false;
}

static int target_fill(struct sb_target *target, const struct sb_command *command)
{
	struct sb_plan *plan;

	if (target_has_repeats(target))
		return -EINVAL;
	target->symbol = kstrdup(command->symbol, GFP_KERNEL);
	if (!target->symbol)
		return -ENOMEM;
	if (command->tag) {
		target->tag = kstrdup(command->tag, GFP_KERNEL);
		if (!target->tag)
			return -ENOMEM;
	}
	plan = sb_plan_make(command, target, NULL);
	if (IS_ERR(plan))
		return PTR_ERR(plan);
	RCU_INIT_POINTER(target->plan, plan);
	return sb_stats_init(&target->stats, command->histogram);
}

/**
 * sb_target_alloc() - a target that an add describes, without path, file, owner and scope
 * @command: the add
 *
 * Return: one reference to it, or ERR_PTR(-ENOMEM), or ERR_PTR(-EINVAL) when a site is named twice
 * or the floors do not fit the sites.
 */
struct sb_target *sb_target_alloc(const struct sb_command *command)
{
	unsigned int sites = command->places ? command->place_count : 1;
	struct sb_target *target;
	int err;

	target = kzalloc(struct_size(target, sites, sites), GFP_KERNEL);
	if (!target)
		return ERR_PTR(-ENOMEM);
	kref_init(&target->refs);
	INIT_HLIST_NODE(&target->by_site);
	INIT_HLIST_NODE(&target->by_name);
	INIT_HLIST_NODE(&target->by_tag);
	INIT_LIST_HEAD(&target->batch);
	init_waitqueue_head(&target->sleepers);
	mutex_init(&target->arming);
	target->disarmed_at = -1;
	target->at = command->at;
	target->on = command->on;
	target->site_count = sites;
	target_set_places(target, command);
	sb_site_init_all(target);
	err = target_fill(target, command);
	if (err) {
		target_free(target);
		return ERR_PTR(err);
	}
	return target;
}

void sb_target_get(struct sb_target *target)
{
	kref_get(&target->refs);
}

static void target_release(struct kref *refs)
{
	target_free(container_of(refs, struct sb_target, refs));
}

void sb_target_put(struct sb_target *target)
{
	kref_put(&target->refs, target_release);
}
