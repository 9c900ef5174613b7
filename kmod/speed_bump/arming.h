/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bringing breakpoints to where they should be. Whoever changes what a target should be (the
 * switches, its removal) settles it afterwards; the last change wins.
 */
#ifndef SPEED_BUMP_ARMING_H
#define SPEED_BUMP_ARMING_H

#include <linux/list.h>

struct sb_target;

bool sb_arming_is_enabled(void);
void sb_arming_enable(bool is_enabled);

void sb_arming_quench(struct sb_target *target);
int sb_arming_settle(struct sb_target *target);
int sb_arming_settle_many(struct sb_target **targets, unsigned int count);
void sb_arming_disarm_batch(struct list_head *batch);
int sb_arming_refilter(struct sb_target *target);

#endif
