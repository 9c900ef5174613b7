/* SPDX-License-Identifier: GPL-2.0 */
/* Targets, and the table that holds them. */
#ifndef SPEED_BUMP_TARGET_H
#define SPEED_BUMP_TARGET_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/path.h>
#include <linux/uprobes.h>
#include <linux/wait.h>

#include "binary.h"
#include "command.h"
#include "stats.h"

struct sb_lease;
struct sb_plan;
struct sb_scope;
struct sb_target;

/**
 * struct sb_site - an instruction that carries a breakpoint while its target is armed
 * @consumer: what the kernel calls
 * @target: whose it is
 * @uprobe: the kernel's handle; under the target's arming
 * @place: offset and condition
 */
struct sb_site {
	struct uprobe_consumer consumer;
	struct sb_target *target;
	struct uprobe *uprobe;
	struct sb_place place;
};

/**
 * struct sb_target - what an add made
 *
 * What says nothing else does not change after the insertion into the table.
 *
 * @refs: the table, delays in flight, and whoever works with it
 * @id: its number, never used again
 * @by_site: in a table by inode and first offset; the table's lock
 * @by_name: in a table by path and symbol; the table's lock
 * @by_tag: in a table by tag; the table's lock
 * @batch: for who took it out of the table
 * @path: as it was written, or of what /proc/… stood for
 * @symbol: as it was written, percent-encoding undone
 * @tag: or NULL
 * @file: what was found there, until the target is removed: umount is refused meanwhile; then
 *	nothing, under the table's lock
 * @view: of who added it
 * @inode: of @file, below any overlay: compared after the removal, never looked into
 * @at: entry or return
 * @is_placed: offset= was given
 * @lease: tie to the owner, or NULL; good until the target is removed
 * @owner: the process, a reference held, or NULL
 * @scope: held, or NULL; changes under the table's lock, read under RCU
 * @on: switch of an owned target; changes under the table's lock
 * @is_removed: out of the table for good; set under its lock
 * @plan: delay and schedule; replaced under the table's lock, read under RCU
 * @life: odd while hits count; every other value is a life of its own, and delays end with the one
 *	that began them
 * @sleepers: delays that sleep
 * @arming: whoever registers and unregisters the sites
 * @is_armed: they are registered; @arming
 * @disarmed_at: the last wait for handlers that had begun when they were unregistered, or -1;
 *	@arming
 * @ordinal: hits counted for every=
 * @spent: delays counted for times=
 * @stats: figures
 * @site_count: sites
 * @sites: each
 */
struct sb_target {
	struct kref refs;
	unsigned long id;
	struct hlist_node by_site;
	struct hlist_node by_name;
	struct hlist_node by_tag;
	struct list_head batch;
	char *path;
	char *symbol;
	char *tag;
	struct path file;
	struct sb_view view;
	struct inode *inode;
	enum sb_at at;
	bool is_placed;
	struct sb_lease *lease;
	struct pid *owner;
	struct sb_scope __rcu *scope;
	bool on;
	bool is_removed;
	struct sb_plan __rcu *plan;
	unsigned int life;
	wait_queue_head_t sleepers;
	struct mutex arming; /* of the sites */
	bool is_armed;
	s64 disarmed_at;
	atomic64_t ordinal;
	atomic64_t spent;
	struct sb_stats stats;
	unsigned int site_count;
	struct sb_site sites[];
};

struct sb_target *sb_target_alloc(const struct sb_command *command);
void sb_target_get(struct sb_target *target);
void sb_target_put(struct sb_target *target);

/*
 * Nothing that a hit, an exit or a read waits for; never held across registration or work on files.
 */
extern struct mutex sb_table_lock;

int sb_table_insert(struct sb_target *target);
void sb_table_take_out(struct sb_target *target, struct list_head *batch);
bool sb_table_are_twins(const struct sb_target *one, const struct sb_target *other);
bool sb_table_has_twin(const struct sb_target *target, const struct sb_scope *scope);

/**
 * struct sb_selection - which targets a command means
 * @command: its selector, and what that needs
 * @inode: targets of this file stand for those of the path, when it is not NULL
 * @owner: for all of an owner; NULL for those without one
 * @any_owner: for all, whoever owns them
 */
struct sb_selection {
	const struct sb_command *command;
	const struct inode *inode;
	const struct pid *owner;
	bool any_owner;
};

typedef int sb_table_visitor(struct sb_target *target, void *context);

int sb_table_visit(const struct sb_selection *selection, sb_table_visitor *visit, void *context);

struct sb_target **sb_table_snapshot(unsigned int *count);
void sb_table_snapshot_free(struct sb_target **targets, unsigned int count);
unsigned int sb_table_count(void);

#endif
