/* SPDX-License-Identifier: GPL-2.0 */
/* How large the allocations of watched processes are, by address, until somebody frees them. */
#ifndef TRACER_SIZES_H
#define TRACER_SIZES_H

#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/types.h>

#define TRACER_SIZE_BITS	16

/* A bit a bucket that is not empty: 8 KiB, which stay in a processor's cache. */
extern unsigned long tracer_sizes_present[BIT(TRACER_SIZE_BITS) / BITS_PER_LONG];

static __always_inline unsigned int tracer_sizes_bucket(unsigned long address)
{
	return hash_long(address, TRACER_SIZE_BITS);
}

/* Whether a look at the table can be spared. */
static __always_inline bool tracer_sizes_may_have(unsigned long address)
{
	unsigned int bucket = tracer_sizes_bucket(address);

	return READ_ONCE(tracer_sizes_present[bucket / BITS_PER_LONG]) &
	       BIT(bucket % BITS_PER_LONG);
}

void tracer_sizes_add(unsigned long address, size_t size);
bool tracer_sizes_take(unsigned long address, size_t *size);
u64 tracer_sizes_untracked(void);

int tracer_sizes_start(void);
void tracer_sizes_stop(void);

#endif
