/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of scopes, shared by all processes that are in the same ones. */
#ifndef SPEED_BUMP_SCOPE_SET_H
#define SPEED_BUMP_SCOPE_SET_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct pid;

/**
 * struct sb_scope - a process and its descendants
 * @root: the process, a reference held
 * @node: in the list of scopes; scope.c's lock
 * @users: targets that have this scope; scope.c's lock. Without any it is dead: nobody asks for it
 *	again
 * @holders: who holds it: users, sets that contain it, readers
 * @untracked: forks that found no memory
 * @rcu: for freeing
 */
struct sb_scope {
	struct pid *root;
	struct list_head node;
	unsigned int users;
	refcount_t holders;
	atomic64_t untracked;
	struct rcu_head rcu;
};

void sb_scope_hold(struct sb_scope *scope);
void sb_scope_release(struct sb_scope *scope);

/**
 * struct sb_set - scopes that some processes are in; never changes, but for who holds it
 * @holders: processes, and who works with it; under the lock of member.c
 * @rcu: for freeing
 * @count: entries in @scope, at least 1
 * @scope: by ascending address, a reference held on each
 */
struct sb_set {
	unsigned int holders;
	struct rcu_head rcu;
	unsigned int count;
	struct sb_scope *scope[];
};

bool sb_set_has(const struct sb_set *set, const struct sb_scope *scope);
void sb_set_put(struct sb_set *set);

/**
 * struct sb_set_step - what processes had last, and got instead: the next one with @from gets @to
 * @from: held, or NULL
 * @to: held, or NULL before the first
 */
struct sb_set_step {
	struct sb_set *from;
	struct sb_set *to;
};

struct sb_set *sb_set_step_with(struct sb_set_step *step, struct sb_set *old,
				struct sb_scope *scope);
struct sb_set *sb_set_step_of_live(struct sb_set_step *step, struct sb_set *old);
void sb_set_step_put(struct sb_set_step *step);

#endif
