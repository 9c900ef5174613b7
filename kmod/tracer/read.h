/* SPDX-License-Identifier: GPL-2.0 */
/* TRACER_READ. */
#ifndef TRACER_READ_H
#define TRACER_READ_H

#include <linux/compiler_types.h>

struct tracer_read;
struct tracer_session;

long tracer_read(struct tracer_session *session, struct tracer_read __user *argument);

#endif
