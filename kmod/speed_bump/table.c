// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "lease.h"
#include "target.h"

static unsigned int max_targets = 4096;
module_param(max_targets, uint, 0444);
MODULE_PARM_DESC(max_targets, "the most targets there can be at once (4096)");

/* Of all that follows; target.h says when it is not held. */
DEFINE_MUTEX(sb_table_lock);

static DEFINE_XARRAY(by_id);
static DEFINE_HASHTABLE(by_site, 10);
static DEFINE_HASHTABLE(by_name, 10);
static DEFINE_HASHTABLE(by_tag, 10);
static unsigned long last_id;
static unsigned int target_count;

static u32 site_key(const struct inode *inode, u64 offset)
{
	return jhash_2words(offset, offset >> 32, hash_long((unsigned long)inode, 32));
}

static u32 string_key(const char *string, u32 seed)
{
	return jhash(string, strlen(string), seed);
}

static u32 name_key(const char *path, const char *symbol)
{
	return string_key(symbol, string_key(path, 0));
}

static struct sb_scope *scope_of(const struct sb_target *target)
{
	return rcu_dereference_protected(target->scope, lockdep_is_held(&sb_table_lock));
}

/*
 * sb_table_are_twins() - whether two targets would have the same identity in one scope
 *
 * The tag is a part of it, and no two targets have the same.
 */
bool sb_table_are_twins(const struct sb_target *one, const struct sb_target *other)
{
	return one != other && !one->tag && !other->tag && one->inode == other->inode &&
	       one->sites[0].place.offset == other->sites[0].place.offset && one->at == other->at &&
	       one->owner == other->owner;
}

/**
 * sb_table_has_twin() - whether another target has the identity that a target would have in a scope
 * @target: the target, in the table or not
 * @scope: the scope that it would have, or NULL
 */
bool sb_table_has_twin(const struct sb_target *target, const struct sb_scope *scope)
{
	u64 offset = target->sites[0].place.offset;
	struct sb_target *other;

	hash_for_each_possible(by_site, other, by_site, site_key(target->inode, offset)) {
		if (sb_table_are_twins(other, target) && scope_of(other) == scope)
			return true;
	}
	return false;
}

static struct sb_target *find_tag(const char *tag)
{
	struct sb_target *target;

	hash_for_each_possible(by_tag, target, by_tag, string_key(tag, 0)) {
		if (!strcmp(target->tag, tag))
			return target;
	}
	return NULL;
}

/**
 * sb_table_insert() - have a target known
 * @target: the target, complete; the table takes a reference
 *
 * Return: 0, -ENOSPC, -EEXIST, -ENOENT when the owner has ended, or -ENOMEM.
 */
int sb_table_insert(struct sb_target *target)
{
	int err = 0;

	mutex_lock(&sb_table_lock);
	if (target_count >= max_targets)
		err = -ENOSPC;
	else if ((target->tag && find_tag(target->tag)) ||
		 sb_table_has_twin(target, scope_of(target)))
		err = -EEXIST;
	else if (target->lease && target->lease->has_ended)
		err = -ENOENT;
	else
		err = xa_insert(&by_id, last_id + 1, target, GFP_KERNEL);
	if (err)
		goto out;
	sb_target_get(target);
	target->id = ++last_id;
	target_count++;
	hash_add(by_site, &target->by_site, site_key(target->inode, target->sites[0].place.offset));
	hash_add(by_name, &target->by_name, name_key(target->path, target->symbol));
	if (target->tag)
		hash_add(by_tag, &target->by_tag, string_key(target->tag, 0));
out:
	mutex_unlock(&sb_table_lock);
	return err;
}

/**
 * sb_table_take_out() - forget a target
 * @target: the target, under sb_table_lock; nothing happens when another took it out
 * @batch: gets the target with the table's reference
 */
void sb_table_take_out(struct sb_target *target, struct list_head *batch)
{
	lockdep_assert_held(&sb_table_lock);
	if (target->is_removed)
		return;
	WRITE_ONCE(target->is_removed, true);
	xa_erase(&by_id, target->id);
	hash_del(&target->by_site);
	hash_del(&target->by_name);
	if (target->tag)
		hash_del(&target->by_tag);
	target_count--;
	list_add_tail(&target->batch, batch);
}

static bool is_owned_so(const struct sb_target *target, const struct sb_selection *selection)
{
	return selection->any_owner || target->owner == selection->owner;
}

static int visit_all(const struct sb_selection *selection, sb_table_visitor *visit, void *context)
{
	const char *symbol = selection->inode ? selection->command->symbol : NULL;
	struct sb_target *target;
	unsigned long id;
	int err;

	xa_for_each(&by_id, id, target) {
		if (!is_owned_so(target, selection))
			continue;
		if (symbol && (target->inode != selection->inode || strcmp(target->symbol, symbol)))
			continue;
		err = visit(target, context);
		if (err)
			return err;
	}
	return 0;
}

static int visit_name(const struct sb_command *command, sb_table_visitor *visit, void *context)
{
	struct sb_target *target;
	struct hlist_node *next;
	int err;

	hash_for_each_possible_safe(by_name, target, next, by_name,
				    name_key(command->path, command->symbol)) {
		if (target->owner || strcmp(target->path, command->path) ||
		    strcmp(target->symbol, command->symbol))
			continue;
		err = visit(target, context);
		if (err)
			return err;
	}
	return 0;
}

/**
 * sb_table_visit() - call a function for each target that a command means
 * @selection: which
 * @visit: may take the target out; an error ends the walk
 * @context: for @visit
 *
 * Under sb_table_lock.
 *
 * Return: 0 or the error.
 */
int sb_table_visit(const struct sb_selection *selection, sb_table_visitor *visit, void *context)
{
	const struct sb_command *command = selection->command;
	struct sb_target *target = NULL;

	lockdep_assert_held(&sb_table_lock);
	switch (command->selector) {
	case SB_BY_ID:
		target = command->id <= last_id ? xa_load(&by_id, command->id) : NULL;
		break;
	case SB_BY_TAG:
		target = find_tag(command->tag);
		break;
	case SB_BY_NAME:
		if (!selection->inode)
			return visit_name(command, visit, context);
		fallthrough;
	case SB_ALL:
		return visit_all(selection, visit, context);
	}
	return target ? visit(target, context) : 0;
}

/**
 * sb_table_snapshot() - references to all targets, by ascending id
 * @count: their number
 *
 * Return: an array for sb_table_snapshot_free(), or ERR_PTR(-ENOMEM).
 */
struct sb_target **sb_table_snapshot(unsigned int *count)
{
	struct sb_target **targets, *target;
	unsigned int i = 0;
	unsigned long id;

	mutex_lock(&sb_table_lock);
	targets = kvmalloc_array(target_count + 1, sizeof(*targets), GFP_KERNEL);
	if (!targets) {
		mutex_unlock(&sb_table_lock);
		return ERR_PTR(-ENOMEM);
	}
	xa_for_each(&by_id, id, target) {
		sb_target_get(target);
		targets[i++] = target;
	}
	mutex_unlock(&sb_table_lock);
	*count = i;
	return targets;
}

void sb_table_snapshot_free(struct sb_target **targets, unsigned int count)
{
	while (count--)
		sb_target_put(targets[count]);
	kvfree(targets);
}

unsigned int sb_table_count(void)
{
	return READ_ONCE(target_count);
}
