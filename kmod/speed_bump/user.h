/* SPDX-License-Identifier: GPL-2.0 */
/* What parser, resolver and draws need of the kernel, in user space: for tests and fuzzing. */
#ifndef SPEED_BUMP_USER_H
#define SPEED_BUMP_USER_H

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define S32_MAX			INT32_MAX
#define S64_MAX			INT64_MAX
#define U64_MAX			UINT64_MAX
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define IS_ALIGNED(value, to)	(((value) & ((to) - 1)) == 0)
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define sizeof_field(type, field) sizeof(((type *)0)->field)
#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))

#define GFP_KERNEL		0

static inline void *kvmalloc(size_t size, int flags)
{
	(void)flags;
	return malloc(size);
}

static inline void kvfree(void *memory)
{
	free(memory);
}

/* What a test sets to be killed half-way. */
__attribute__((weak)) bool sb_is_killed;

#define current			NULL

static inline bool fatal_signal_pending(void *task)
{
	(void)task;
	return sb_is_killed;
}

static inline void cond_resched(void)
{
}

static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (u64)(((unsigned __int128)a * b) >> shift);
}

static inline int fls64(u64 value)
{
	return value ? 64 - __builtin_clzll(value) : 0;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

#endif
