// SPDX-License-Identifier: GPL-2.0
/*
 * draw_driver KIND A B: a million seeded draws. Writes mean, deviation, the Kolmogorov–Smirnov distance from the
 * distribution (as far as it is not clipped), how many were clipped at 0 and at the longest delay, least, and greatest.
 */
#include <math.h>
#include <stdio.h>

#include "draw.h"

#define DRAWS	1000000

/* Steele, Lea and Flood's splitmix64 (OOPSLA 2014). */
static u64 seeded_random(void)
{
	static u64 state = 20240229;
	u64 mixed = state += 0x9e3779b97f4a7c15ULL;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9ULL;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebULL;
	return mixed ^ mixed >> 31;
}

static int compare(const void *first, const void *second)
{
	u64 a = *(const u64 *)first, b = *(const u64 *)second;

	return a < b ? -1 : a > b;
}

/* The probability of a draw of @ns at most; draws are rounded to whole nanoseconds. */
static double probability(const struct sb_dist *dist, u64 ns)
{
	double x = ns + 0.5;

	switch (dist->kind) {
	case SB_UNIFORM:
		return (ns - dist->a + 1.0) / (dist->b - dist->a + 1.0);
	case SB_NORMAL:
		return 0.5 * erfc(((double)dist->a - x) / (dist->b * sqrt(2)));
	default:
		return 1 - exp(-x / dist->a);
	}
}

static double distance(const struct sb_dist *dist, const u64 *sorted)
{
	double greatest = 0;
	int i;

	for (i = 0; i < DRAWS; i++) {
		double off;

		if (sorted[i] == SB_MAX_DELAY_NS || (i + 1 < DRAWS && sorted[i + 1] == sorted[i]))
			continue;
		off = fabs((i + 1.0) / DRAWS - probability(dist, sorted[i]));
		greatest = fmax(greatest, off);
	}
	return greatest;
}

int main(int argc, char **argv)
{
	static u64 draws[DRAWS];
	struct sb_dist dist = { 0 };
	double mean = 0, squares = 0;
	int low = 0, high = 0, i;

	if (argc != 4)
		return 1;
	dist.kind = !strcmp(argv[1], "uniform") ? SB_UNIFORM :
		    !strcmp(argv[1], "normal") ? SB_NORMAL : SB_EXP;
	dist.a = strtoull(argv[2], NULL, 10);
	dist.b = strtoull(argv[3], NULL, 10);
	for (i = 0; i < DRAWS; i++) {
		bool clipped;

		draws[i] = sb_draw_ns(&dist, seeded_random, &clipped);
		if (clipped && draws[i] != 0 && draws[i] != SB_MAX_DELAY_NS)
			return 2;
		low += clipped && !draws[i];
		high += clipped && draws[i];
		mean += (double)draws[i] / DRAWS;
	}
	for (i = 0; i < DRAWS; i++)
		squares += (draws[i] - mean) * (draws[i] - mean) / DRAWS;
	qsort(draws, DRAWS, sizeof(draws[0]), compare);
	printf("%.6f %.6f %.9f %d %d %llu %llu\n", mean, sqrt(squares), distance(&dist, draws), low, high,
	       (unsigned long long)draws[0], (unsigned long long)draws[DRAWS - 1]);
	return 0;
}
