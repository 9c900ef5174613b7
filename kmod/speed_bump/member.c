// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "member.h"

/**
 * struct sb_member - a process
 * @node: in members; added and removed under member_lock, read under RCU
 * @tgid: a reference held
 * @set: replaced under member_lock, read under RCU
 * @rcu: for freeing
 */
struct sb_member {
	struct hlist_node node;
	struct pid *tgid;
	struct sb_set __rcu *set;
	struct rcu_head rcu;
};

static DEFINE_HASHTABLE(members, 10);
static DEFINE_SPINLOCK(member_lock);
static unsigned int member_count; /* under member_lock; read without, by forks */
static atomic64_t untracked = ATOMIC64_INIT(0);

/* Under RCU or member_lock. */
static struct sb_member *member_find(const struct pid *tgid)
{
	struct sb_member *member;

	hash_for_each_possible_rcu(members, member, node, (unsigned long)tgid,
				   lockdep_is_held(&member_lock)) {
		if (member->tgid == tgid)
			return member;
	}
	return NULL;
}

static struct sb_set *set_of(struct sb_member *member)
{
	return rcu_dereference_protected(member->set, lockdep_is_held(&member_lock));
}

static void member_insert(struct sb_member *member, struct pid *tgid, struct sb_set *set)
{
	lockdep_assert_held(&member_lock);
	member->tgid = get_pid(tgid);
	set->holders++;
	RCU_INIT_POINTER(member->set, set);
	hash_add_rcu(members, &member->node, (unsigned long)tgid);
	WRITE_ONCE(member_count, member_count + 1);
}

static void member_free(struct rcu_head *rcu)
{
	struct sb_member *member = container_of(rcu, struct sb_member, rcu);

	put_pid(member->tgid);
	kfree(member);
}

static void member_remove(struct sb_member *member)
{
	lockdep_assert_held(&member_lock);
	hash_del_rcu(&member->node);
	WRITE_ONCE(member_count, member_count - 1);
	sb_set_put(set_of(member));
	call_rcu(&member->rcu, member_free);
}

/**
 * sb_member_in() - whether a process is in a scope
 * @scope: the scope
 * @tgid: the process
 */
bool sb_member_in(const struct sb_scope *scope, const struct pid *tgid)
{
	struct sb_member *member;
	bool is_in;

	rcu_read_lock();
	member = member_find(tgid);
	is_in = member && sb_set_has(rcu_dereference(member->set), scope);
	rcu_read_unlock();
	return is_in;
}

static bool process_has_mm(struct pid *tgid, const struct mm_struct *mm)
{
	struct task_struct *leader = pid_task(tgid, PIDTYPE_TGID);
	struct task_struct *thread;

	if (!leader)
		return false;
	for_each_thread(leader, thread) {
		if (READ_ONCE(thread->mm) == mm)
			return true;
	}
	return false;
}

/**
 * sb_member_shares_mm() - whether any process of a scope has an address space
 * @scope: the scope
 * @mm: the address space
 *
 * Visits all: for address spaces whose owner does not tell.
 */
bool sb_member_shares_mm(const struct sb_scope *scope, const struct mm_struct *mm)
{
	struct sb_member *member;
	bool shares = false;
	int bucket;

	rcu_read_lock();
	hash_for_each_rcu(members, bucket, member, node) {
		shares = sb_set_has(rcu_dereference(member->set), scope) &&
			 process_has_mm(member->tgid, mm);
		if (shares)
			break;
	}
	rcu_read_unlock();
	return shares;
}

static void step_end(struct sb_set_step *step)
{
	spin_lock(&member_lock);
	sb_set_step_put(step);
	spin_unlock(&member_lock);
}

static void member_set(struct sb_member *member, struct sb_set *set)
{
	struct sb_set *old = set_of(member);

	set->holders++;
	rcu_assign_pointer(member->set, set);
	sb_set_put(old);
}

/* Returns 1 when @leader's process is new to the scope, 0 when not, or -ENOMEM. Under RCU. */
static int join(struct sb_scope *scope, struct sb_set_step *step, struct task_struct *leader)
{
	struct sb_member *spare = kmalloc(sizeof(*spare), GFP_ATOMIC | __GFP_NOWARN);
	struct pid *tgid = task_tgid(leader);
	struct sb_member *member;
	struct sb_set *old, *set;
	int joined = 0;

	spin_lock(&member_lock);
	member = member_find(tgid);
	old = member ? set_of(member) : NULL;
	/* A process that was reaped has no pid any more. */
	if (!tgid || (old && sb_set_has(old, scope)))
		goto out;
	joined = -ENOMEM;
	set = sb_set_step_with(step, old, scope);
	if (!set)
		goto out;
	if (member) {
		member_set(member, set);
	} else if (spare) {
		member = spare;
		spare = NULL;
		member_insert(member, tgid, set);
	} else {
		goto out;
	}
	joined = 1;
	/*
	 * Pairs with the decrement in do_exit(): either the exit's probe finds the member, or the
	 * exit is seen here.
	 */
	smp_mb();
	if (!atomic_read(&leader->signal->live)) {
		member_remove(member);
		joined = 0;
	}
out:
	spin_unlock(&member_lock);
	kfree(spare);
	return joined;
}

