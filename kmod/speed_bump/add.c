// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pid.h>

#include "add.h"
#include "arming.h"
#include "binary.h"
#include "lease.h"
#include "process.h"
#include "remove.h"
#include "scope.h"
#include "target.h"

static int add_owner(struct sb_target *target, pid_t number)
{
	struct pid *owner = sb_process_get(number);
	struct sb_lease *lease;

	if (IS_ERR(owner))
		return PTR_ERR(owner);
	target->owner = owner;
	lease = sb_lease_get(owner);
	if (IS_ERR(lease))
		return PTR_ERR(lease);
	target->lease = lease;
	return 0;
}

static int add_file(struct sb_target *target, const char *name)
{
	struct path file;
	int err;

	err = sb_binary_find(name, &file);
	if (err)
		return err;
	target->file = file;
	sb_binary_note_view(&target->view);
	target->path = sb_binary_name(name, &file);
	if (!target->path)
		return -ENOMEM;
	return sb_binary_resolve(target);
}

static int add_scope(struct sb_target *target, pid_t number)
{
	struct pid *root = sb_process_get(number);
	struct sb_scope *scope;

	if (IS_ERR(root))
		return PTR_ERR(root);
	scope = sb_scope_get(root);
	put_pid(root);
	if (IS_ERR(scope))
		return PTR_ERR(scope);
	RCU_INIT_POINTER(target->scope, scope);
	return 0;
}

static int add_complete(struct sb_target *target, const struct sb_command *command)
{
	int err = 0;

	if (command->named & SB_OPT_OWNER)
		err = add_owner(target, command->owner);
	if (!err)
		err = add_file(target, command->path);
	if (!err && (command->named & SB_OPT_PID) && command->pid)
		err = add_scope(target, command->pid);
	return err;
}

/**
 * sb_add() - carry out an add
 * @command: the add
 *
 * Return: 0, or an errno of docs/speed_bump.md.
 */
int sb_add(const struct sb_command *command)
{
	struct sb_target *target;
	int err;

	if ((command->named & SB_OPT_ON) && !(command->named & SB_OPT_OWNER))
		return -EINVAL;
	target = sb_target_alloc(command);
	if (IS_ERR(target))
		return PTR_ERR(target);
	err = add_complete(target, command);
	if (!err)
		err = sb_table_insert(target);
	if (err) {
		sb_remove_ties(target);
		goto out;
	}
	err = sb_arming_settle(target);
	if (err)
		sb_remove_target(target);
out:
	sb_target_put(target);
	return err;
}
