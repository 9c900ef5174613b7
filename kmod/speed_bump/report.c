// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "arming.h"
#include "binary.h"
#include "plan.h"
#include "report.h"
#include "scope.h"
#include "stats.h"
#include "target.h"
#include "text.h"

/* Each of these functions adds what belongs to one part of a target's line. */

static void add_places(struct sb_text *text, const struct sb_target *target)
{
	unsigned int i;

	if (!target->is_placed)
		return;
	for (i = 0; i < target->site_count; i++) {
		const struct sb_place *place = &target->sites[i].place;

		sb_text_add(text, "%s0x%llx", i ? "," : " offset=", place->offset);
		if (place->mask)
			sb_text_add(text, "?%llx=%d", place->mask, place->when_set);
	}
	if (target->site_count > 1)
		sb_text_add(text, " sites=%u", target->site_count);
}

static void add_dist(struct sb_text *text, const struct sb_dist *dist)
{
	switch (dist->kind) {
	case SB_FIXED:
		break;
	case SB_UNIFORM:
		sb_text_add(text, " dist=uniform:%llu:%llu", dist->a, dist->b);
		break;
	case SB_NORMAL:
		sb_text_add(text, " dist=normal:%llu:%llu", dist->a, dist->b);
		break;
	case SB_EXP:
		sb_text_add(text, " dist=exp:%llu", dist->a);
		break;
	}
}

static void add_plan(struct sb_text *text, const struct sb_plan *plan)
{
	u32 i;

	if (plan->every != 1)
		sb_text_add(text, " every=%llu", plan->every);
	if (plan->times != SB_FOREVER)
		sb_text_add(text, " times=%llu", plan->times);
	if (plan->probability_ppm != 1000000)
		sb_text_add(text, " probability=%u", plan->probability_ppm);
	if (plan->start_ns)
		sb_text_add(text, " start=%llu", plan->start_ns);
	if (plan->duration_ns != SB_FOREVER)
		sb_text_add(text, " duration=%llu", plan->duration_ns);
	add_dist(text, &plan->dist);
	for (i = 0; i < plan->floor_count; i++)
		sb_text_add(text, "%s%llu", i ? "," : " floor=", plan->floors[i]);
	if (!plan->compensate)
		sb_text_add(text, " compensate=0");
}

static void add_figures(struct sb_text *text, const struct sb_sums *sums)
{
	sb_text_add(text, " delayed=%llu cut=%llu clipped=%llu misses=%llu outside=%llu",
		    sums->sum[SB_DELAYED], sums->sum[SB_CUT], sums->sum[SB_CLIPPED], sums->misses,
		    sums->sum[SB_OUTSIDE]);
	sb_text_add(text, " added_ns=%llu overhead_ns=%llu", sums->sum[SB_ADDED_NS],
		    sums->sum[SB_OVERHEAD_NS]);
	if (sums->has_whole)
		sb_text_add(text, " min_ns=%llu max_ns=%llu", sums->min_ns, sums->max_ns);
}

static bool is_stale(struct sb_target *target)
{
	struct path file;
	bool stale;

	mutex_lock(&sb_table_lock);
	file = target->file;
	path_get(&file);
	mutex_unlock(&sb_table_lock);
	stale = file.dentry && sb_binary_is_stale(target, &file);
	path_put(&file);
	return stale;
}

/* A plan of its own, since memory for text cannot be had under RCU. */
static struct sb_plan *copy_plan(struct sb_target *target)
{
	struct sb_plan *plan;

	mutex_lock(&sb_table_lock);
	plan = rcu_dereference_protected(target->plan, lockdep_is_held(&sb_table_lock));
	plan = kmemdup(plan, struct_size(plan, floors, plan->floor_count), GFP_KERNEL);
	mutex_unlock(&sb_table_lock);
	return plan;
}

/* The root's number for the reader, or -1 without a scope. */
static int scope_number(struct sb_target *target)
{
	struct sb_scope *scope;
	int number;

	rcu_read_lock();
	scope = rcu_dereference(target->scope);
	number = scope ? pid_vnr(scope->root) : -1;
	rcu_read_unlock();
	return number;
}

static void add_target(struct sb_text *text, struct sb_target *target)
{
	struct sb_plan *plan = copy_plan(target);
	int scope = scope_number(target);
	struct sb_sums sums;

	if (!plan) {
		text->err = -ENOMEM;
		return;
	}
	sb_stats_read(&target->stats, &sums);
	sb_text_add_name(text, target->path, false);
	sb_text_add(text, ":");
	sb_text_add_name(text, target->symbol, true);
	sb_text_add(text, " delay_ns=%llu hits=%llu", plan->delay_ns, sums.sum[SB_HITS]);
	if (scope >= 0)
		sb_text_add(text, " pid=%d", scope);
	sb_text_add(text, " id=%lu", target->id);
	if (target->tag)
		sb_text_add(text, " tag=%s", target->tag);
	if (target->owner)
		sb_text_add(text, " owner=%d on=%d", pid_vnr(target->owner), READ_ONCE(target->on));
	if (target->at == SB_AT_RETURN)
		sb_text_add(text, " at=return");
	if (plan->how == SB_SLEEP)
		sb_text_add(text, " how=sleep");
	add_places(text, target);
	add_plan(text, plan);
	if (target->stats.per_octave)
		sb_text_add(text, " histogram=%u", target->stats.per_octave);
	add_figures(text, &sums);
	if (is_stale(target))
		sb_text_add(text, " stale=1");
	sb_text_add(text, "\n");
	kfree(plan);
}

