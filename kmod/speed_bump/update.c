// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "arming.h"
#include "binary.h"
#include "plan.h"
#include "process.h"
#include "scope.h"
#include "target.h"
#include "update.h"

/**
 * struct change - one target of an update
 * @target: a reference held
 * @plan: its new plan, then its old one; NULL when the plan stays
 * @scope: when it changes: its new scope, then its old one, held and used, or NULL
 * @moves: it changes
 */
struct change {
	struct sb_target *target;
	struct sb_plan *plan;
	struct sb_scope *scope;
	bool moves;
};

/**
 * struct update - an update while it is carried out
 * @command: what is asked
 * @moves: it names a scope
 * @scope: the one it names, held and used, or NULL for every process
 * @changes: one a target
 * @count: of them
 */
struct update {
	const struct sb_command *command;
	bool moves;
	struct sb_scope *scope;
	struct change *changes;
	unsigned int count;
};

static struct sb_scope *scope_of(const struct sb_target *target)
{
	return rcu_dereference_protected(target->scope, lockdep_is_held(&sb_table_lock));
}

static struct sb_plan *plan_of(const struct sb_target *target)
{
	return rcu_dereference_protected(target->plan, lockdep_is_held(&sb_table_lock));
}

/* Makes what the target shall have, and changes nothing yet. */
static int prepare(struct sb_target *target, void *context)
{
	struct update *update = context;
	const struct sb_command *command = update->command;
	struct change *change = &update->changes[update->count];
	struct sb_plan *plan;

	if ((command->named & SB_OPT_ON) && !target->owner)
		return -EINVAL;
	memset(change, 0, sizeof(*change));
	if (command->has_delay) {
		plan = sb_plan_make(command, target, plan_of(target));
		if (IS_ERR(plan))
			return PTR_ERR(plan);
		change->plan = plan;
	}
	change->moves = update->moves && scope_of(target) != update->scope;
	if (change->moves && update->scope)
		change->scope = sb_scope_share(update->scope);
	sb_target_get(target);
	change->target = target;
	update->count++;
	return 0;
}

/* Targets that the update itself would make the same are as bad as one that is there. */
static bool clashes(const struct update *update, unsigned int number)
{
	const struct sb_target *target = update->changes[number].target;
	unsigned int i;

	if (!update->changes[number].moves)
		return false;
	if (sb_table_has_twin(target, update->scope))
		return true;
	for (i = 0; i < number; i++) {
		if (sb_table_are_twins(update->changes[i].target, target))
			return true;
	}
	return false;
}

static void commit(const struct update *update, struct change *change)
{
	struct sb_target *target = change->target;

	if (change->plan)
		change->plan = rcu_replace_pointer(target->plan, change->plan,
						   lockdep_is_held(&sb_table_lock));
	if (change->moves)
		change->scope = rcu_replace_pointer(target->scope, change->scope,
						    lockdep_is_held(&sb_table_lock));
	if (update->command->named & SB_OPT_ON)
		WRITE_ONCE(target->on, update->command->on);
}

static int commit_all(struct update *update, const struct sb_selection *selection)
{
	unsigned int i;
	int err;

	mutex_lock(&sb_table_lock);
	update->changes = kvmalloc_array(sb_table_count() + 1, sizeof(*update->changes),
					 GFP_KERNEL);
	err = update->changes ? sb_table_visit(selection, prepare, update) : -ENOMEM;
	if (!err && !update->count && update->command->selector != SB_ALL)
		err = -ENOENT;
	for (i = 0; i < update->count && !err; i++) {
		if (clashes(update, i))
			err = -EEXIST;
	}
	for (i = 0; i < update->count && !err; i++)
		commit(update, &update->changes[i]);
	mutex_unlock(&sb_table_lock);
	return err;
}

/* Brings breakpoints to where they should be now. */
static int settle_all(struct update *update)
{
	struct sb_target **targets;
	unsigned int i;
	int err = 0;

	for (i = 0; i < update->count; i++) {
		int result = 0;

		if (update->changes[i].moves)
			result = sb_arming_refilter(update->changes[i].target);
		if (result && !err)
			err = result;
	}
	if (!(update->command->named & SB_OPT_ON))
		return err;
	targets = kvmalloc_array(update->count + 1, sizeof(*targets), GFP_KERNEL);
	if (!targets)
		return -ENOMEM;
	for (i = 0; i < update->count; i++)
		targets[i] = update->changes[i].target;
	i = sb_arming_settle_many(targets, update->count);
	kvfree(targets);
	return err ? err : i;
}

/* What was replaced, or what did not come to be. */
static void drop_all(struct update *update)
{
	unsigned int i;

	for (i = 0; i < update->count; i++) {
		struct change *change = &update->changes[i];

		if (change->plan)
			kfree_rcu(change->plan, rcu);
		if (change->scope) {
			sb_scope_leave(change->scope);
			sb_scope_release(change->scope);
		}
		sb_target_put(change->target);
	}
	kvfree(update->changes);
	update->changes = NULL;
	update->count = 0;
	sb_scope_sweep();
}

static int carry_out(struct update *update, const struct sb_selection *selection)
{
	int err = commit_all(update, selection);

	if (!err)
		err = settle_all(update);
	drop_all(update);
	return err;
}

/* As for a remove: another name of the same file will do. */
static int carry_out_by_file(struct update *update, struct sb_selection *selection)
{
	struct path file;
	int err;

	if (sb_binary_find(selection->command->path, &file))
		return -ENOENT;
	selection->inode = sb_binary_inode(&file);
	err = carry_out(update, selection);
	path_put(&file);
	return err;
}

static int find_scope(struct update *update, pid_t number)
{
	struct pid *root;

	update->moves = true;
	if (!number)
		return 0;
	root = sb_process_get(number);
	if (IS_ERR(root))
		return PTR_ERR(root);
	update->scope = sb_scope_get(root);
	put_pid(root);
	return PTR_ERR_OR_ZERO(update->scope);
}

/**
 * sb_update() - carry out an update
 * @command: the update
 *
 * All targets that it means are changed, or none.
 *
 * Return: 0, or an errno of docs/speed_bump.md.
 */
int sb_update(const struct sb_command *command)
{
	struct sb_selection selection = { .command = command };
	struct update update = { .command = command };
	struct pid *owner = NULL;
	int err = 0;

	if (command->named & SB_OPT_OWNER) {
		owner = sb_process_get(command->owner);
		if (IS_ERR(owner))
			return PTR_ERR(owner);
		selection.owner = owner;
	}
	if (command->named & SB_OPT_PID)
		err = find_scope(&update, command->pid);
	if (err)
		goto out;
	err = carry_out(&update, &selection);
	if (err == -ENOENT && command->selector == SB_BY_NAME)
		err = carry_out_by_file(&update, &selection);
	if (update.scope) {
		sb_scope_leave(update.scope);
		sb_scope_release(update.scope);
		sb_scope_sweep();
	}
out:
	put_pid(owner);
	return err;
}