/**
 * sb_member_join() - bring a process into a scope
 * @scope: the scope
 * @leader: the leader of its threads
 *
 * Return: 0, -ESRCH when it has ended, or -ENOMEM.
 */
int sb_member_join(struct sb_scope *scope, struct task_struct *leader)
{
	struct sb_set_step step = { };
	int joined;

	rcu_read_lock();
	joined = join(scope, &step, leader);
	rcu_read_unlock();
	step_end(&step);
	return joined > 0 ? 0 : joined ? joined : -ESRCH;
}

/**
 * sb_member_join_children() - bring those into a scope whose parents are in it
 * @scope: the scope
 *
 * Forks go on meanwhile: a child whose parent is in the scope already comes into it by its fork,
 * and one that was forked before is seen by the next call.
 *
 * Return: how many came in, or -ENOMEM.
 */
int sb_member_join_children(struct sb_scope *scope)
{
	struct sb_set_step step = { };
	struct task_struct *leader;
	int count = 0, joined;

	/*
	 * Pairs with the barrier in sb_member_fork(): what was linked before its look at the parent
	 * is seen here.
	 */
	smp_mb();
	rcu_read_lock();
	for_each_process(leader) {
		struct pid *parent = task_tgid(rcu_dereference(leader->real_parent));

		if (sb_member_in(scope, task_tgid(leader)) || !sb_member_in(scope, parent))
			continue;
		joined = join(scope, &step, leader);
		if (joined < 0) {
			count = joined;
			break;
		}
		count += joined;
	}
	rcu_read_unlock();
	step_end(&step);
	return count;
}

static void count_untracked(struct sb_set *set)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		atomic64_inc(&set->scope[i]->untracked);
	atomic64_inc(&untracked);
}

u64 sb_member_untracked(void)
{
	return atomic64_read(&untracked);
}

/**
 * sb_member_fork() - a child is in the scopes of its parent
 * @parent: the thread that forked
 * @child: the leader of the new process
 *
 * Called before the child runs, with preemption off.
 */
void sb_member_fork(struct task_struct *parent, struct task_struct *child)
{
	struct sb_member *member, *from;

	/* Pairs with the barrier in sb_member_join_children(). */
	smp_mb();
	if (!READ_ONCE(member_count))
		return;
	rcu_read_lock();
	if (!member_find(task_tgid(parent)))
		goto out;
	member = kmalloc(sizeof(*member), GFP_ATOMIC | __GFP_NOWARN);
	spin_lock(&member_lock);
	/* Again: a sweep may have taken it out. */
	from = member_find(task_tgid(parent));
	if (from && member) {
		member_insert(member, task_tgid(child), set_of(from));
		member = NULL;
	} else if (from) {
		count_untracked(set_of(from));
	}
	spin_unlock(&member_lock);
	kfree(member);
out:
	rcu_read_unlock();
}

/**
 * sb_member_exit() - a process has ended
 * @task: its last thread, or one of several that are the last; the process may be gone already
 */
void sb_member_exit(struct task_struct *task)
{
	struct sb_member *member;

	if (!READ_ONCE(member_count))
		return;
	spin_lock(&member_lock);
	member = member_find(task_tgid(task));
	if (member)
		member_remove(member);
	spin_unlock(&member_lock);
}

/* Returns whether a process has left a scope. */
static bool sweep_once(void)
{
	struct sb_member *member;
	struct sb_set_step step = { };
	struct hlist_node *next;
	bool have_left = false;
	int bucket;

	for (bucket = 0; bucket < HASH_SIZE(members); bucket++) {
		spin_lock(&member_lock);
		hlist_for_each_entry_safe(member, next, &members[bucket], node) {
			struct sb_set *old = set_of(member);
			struct sb_set *set = sb_set_step_of_live(&step, old);

			if (IS_ERR(set) || set == old)
				continue;
			if (set)
				member_set(member, set);
			else
				member_remove(member);
			have_left = true;
		}
		spin_unlock(&member_lock);
		cond_resched();
	}
	step_end(&step);
	return have_left;
}

/**
 * sb_member_sweep() - forget scopes that nobody uses any more
 *
 * A child that was forked meanwhile may have what its parent had: once more, until nothing is left.
 * Where memory lacks, scopes stay until the next sweep.
 */
void sb_member_sweep(void)
{
	while (sweep_once())
		cond_resched();
}

int sb_member_each(sb_member_visit *visit, void *context)
{
	struct sb_member *member;
	int bucket, err = 0;

	rcu_read_lock();
	hash_for_each_rcu(members, bucket, member, node) {
		struct sb_set *set = rcu_dereference(member->set);
		unsigned int i;

		for (i = 0; i < set->count && !err; i++)
			err = visit(context, set->scope[i], member->tgid);
		if (err)
			break;
	}
	rcu_read_unlock();
	return err;
}
