/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/tracer */
#ifndef TRACER_DEVICE_H
#define TRACER_DEVICE_H

int tracer_device_init(void);
void tracer_device_exit(void);

#endif
