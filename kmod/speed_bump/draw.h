/* SPDX-License-Identifier: GPL-2.0 */
/* Random delays by integer arithmetic: the kernel has no floating point. Also for user space. */
#ifndef SPEED_BUMP_DRAW_H
#define SPEED_BUMP_DRAW_H

#include "command.h"

/**
 * sb_draw_ns() - draw a delay
 * @dist: SB_UNIFORM (both ends included), SB_NORMAL or SB_EXP
 * @random: gives 64 uniform random bits
 * @clipped: whether the draw was outside 0 to SB_MAX_DELAY_NS and was moved there
 *
 * Return: nanoseconds.
 */
u64 sb_draw_ns(const struct sb_dist *dist, u64 (*random)(void), bool *clipped);

#endif
