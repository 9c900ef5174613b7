/* SPDX-License-Identifier: GPL-2.0 */
/* Owners of targets: what a process owns goes when it ends, in whatever way. */
#ifndef SPEED_BUMP_LEASE_H
#define SPEED_BUMP_LEASE_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

struct pid;

/**
 * struct sb_lease - an owner
 * @owner: the process, a reference held
 * @node: in leases; added and removed under lease_lock, read under RCU
 * @users: targets that are owned, and the work while it is queued; under lease_lock
 * @has_ended: the owner's exit was noticed; set under the table's lock before its targets are
 *	looked for
 * @work: removes the targets
 * @rcu: for freeing
 */
struct sb_lease {
	struct pid *owner;
	struct hlist_node node;
	unsigned int users;
	bool has_ended;
	struct work_struct work;
	struct rcu_head rcu;
};

struct sb_lease *sb_lease_get(struct pid *owner);
void sb_lease_put(struct sb_lease *lease);
void sb_lease_exit(struct pid *tgid);

int sb_lease_init(void);
void sb_lease_exit_all(void);

#endif
