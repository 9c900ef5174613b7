// SPDX-License-Identifier: GPL-2.0
/*
 * Delays at random, to a nanosecond: fixed-point numbers, QN having N fractional bits. Tails go as
 * far as 64 random bits carry them: 44 means of an exponential distribution, 13 deviations of a
 * normal one.
 */
#include "draw.h"

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#endif

#define SB_LN_BITS	40
#define SB_LN2_Q64	0xb17217f7d1cf79abULL
#define SB_HEIGHT_Q64	0xdb9669f9989cc206ULL	/* √(2/e) */
/* All draws being refused so often has a probability of 10^-18. */
#define SB_MAX_TRIES	32
#define SB_MAX_X_Q32	(14ULL << 32)

/* −ln(u / 2^64) as Q40, for u above 0; at most 64 ln 2. */
static u64 sb_negative_ln(u64 u)
{
	unsigned int whole = fls64(u) - 1;
	u64 mantissa = u << (63 - whole);
	u64 fraction = 0;
	int bit;

	/* Squaring a number of [1, 2) shifts its binary logarithm by one digit. */
	for (bit = 0; bit < SB_LN_BITS; bit++) {
		u64 square = mul_u64_u64_shr(mantissa, mantissa, 64);

		if (square >> 63) {
			fraction = fraction << 1 | 1;
			mantissa = square;
		} else {
			fraction <<= 1;
			mantissa = square << 1;
		}
	}
	return mul_u64_u64_shr(((u64)(64 - whole) << SB_LN_BITS) - fraction, SB_LN2_Q64, 64);
}

/* The product of nanoseconds and a number of @bits fractional bits, rounded. */
static u64 sb_scale(u64 ns, u64 factor, unsigned int bits)
{
	return (mul_u64_u64_shr(ns, factor, bits - 1) + 1) >> 1;
}

/*
 * |x| of a standard normal x, as Q32, by the ratio of uniforms (Kinderman and Monahan, ACM TOMS 3
 * (1977)): x = v / u for a point (u, v) below the curve x² = −4 ln u. Also a random sign.
 */
static u64 sb_draw_normal_q32(u64 (*random)(void), bool *negative)
{
	int tries;

	for (tries = 0; tries < SB_MAX_TRIES; tries++) {
		u64 u = random() | 1;
		u64 bits = random();
		u64 v = mul_u64_u64_shr(bits, SB_HEIGHT_Q64, 64);
		/* Of the 32 digits that the quotient needs, as many from above as there is room. */
		unsigned int up = min_t(unsigned int, 64 - fls64(v), 32);
		u64 divisor = u >> (32 - up);
		u64 x;

		if (!divisor)
			continue;
		x = div64_u64(v << up, divisor);
		if (x > SB_MAX_X_Q32 ||
		    mul_u64_u64_shr(x, x, 64 - SB_LN_BITS) > sb_negative_ln(u) * 4)
			continue;
		*negative = bits & 1;
		return x;
	}
	*negative = false;
	return 0;
}

static u64 sb_clip(u64 ns, bool *clipped)
{
	*clipped = ns > SB_MAX_DELAY_NS;
	return *clipped ? SB_MAX_DELAY_NS : ns;
}

static u64 sb_draw_uniform(const struct sb_dist *dist, u64 (*random)(void))
{
	/* Some values are likelier than others, by a factor of 1 + 10^-9 at most. */
	return dist->a + mul_u64_u64_shr(random(), dist->b - dist->a + 1, 64);
}

static u64 sb_draw_exp(const struct sb_dist *dist, u64 (*random)(void))
{
	return sb_scale(dist->a, sb_negative_ln(random() | 1), SB_LN_BITS);
}

static u64 sb_draw_normal(const struct sb_dist *dist, u64 (*random)(void), bool *clipped)
{
	bool negative;
	u64 distance = sb_scale(dist->b, sb_draw_normal_q32(random, &negative), 32);

	if (!negative)
		return sb_clip(dist->a + distance, clipped);
	*clipped = distance > dist->a;
	return *clipped ? 0 : dist->a - distance;
}

u64 sb_draw_ns(const struct sb_dist *dist, u64 (*random)(void), bool *clipped)
{
	switch (dist->kind) {
	case SB_UNIFORM:
		return sb_clip(sb_draw_uniform(dist, random), clipped);
	case SB_NORMAL:
		return sb_draw_normal(dist, random, clipped);
	case SB_EXP:
		return sb_clip(sb_draw_exp(dist, random), clipped);
	default:
		return sb_clip(dist->a, clipped);
	}
}
