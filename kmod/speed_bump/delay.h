/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Delays run when a handler has returned, on the way back to user space: a handler holds up whoever
 * unregisters a uprobe, anybody's.
 */
#ifndef SPEED_BUMP_DELAY_H
#define SPEED_BUMP_DELAY_H

#include "command.h"

struct sb_target;

/**
 * struct sb_delay_order - a delay that a hit is to suffer
 * @life: of the target, when the hit came
 * @how: spin or sleep
 * @begun_ns: when the handler was entered, CLOCK_MONOTONIC
 * @length_ns: from there
 * @floor_ns: what the hit costs beside
 */
struct sb_delay_order {
	unsigned int life;
	enum sb_how how;
	u64 begun_ns;
	u64 length_ns;
	u64 floor_ns;
};

int sb_delay_queue(struct sb_target *target, const struct sb_delay_order *order);

int sb_delay_init(void);
void sb_delay_wait_for_all(void);
void sb_delay_exit(void);

#endif
