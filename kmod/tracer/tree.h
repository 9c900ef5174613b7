/* SPDX-License-Identifier: GPL-2.0 */
/* What is asked of a session: processes and trees come and go. */
#ifndef TRACER_TREE_H
#define TRACER_TREE_H

#include <linux/types.h>

struct task_struct;
struct tracer_session;

int tracer_add_process(const struct tracer_session *session, unsigned long number);
int tracer_add_tree(struct tracer_session *session, unsigned long number);
int tracer_remove(struct tracer_session *session, unsigned long number);

void tracer_follow(struct task_struct *parent, struct task_struct *child);

#endif
