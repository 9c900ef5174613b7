/* SPDX-License-Identifier: GPL-2.0 */
/* A process as one session watches it. */
#ifndef TRACER_WATCH_H
#define TRACER_WATCH_H

#include <linux/list.h>
#include <linux/sched.h>

#include "counts.h"

struct cred;
struct tracer_process;
struct tracer_session;

/**
 * struct tracer_watch - a row; all under tracer_lock
 * @node: in the process's watches; empty when the process has left
 * @ended_node: in the session's list of those that ended or left
 * @process: held
 * @session: whose
 * @owner: who may watch its own processes only, held; NULL for who may watch all
 * @counts: what the process had when the watch began; of one that has left, what it had since
 * @id: in the session
 * @start_ns: when the watch began, CLOCK_MONOTONIC
 * @left_ns: when the process left, CLOCK_MONOTONIC, or 0
 * @is_root: was named, not found or followed
 */
struct tracer_watch {
	struct list_head node;
	struct list_head ended_node;
	struct tracer_process *process;
	struct tracer_session *session;
	const struct cred *owner;
	struct tracer_counts counts;
	u64 id;
	u64 start_ns;
	u64 left_ns;
	bool is_root;
};

struct tracer_watch *tracer_watch_start(struct tracer_session *session, struct task_struct *leader,
					const struct cred *owner);
void tracer_watch_remove(struct tracer_watch *watch);
void tracer_watch_end(struct tracer_watch *watch);
void tracer_watch_leave(struct tracer_watch *watch);
bool tracer_watch_is_live(const struct tracer_watch *watch);

struct tracer_watch *tracer_watch_find(const struct tracer_session *session,
				       const struct task_struct *leader);
void tracer_watch_sum(const struct tracer_watch *watch, struct tracer_counts *sum);
void tracer_watch_name(const struct tracer_watch *watch, char name[TASK_COMM_LEN]);

#endif
