/* SPDX-License-Identifier: GPL-2.0 */
/* What an execution of a site in scope leads to. */
#ifndef SPEED_BUMP_HIT_H
#define SPEED_BUMP_HIT_H

#include <linux/types.h>

struct sb_site;
struct sb_target;

void sb_hit(struct sb_site *site, u64 flags, u64 now_ns);
void sb_hit_entry(struct sb_target *target);
void sb_hit_return(struct sb_site *site, u64 flags, u64 now_ns);

#endif
