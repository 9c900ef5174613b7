/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One write to `targets`, taken apart; nothing is looked up yet (docs/speed_bump.md has the
 * grammar). Compiles in user space too: user.h stands in for the kernel's headers there.
 */
#ifndef SPEED_BUMP_COMMAND_H
#define SPEED_BUMP_COMMAND_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/types.h>
#else
#include "user.h"
#endif

#define SB_MAX_LINE		4095	/* bytes of a write, newline included */
#define SB_MAX_SYMBOL		1023
#define SB_MAX_TAG		64
#define SB_MAX_DELAY_NS		10000000000ULL
#define SB_MAX_WINDOW_NS	(30ULL * 24 * 3600 * 1000000000ULL)
#define SB_MAX_FLOOR_NS		1000000000ULL

enum sb_verb { SB_ADD, SB_REMOVE, SB_UPDATE };

/* Which targets a remove or an update means; an add always names one. */
enum sb_selector { SB_BY_NAME, SB_BY_TAG, SB_BY_ID, SB_ALL };

enum sb_at { SB_AT_ENTRY, SB_AT_RETURN };
enum sb_how { SB_SPIN, SB_SLEEP };
enum sb_dist_kind { SB_FIXED, SB_UNIFORM, SB_NORMAL, SB_EXP };

/* Options that a command named. */
#define SB_OPT_PID		BIT(0)
#define SB_OPT_OWNER		BIT(1)
#define SB_OPT_TAG		BIT(2)
#define SB_OPT_ON		BIT(3)
#define SB_OPT_OFFSET		BIT(4)
#define SB_OPT_AT		BIT(5)
#define SB_OPT_HOW		BIT(6)
#define SB_OPT_EVERY		BIT(7)
#define SB_OPT_TIMES		BIT(8)
#define SB_OPT_PROBABILITY	BIT(9)
#define SB_OPT_START		BIT(10)
#define SB_OPT_DURATION		BIT(11)
#define SB_OPT_DIST		BIT(12)
#define SB_OPT_FLOOR		BIT(13)
#define SB_OPT_COMPENSATE	BIT(14)
#define SB_OPT_HISTOGRAM	BIT(15)

/**
 * struct sb_dist - what a delay is drawn from
 * @kind: SB_FIXED has no parameters
 * @a: low, or mean, ns
 * @b: high, or standard deviation, ns
 */
struct sb_dist {
	enum sb_dist_kind kind;
	u64 a;
	u64 b;
};

/**
 * struct sb_place - a site as a command names it
 * @offset: file offset
 * @mask: bits of the flags register that make a condition; 0 is none
 * @when_set: a hit needs one of them set, otherwise all clear
 */
struct sb_place {
	u64 offset;
	u64 mask;
	bool when_set;
};

/**
 * struct sb_command - a command, valid as a whole
 *
 * Strings end with NUL and lie in the line that was parsed, percent-encoding undone.
 *
 * @named: SB_OPT_*: fields whose bit is not set hold the defaults of an add
 * @places: text of the sites, for sb_place_next(); NULL without offset=
 * @place_count: number of sites in @places
 * @floors: text of the floors, for sb_floor_next(); NULL without floor=
 * @floor_count: number of floors: in an add 0, 1 or the number of sites; an update's is the
 *	caller's to compare
 */
struct sb_command {
	enum sb_verb verb;
	enum sb_selector selector;
	const char *path;
	const char *symbol;
	const char *tag;
	u64 id;
	bool has_delay;
	u64 delay_ns;
	u32 named;
	s32 pid;
	s32 owner;
	bool on;
	enum sb_at at;
	enum sb_how how;
	u64 every;
	u64 times;
	u32 probability_ppm;
	u64 start_ns;
	u64 duration_ns;
	struct sb_dist dist;
	bool compensate;
	u32 histogram;
	const char *places;
	u32 place_count;
	const char *floors;
	u32 floor_count;
};

/* times and duration_ns without a limit */
#define SB_FOREVER		((u64)S64_MAX)

/**
 * sb_command_parse() - take one write apart
 * @line: the bytes of the write, with room for a NUL behind them; changed
 * @len: their number, 1 or more
 * @command: the result
 *
 * Several sites of one offset are not told apart here.
 *
 * Return: 0, or -EINVAL, -ERANGE, -ENAMETOOLONG (docs/speed_bump.md).
 */
int sb_command_parse(char *line, size_t len, struct sb_command *command);

/**
 * sb_place_next() - read the next site of a command that was parsed
 * @cursor: starts as command->places; moves on
 * @place: the result
 *
 * Return: whether there was one.
 */
bool sb_place_next(const char **cursor, struct sb_place *place);

/* sb_floor_next() - read the next floor of a command that was parsed, as sb_place_next() does */
bool sb_floor_next(const char **cursor, u64 *floor_ns);

#endif
