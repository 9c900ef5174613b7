/* SPDX-License-Identifier: GPL-2.0 */
/* Calls of the functions that are counted. */
#ifndef TRACER_CALLS_H
#define TRACER_CALLS_H

int tracer_calls_start(void);
void tracer_calls_stop(void);

#endif
