// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "scope.h"

static LIST_HEAD(scopes);
static unsigned int scope_count;
static bool sweep_is_due;
/* The above, and what each scope has under it. Nothing that a hit, a fork or an exit needs. */
static DEFINE_MUTEX(scope_lock);

static struct sb_scope *scope_find(const struct pid *root)
{
	struct sb_scope *scope;

	list_for_each_entry(scope, &scopes, node) {
		if (scope->root == root)
			return scope;
	}
	return NULL;
}

static int scope_gather(struct sb_scope *scope)
{
	struct task_struct *leader = get_pid_task(scope->root, PIDTYPE_TGID);
	int joined;

	if (!leader)
		return -ENOENT;
	joined = sb_member_join(scope, leader);
	put_task_struct(leader);
	if (joined)
		return joined == -ESRCH ? -ENOENT : joined;
	do {
		cond_resched();
		joined = sb_member_join_children(scope);
	} while (joined > 0);
	return joined;
}

/**
 * sb_scope_get() - the scope of a process and its descendants
 * @root: the process
 *
 * A scope that targets have already is shared: it knows descendants that nobody could find any
 * more.
 *
 * Return: the scope, for sb_scope_leave() and then sb_scope_release(), or -ENOENT when the process
 * has ended, or -ENOMEM.
 */
struct sb_scope *sb_scope_get(struct pid *root)
{
	struct sb_scope *scope;
	int err;

	mutex_lock(&scope_lock);
	scope = scope_find(root);
	if (scope) {
		scope->users++;
		sb_scope_hold(scope);
		goto out;
	}
	scope = kzalloc(sizeof(*scope), GFP_KERNEL);
	if (!scope) {
		scope = ERR_PTR(-ENOMEM);
		goto out;
	}
	scope->root = get_pid(root);
	scope->users = 1;
	refcount_set(&scope->holders, 1);
	err = scope_gather(scope);
	if (err) {
		WRITE_ONCE(scope->users, 0);
		sb_member_sweep();
		sb_scope_release(scope);
		scope = ERR_PTR(err);
		goto out;
	}
	list_add_tail(&scope->node, &scopes);
	scope_count++;
out:
	mutex_unlock(&scope_lock);
	return scope;
}

/**
 * sb_scope_share() - have one more target in a scope
 * @scope: a scope that has users
 *
 * Return: the scope, for sb_scope_leave() and then sb_scope_release().
 */
struct sb_scope *sb_scope_share(struct sb_scope *scope)
{
	mutex_lock(&scope_lock);
	scope->users++;
	mutex_unlock(&scope_lock);
	sb_scope_hold(scope);
	return scope;
}

/**
 * sb_scope_leave() - one target fewer needs to know who is in a scope
 * @scope: the scope, still held
 *
 * A sb_scope_sweep() follows, one for many.
 */
void sb_scope_leave(struct sb_scope *scope)
{
	mutex_lock(&scope_lock);
	WRITE_ONCE(scope->users, scope->users - 1);
	if (!scope->users) {
		list_del(&scope->node);
		scope_count--;
		sweep_is_due = true;
	}
	mutex_unlock(&scope_lock);
}

/**
 * sb_scope_sweep() - have the members of ended scopes forget them
 */
void sb_scope_sweep(void)
{
	mutex_lock(&scope_lock);
	if (sweep_is_due)
		sb_member_sweep();
	sweep_is_due = false;
	mutex_unlock(&scope_lock);
}

#ifdef CONFIG_MEMCG
/*
 * Whether the owner of @mm is in @scope. A child that is being forked has its address space before
 * the fork's probe tells of it: it counts as in, and loses the breakpoint at its first hit if it is
 * not. Under RCU.
 */
static bool owner_is_in(const struct sb_scope *scope, struct task_struct *owner)
{
	return (READ_ONCE(owner->__state) & TASK_NEW) || sb_member_in(scope, task_tgid(owner));
}

/*
 * Whether processes beside the owner may use @mm. Who asks about another process's holds a
 * reference; who asks about its own, at a hit or a mapping, does not.
 */
static bool is_shared(const struct mm_struct *mm, struct task_struct *owner)
{
	return atomic_read(&mm->mm_users) > get_nr_threads(owner) + (current->mm != mm);
}

static bool mm_tells(const struct sb_scope *scope, const struct mm_struct *mm, bool *is_in)
{
	struct task_struct *owner;
	bool tells = false;

	rcu_read_lock();
	owner = rcu_dereference(mm->owner);
	if (owner) {
		*is_in = owner_is_in(scope, owner);
		tells = *is_in || !is_shared(mm, owner);
	}
	rcu_read_unlock();
	return tells;
}
#else
static bool mm_tells(const struct sb_scope *scope, const struct mm_struct *mm, bool *is_in)
{
	return false;
}
#endif

/**
 * sb_scope_has_mm() - whether a process of a scope has an address space
 * @scope: the scope
 * @mm: the address space
 */
bool sb_scope_has_mm(const struct sb_scope *scope, const struct mm_struct *mm)
{
	bool is_in;

	if (current->mm == mm && sb_member_in(scope, task_tgid(current)))
		return true;
	if (mm_tells(scope, mm, &is_in))
		return is_in;
	return sb_member_shares_mm(scope, mm);
}

/**
 * sb_scope_snapshot() - all scopes
 * @count: their number
 *
 * Return: an array for sb_scope_snapshot_free(), or ERR_PTR(-ENOMEM).
 */
struct sb_scope_figures *sb_scope_snapshot(unsigned int *count)
{
	struct sb_scope_figures *figures;
	struct sb_scope *scope;
	unsigned int i = 0;

	mutex_lock(&scope_lock);
	figures = kvmalloc_array(scope_count + 1, sizeof(*figures), GFP_KERNEL);
	if (!figures) {
		mutex_unlock(&scope_lock);
		return ERR_PTR(-ENOMEM);
	}
	list_for_each_entry(scope, &scopes, node) {
		sb_scope_hold(scope);
		figures[i].scope = scope;
		figures[i].targets = scope->users;
		i++;
	}
	*count = i;
	mutex_unlock(&scope_lock);
	return figures;
}

void sb_scope_snapshot_free(struct sb_scope_figures *figures, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		sb_scope_release(figures[i].scope);
	kvfree(figures);
}
