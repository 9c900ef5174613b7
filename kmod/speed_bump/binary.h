/* SPDX-License-Identifier: GPL-2.0 */
/* Files that carry sites. */
#ifndef SPEED_BUMP_BINARY_H
#define SPEED_BUMP_BINARY_H

#include <linux/path.h>

struct inode;
struct sb_target;

/**
 * struct sb_view - what decides where paths lead a process; for comparison only
 * @mounts: its mount namespace
 * @root: its root directory
 */
struct sb_view {
	const void *mounts;
	const void *root;
};

void sb_binary_note_view(struct sb_view *view);

int sb_binary_find(const char *name, struct path *file);
struct inode *sb_binary_inode(const struct path *file);
int sb_binary_resolve(struct sb_target *target);
char *sb_binary_name(const char *name, const struct path *file);
bool sb_binary_is_stale(const struct sb_target *target, const struct path *file);

#endif
