/* SPDX-License-Identifier: GPL-2.0 */
/* Probes that do nothing, in the ways that the tracer does without: what it is compared with. */
#ifndef PROBES_H
#define PROBES_H

int probes_set(unsigned long kind);

#endif