static void add_histogram(struct sb_text *text, struct sb_target *target)
{
	u32 buckets = sb_stats_buckets(target->stats.per_octave), i;

	if (!buckets)
		return;
	sb_text_add(text, "id=%lu per_octave=%u", target->id, target->stats.per_octave);
	for (i = 0; i < buckets; i++) {
		u64 count = sb_stats_bucket(&target->stats, i);

		if (count)
			sb_text_add(text, " %u:%llu", i, count);
	}
	sb_text_add(text, "\n");
}

static void add_targets(struct sb_text *text,
			void (*add)(struct sb_text *text, struct sb_target *target))
{
	struct sb_target **targets;
	unsigned int count, i;

	targets = sb_table_snapshot(&count);
	if (IS_ERR(targets)) {
		text->err = PTR_ERR(targets);
		return;
	}
	for (i = 0; i < count && !text->err; i++) {
		add(text, targets[i]);
		cond_resched();
		if (fatal_signal_pending(current))
			text->err = -EINTR;
	}
	sb_table_snapshot_free(targets, count);
}

void sb_report_targets(struct sb_text *text)
{
	add_targets(text, add_target);
}

void sb_report_histograms(struct sb_text *text)
{
	add_targets(text, add_histogram);
}

/**
 * struct membership - a process and one of its scopes
 * @scope: for comparison only
 * @number: the process, for the reader
 */
struct membership {
	const struct sb_scope *scope;
	int number;
};

/**
 * struct memberships - room for all that there are
 * @each: the memberships, or NULL while they are counted
 * @count: of them
 * @room: for them
 */
struct memberships {
	struct membership *each;
	size_t count;
	size_t room;
};

static int note_membership(void *context, const struct sb_scope *scope, struct pid *tgid)
{
	struct memberships *memberships = context;

	if (memberships->count < memberships->room)
		memberships->each[memberships->count] = (struct membership){ scope, pid_vnr(tgid) };
	memberships->count++;
	return 0;
}

static int compare_memberships(const void *left, const void *right)
{
	const struct membership *a = left, *b = right;

	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	return a->number - b->number;
}

/* All memberships by scope; forks go on, so that the room may have to grow. */
static int gather_memberships(struct memberships *memberships)
{
	do {
		kvfree(memberships->each);
		memberships->room = memberships->count + memberships->count / 8 + 64;
		if (memberships->room > SB_MAX_TEXT / sizeof(*memberships->each)) {
			memberships->each = NULL;
			return -EFBIG;
		}
		memberships->each = kvmalloc_array(memberships->room, sizeof(*memberships->each),
						   GFP_KERNEL);
		if (!memberships->each)
			return -ENOMEM;
		memberships->count = 0;
		sb_member_each(note_membership, memberships);
	} while (memberships->count > memberships->room);
	sort(memberships->each, memberships->count, sizeof(*memberships->each),
	     compare_memberships, NULL);
	return 0;
}

/* The first of a scope's memberships, or where they would be. */
static size_t first_of(const struct memberships *memberships, const struct sb_scope *scope)
{
	size_t low = 0, high = memberships->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memberships->each[middle].scope < scope)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_scope(struct sb_text *text, const struct sb_scope_figures *figures,
		      const struct memberships *memberships)
{
	const struct sb_scope *scope = figures->scope;
	size_t first = first_of(memberships, scope), i;

	sb_text_add(text, "pid=%d targets=%u untracked=%lld members=", pid_vnr(scope->root),
		    figures->targets, atomic64_read(&scope->untracked));
	for (i = first; i < memberships->count && memberships->each[i].scope == scope; i++)
		sb_text_add(text, "%s%d", i > first ? "," : "", memberships->each[i].number);
	sb_text_add(text, "\n");
}

void sb_report_scopes(struct sb_text *text)
{
	struct memberships memberships = { };
	struct sb_scope_figures *scopes;
	unsigned int count, i;

	/*
	 * Held before their members are gathered: a scope that is made later cannot have the
	 * address of one of these.
	 */
	scopes = sb_scope_snapshot(&count);
	if (IS_ERR(scopes)) {
		text->err = PTR_ERR(scopes);
		return;
	}
	text->err = gather_memberships(&memberships);
	for (i = 0; i < count && !text->err; i++)
		add_scope(text, &scopes[i], &memberships);
	kvfree(memberships.each);
	sb_scope_snapshot_free(scopes, count);
}

void sb_report_stats(struct sb_text *text)
{
	struct sb_sums sums;

	sb_stats_read_totals(&sums);
	sb_text_add(text, "enabled: %d\n", sb_arming_is_enabled());
	sb_text_add(text, "targets: %u\n", sb_table_count());
	sb_text_add(text, "total_hits: %llu\n", sums.sum[SB_HITS]);
	sb_text_add(text, "total_delay_ns: %llu\n", sums.sum[SB_ADDED_NS]);
	sb_text_add(text, "total_misses: %llu\n", sums.misses);
	sb_text_add(text, "total_cut: %llu\n", sums.sum[SB_CUT]);
	sb_text_add(text, "total_outside: %llu\n", sums.sum[SB_OUTSIDE]);
	sb_text_add(text, "untracked: %llu\n", sb_member_untracked());
}
