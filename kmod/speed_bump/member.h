/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that are in scopes, by their struct pid, which no later process can have. A process has
 * one set of scopes, shared with all that are in the same ones, so that a fork costs the same
 * however many there are.
 */
#ifndef SPEED_BUMP_MEMBER_H
#define SPEED_BUMP_MEMBER_H

#include <linux/types.h>

#include "scope_set.h"

struct mm_struct;
struct task_struct;

bool sb_member_in(const struct sb_scope *scope, const struct pid *tgid);
bool sb_member_shares_mm(const struct sb_scope *scope, const struct mm_struct *mm);

int sb_member_join(struct sb_scope *scope, struct task_struct *leader);
int sb_member_join_children(struct sb_scope *scope);
void sb_member_fork(struct task_struct *parent, struct task_struct *child);
void sb_member_exit(struct task_struct *task);
void sb_member_sweep(void);

typedef int sb_member_visit(void *context, const struct sb_scope *scope, struct pid *tgid);

/**
 * sb_member_each() - visit each pair of a process and a scope it is in
 * @visit: called under rcu_read_lock(); an error ends the walk
 * @context: for @visit
 *
 * Return: 0 or the error.
 */
int sb_member_each(sb_member_visit *visit, void *context);

/* Forks that found no memory, since the module's load. */
u64 sb_member_untracked(void);

#endif
