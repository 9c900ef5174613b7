/* SPDX-License-Identifier: GPL-2.0 */
/* What one descriptor watches, and the list of processes that none has to keep. */
#ifndef TRACER_SESSION_H
#define TRACER_SESSION_H

#include <linux/list.h>
#include <linux/xarray.h>

#include "counts.h"

struct cred;
struct tracer_watch;

/**
 * struct tracer_session - a descriptor's watches; all but the first under tracer_lock
 * @opener: who may watch its own processes only and opened the descriptor, or NULL
 * @watches: by id
 * @ended: those whose process has ended or left, the first to do so first
 * @last_id: the highest so far
 * @count: watches
 * @live: those that are not in @ended
 * @dropped: those that gave way to others
 * @dropped_counts: their sums
 * @missed: descendants that could not be followed
 * @is_closing: nobody comes in any more
 */
struct tracer_session {
	const struct cred *opener;
	struct xarray watches;
	struct list_head ended;
	u64 last_id;
	unsigned long count;
	unsigned long live;
	u64 dropped;
	struct tracer_counts dropped_counts;
	u64 missed;
	bool is_closing;
};

/* Processes that were added one by one. They stay when the descriptor is closed. */
extern struct tracer_session tracer_list;

void tracer_session_init(struct tracer_session *session);
void tracer_session_close(struct tracer_session *session);
void tracer_session_miss(struct tracer_session *session);

#endif
