// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/slab.h>

#include "scope_set.h"

void sb_scope_hold(struct sb_scope *scope)
{
	refcount_inc(&scope->holders);
}

static void scope_free(struct rcu_head *rcu)
{
	struct sb_scope *scope = container_of(rcu, struct sb_scope, rcu);

	put_pid(scope->root);
	kfree(scope);
}

void sb_scope_release(struct sb_scope *scope)
{
	if (refcount_dec_and_test(&scope->holders))
		call_rcu(&scope->rcu, scope_free);
}

static void set_free(struct rcu_head *rcu)
{
	struct sb_set *set = container_of(rcu, struct sb_set, rcu);
	unsigned int i;

	for (i = 0; i < set->count; i++)
		sb_scope_release(set->scope[i]);
	kfree(set);
}

/**
 * sb_set_put() - one process fewer has a set
 * @set: the set
 */
void sb_set_put(struct sb_set *set)
{
	if (!--set->holders)
		call_rcu(&set->rcu, set_free);
}

/**
 * sb_set_has() - whether a scope is in a set
 * @set: the set
 * @scope: the scope
 *
 * Return: whether it is.
 */
bool sb_set_has(const struct sb_set *set, const struct sb_scope *scope)
{
	unsigned int low = 0, high = set->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (set->scope[middle] == scope)
			return true;
		if (set->scope[middle] < scope)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* A set of what @old has, if any, and @scope; or NULL without memory. Nobody holds it yet. */
static struct sb_set *set_with(const struct sb_set *old, struct sb_scope *scope)
{
	unsigned int count = old ? old->count : 0, i, to = 0;
	struct sb_set *set = kmalloc(struct_size(set, scope, count + 1), GFP_ATOMIC | __GFP_NOWARN);

	if (!set)
		return NULL;
	set->holders = 0;
	set->count = count + 1;
	for (i = 0; i < count && old->scope[i] < scope; i++)
		set->scope[to++] = old->scope[i];
	set->scope[to++] = scope;
	for (; i < count; i++)
		set->scope[to++] = old->scope[i];
	for (i = 0; i < set->count; i++)
		sb_scope_hold(set->scope[i]);
	return set;
}

static bool scope_is_dead(const struct sb_scope *scope)
{
	return !READ_ONCE(scope->users);
}

/* What is alive of @old: a new set, @old itself, NULL for nothing, or ERR_PTR(-ENOMEM). */
static struct sb_set *set_of_live(struct sb_set *old)
{
	unsigned int i, live = 0;
	struct sb_set *set;

	for (i = 0; i < old->count; i++)
		live += !scope_is_dead(old->scope[i]);
	if (!live)
		return NULL;
	if (live == old->count)
		return old;
	set = kmalloc(struct_size(set, scope, live), GFP_ATOMIC | __GFP_NOWARN);
	if (!set)
		return ERR_PTR(-ENOMEM);
	set->holders = 0;
	set->count = 0;
	for (i = 0; i < old->count && set->count < live; i++) {
		if (scope_is_dead(old->scope[i]))
			continue;
		sb_scope_hold(old->scope[i]);
		set->scope[set->count++] = old->scope[i];
	}
	return set;
}

static void step_remember(struct sb_set_step *step, struct sb_set *from, struct sb_set *to)
{
	if (from)
		from->holders++;
	to->holders++;
	sb_set_step_put(step);
	step->from = from;
	step->to = to;
}

/**
 * sb_set_step_with() - the set of a process that comes into one scope more
 * @step: the step before, of the same scope
 * @old: the set that the process has, or NULL
 * @scope: the scope
 *
 * Does not wait for memory. Under the lock of member.c, as all that changes who holds a set.
 *
 * Return: the set, for the process to hold, or NULL without memory.
 */
struct sb_set *sb_set_step_with(struct sb_set_step *step, struct sb_set *old,
				struct sb_scope *scope)
{
	struct sb_set *set;

	if (step->to && step->from == old)
		return step->to;
	set = set_with(old, scope);
	if (set)
		step_remember(step, old, set);
	return set;
}

/**
 * sb_set_step_of_live() - what is left of the set of a process when scopes have died
 * @step: the step before
 * @old: the set
 *
 * As sb_set_step_with().
 *
 * Return: a new set, @old if all of it is alive, NULL if nothing is, or ERR_PTR(-ENOMEM).
 */
struct sb_set *sb_set_step_of_live(struct sb_set_step *step, struct sb_set *old)
{
	struct sb_set *set;

	if (step->to && step->from == old)
		return step->to;
	set = set_of_live(old);
	if (!IS_ERR_OR_NULL(set) && set != old)
		step_remember(step, old, set);
	return set;
}

/**
 * sb_set_step_put() - no further process follows
 * @step: the last step
 */
void sb_set_step_put(struct sb_set_step *step)
{
	if (step->from)
		sb_set_put(step->from);
	if (step->to)
		sb_set_put(step->to);
}
