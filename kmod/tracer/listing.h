/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/tracer */
#ifndef TRACER_LISTING_H
#define TRACER_LISTING_H

int tracer_listing_init(void);
void tracer_listing_exit(void);

#endif
