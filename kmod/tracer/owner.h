/* SPDX-License-Identifier: GPL-2.0 */
/* Who may watch a process. */
#ifndef TRACER_OWNER_H
#define TRACER_OWNER_H

#include <linux/types.h>

struct cred;
struct task_struct;

bool tracer_owns(const struct cred *owner, struct task_struct *task);

#endif
