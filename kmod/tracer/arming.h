/* SPDX-License-Identifier: GPL-2.0 */
/* Calls are traced while some process is counted, and not longer. */
#ifndef TRACER_ARMING_H
#define TRACER_ARMING_H

int tracer_arming_begin(void);
void tracer_arming_end(void);
void tracer_arming_idle(void);
void tracer_arming_stop(void);

#endif
