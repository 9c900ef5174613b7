// SPDX-License-Identifier: GPL-2.0
/* Fuzzing of the draws: any parameters that the parser lets through, any random bits. */
#include <stdio.h>

#include "draw.h"

static const u8 *bits;
static size_t left;

static void fail(const char *what)
{
	fprintf(stderr, "draw: %s\n", what);
	abort();
}

/* Zeroes when the input is used up, so that every loop over it must have its own end. */
static u64 take_u64(void)
{
	size_t count = left < sizeof(u64) ? left : sizeof(u64);
	u64 value = 0;

	memcpy(&value, bits, count);
	bits += count;
	left -= count;
	return value;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct sb_dist dist;
	bool clipped;
	u64 ns;

	bits = data;
	left = size;
	dist.kind = SB_UNIFORM + take_u64() % 3;
	dist.a = take_u64() % (SB_MAX_DELAY_NS + 1);
	dist.b = take_u64() % (SB_MAX_DELAY_NS + 1);
	if (dist.kind == SB_UNIFORM && dist.a > dist.b)
		return 0;
	ns = sb_draw_ns(&dist, take_u64, &clipped);
	if (ns > SB_MAX_DELAY_NS)
		fail("more than the longest delay");
	if (clipped && ns && ns != SB_MAX_DELAY_NS)
		fail("clipped to something else than an end");
	if (dist.kind == SB_UNIFORM && (clipped || ns < dist.a || ns > dist.b))
		fail("out of the interval");
	if (dist.kind == SB_EXP && !dist.a && ns)
		fail("more than a mean of 0");
	if (dist.kind == SB_NORMAL && !dist.b && ns != dist.a)
		fail("not the mean without a deviation");
	return 0;
}
