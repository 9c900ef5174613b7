/* SPDX-License-Identifier: GPL-2.0 */
/* Where the functions are that are counted, and one more that frees what they allocate. */
#ifndef TRACER_SYMBOLS_H
#define TRACER_SYMBOLS_H

enum tracer_symbol {
	TRACER_AT_KMALLOC,
	TRACER_AT_KFREE,
	TRACER_AT_FREE_BULK,
	TRACER_AT_SCHEDULE,
	TRACER_AT_UP,
	TRACER_AT_DOWN,
	TRACER_AT_LOCK,
	TRACER_AT_UNLOCK,
	TRACER_SYMBOLS
};

/* Addresses of their first instructions that can be traced; set once, at load. */
extern unsigned long tracer_symbols[TRACER_SYMBOLS];

int tracer_symbols_init(void);

#endif
