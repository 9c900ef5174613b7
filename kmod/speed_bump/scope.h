/* SPDX-License-Identifier: GPL-2.0 */
/* Scopes: one for each root, shared by all targets that name it. */
#ifndef SPEED_BUMP_SCOPE_H
#define SPEED_BUMP_SCOPE_H

#include <linux/list.h>

#include "member.h"

struct sb_scope *sb_scope_get(struct pid *root);
struct sb_scope *sb_scope_share(struct sb_scope *scope);
void sb_scope_leave(struct sb_scope *scope);
void sb_scope_sweep(void);
bool sb_scope_has_mm(const struct sb_scope *scope, const struct mm_struct *mm);

/**
 * struct sb_scope_figures - a scope as read
 * @scope: held
 * @targets: that have it
 */
struct sb_scope_figures {
	struct sb_scope *scope;
	unsigned int targets;
};

struct sb_scope_figures *sb_scope_snapshot(unsigned int *count);
void sb_scope_snapshot_free(struct sb_scope_figures *figures, unsigned int count);

#endif
