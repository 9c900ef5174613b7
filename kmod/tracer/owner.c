// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/uidgid.h>

#include "owner.h"

static bool has_ids(const struct cred *owner, const struct cred *cred)
{
	return uid_eq(owner->euid, cred->euid) && uid_eq(owner->euid, cred->suid) &&
	       uid_eq(owner->euid, cred->uid) && gid_eq(owner->egid, cred->egid) &&
	       gid_eq(owner->egid, cred->sgid) && gid_eq(owner->egid, cred->gid);
}

/**
 * tracer_owns() - whether a process is somebody's own
 * @owner: who
 * @task: a thread of the process
 *
 * As ptrace(2) has it: all ids are the owner's, and it has no capability that the owner lacks.
 */
bool tracer_owns(const struct cred *owner, struct task_struct *task)
{
	const struct cred *cred;
	bool owns;

	if (task->flags & PF_KTHREAD)
		return false;
	rcu_read_lock();
	cred = __task_cred(task);
	owns = has_ids(owner, cred) && cred->user_ns == owner->user_ns &&
	       cap_issubset(cred->cap_permitted, owner->cap_permitted);
	rcu_read_unlock();
	return owns;
}
