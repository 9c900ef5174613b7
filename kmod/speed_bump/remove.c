// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/list.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>

#include "arming.h"
#include "binary.h"
#include "lease.h"
#include "process.h"
#include "remove.h"
#include "scope.h"
#include "target.h"

/* Every target, or every one of an owner. */
static const struct sb_command all = { .selector = SB_ALL };

/* Nobody else has the target in hand but readers. */
static void drop_ties(struct sb_target *target)
{
	struct sb_scope *scope;
	struct path file;

	mutex_lock(&sb_table_lock);
	file = target->file;
	memset(&target->file, 0, sizeof(target->file));
	mutex_unlock(&sb_table_lock);
	path_put(&file);
	/* Updates find it no more: it stays as it is until the target is freed. */
	scope = rcu_dereference_protected(target->scope, true);
	if (scope)
		sb_scope_leave(scope);
	sb_lease_put(target->lease);
}

/**
 * sb_remove_ties() - give back what a target holds that never came into the table
 * @target: the target
 */
void sb_remove_ties(struct sb_target *target)
{
	drop_ties(target);
	sb_scope_sweep();
}

/* Breakpoints and handlers are out when this returns. */
static void remove_batch(struct list_head *batch)
{
	struct sb_target *target, *next;

	if (list_empty(batch))
		return;
	sb_arming_disarm_batch(batch);
	list_for_each_entry_safe(target, next, batch, batch) {
		list_del(&target->batch);
		drop_ties(target);
		sb_target_put(target);
	}
	sb_scope_sweep();
}

static int take_out(struct sb_target *target, void *batch)
{
	sb_table_take_out(target, batch);
	return 0;
}

static void take_out_selected(const struct sb_selection *selection, struct list_head *batch)
{
	mutex_lock(&sb_table_lock);
	sb_table_visit(selection, take_out, batch);
	mutex_unlock(&sb_table_lock);
}

/* A name that no target was added by may be another one of the same file. */
static int take_out_by_file(struct sb_selection *selection, struct list_head *batch)
{
	struct path file;
	int err;

	err = sb_binary_find(selection->command->path, &file);
	if (err)
		return -ENOENT;
	selection->inode = sb_binary_inode(&file);
	take_out_selected(selection, batch);
	path_put(&file);
	return 0;
}

/**
 * sb_remove() - carry out a remove
 * @command: the remove
 *
 * Return: 0, or an errno of docs/speed_bump.md.
 */
int sb_remove(const struct sb_command *command)
{
	struct sb_selection selection = { .command = command };
	struct pid *owner = NULL;
	LIST_HEAD(batch);
	int err = 0;

	if (command->named & SB_OPT_OWNER) {
		owner = sb_process_get(command->owner);
		if (IS_ERR(owner))
			return PTR_ERR(owner);
		selection.owner = owner;
	}
	take_out_selected(&selection, &batch);
	put_pid(owner);
	if (list_empty(&batch) && command->selector == SB_BY_NAME)
		take_out_by_file(&selection, &batch);
	if (list_empty(&batch) && command->selector != SB_ALL)
		err = -ENOENT;
	remove_batch(&batch);
	return err;
}

/**
 * sb_remove_target() - remove one, unless somebody else did
 * @target: the target; the caller keeps its reference
 */
void sb_remove_target(struct sb_target *target)
{
	LIST_HEAD(batch);

	mutex_lock(&sb_table_lock);
	sb_table_take_out(target, &batch);
	mutex_unlock(&sb_table_lock);
	remove_batch(&batch);
}

/**
 * sb_remove_owned() - remove what a process owned that has ended
 * @lease: of the process
 *
 * An add that is under way finds that it has.
 */
void sb_remove_owned(struct sb_lease *lease)
{
	const struct sb_selection selection = { .command = &all, .owner = lease->owner };
	LIST_HEAD(batch);

	mutex_lock(&sb_table_lock);
	lease->has_ended = true;
	sb_table_visit(&selection, take_out, &batch);
	mutex_unlock(&sb_table_lock);
	remove_batch(&batch);
}

/**
 * sb_remove_all() - remove every target, whoever owns it; none is added any more
 */
void sb_remove_all(void)
{
	const struct sb_selection selection = { .command = &all, .any_owner = true };
	LIST_HEAD(batch);

	take_out_selected(&selection, &batch);
	remove_batch(&batch);
}
