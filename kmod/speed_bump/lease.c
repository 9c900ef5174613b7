// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../live.h"
#include "lease.h"
#include "remove.h"

static DEFINE_HASHTABLE(leases, 6);
static DEFINE_SPINLOCK(lease_lock);
static unsigned int lease_count; /* under lease_lock; read without, by exits */
static struct workqueue_struct *lease_queue;

/* Under RCU or lease_lock. */
static struct sb_lease *lease_find(const struct pid *owner)
{
	struct sb_lease *lease;

	hash_for_each_possible_rcu(leases, lease, node, (unsigned long)owner,
				   lockdep_is_held(&lease_lock)) {
		if (lease->owner == owner)
			return lease;
	}
	return NULL;
}

static void lease_free(struct rcu_head *rcu)
{
	struct sb_lease *lease = container_of(rcu, struct sb_lease, rcu);

	put_pid(lease->owner);
	kfree(lease);
}

static void lease_end(struct work_struct *work)
{
	struct sb_lease *lease = container_of(work, struct sb_lease, work);

	sb_remove_owned(lease);
	sb_lease_put(lease);
}

/**
 * sb_lease_get() - tie one more target to a process
 * @owner: the process
 *
 * Return: the lease, for sb_lease_put(), or ERR_PTR(-ENOENT) when the process has ended, or
 * ERR_PTR(-ENOMEM).
 */
struct sb_lease *sb_lease_get(struct pid *owner)
{
	struct sb_lease *spare = kzalloc(sizeof(*spare), GFP_KERNEL);
	struct sb_lease *lease;

	spin_lock(&lease_lock);
	lease = lease_find(owner);
	if (!lease && spare) {
		lease = spare;
		spare = NULL;
		lease->owner = get_pid(owner);
		INIT_WORK(&lease->work, lease_end);
		hash_add_rcu(leases, &lease->node, (unsigned long)owner);
		WRITE_ONCE(lease_count, lease_count + 1);
	}
	if (lease)
		lease->users++;
	spin_unlock(&lease_lock);
	kfree(spare);
	if (!lease)
		return ERR_PTR(-ENOMEM);
	/*
	 * Pairs with the decrement in do_exit(): either the exit's probe finds the lease, or the
	 * exit is seen here.
	 */
	smp_mb();
	if (sb_process_lives(owner))
		return lease;
	sb_lease_put(lease);
	return ERR_PTR(-ENOENT);
}

/**
 * sb_lease_put() - one target fewer is tied to the process
 * @lease: the lease; NULL is allowed
 */
void sb_lease_put(struct sb_lease *lease)
{
	if (!lease)
		return;
	spin_lock(&lease_lock);
	if (!--lease->users) {
		hash_del_rcu(&lease->node);
		WRITE_ONCE(lease_count, lease_count - 1);
		call_rcu(&lease->rcu, lease_free);
	}
	spin_unlock(&lease_lock);
}

/**
 * sb_lease_exit() - a process has ended, with preemption off
 * @tgid: the process
 */
void sb_lease_exit(struct pid *tgid)
{
	struct sb_lease *lease;

	if (!READ_ONCE(lease_count))
		return;
	spin_lock(&lease_lock);
	lease = lease_find(tgid);
	/*
	 * Several last threads may tell of the same exit: the work finds nothing the second time.
	 */
	if (lease && queue_work(lease_queue, &lease->work))
		lease->users++;
	spin_unlock(&lease_lock);
}

int sb_lease_init(void)
{
	lease_queue = alloc_workqueue("speed_bump", WQ_UNBOUND, 0);
	return lease_queue ? 0 : -ENOMEM;
}

/**
 * sb_lease_exit_all() - end the work; no process tells of its exit any more
 */
void sb_lease_exit_all(void)
{
	destroy_workqueue(lease_queue);
}
