// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "sizes.h"

#define TRACER_SHARD_BITS	6
#define TRACER_SHARDS		BIT(TRACER_SHARD_BITS)
#define TRACER_SIZE_BUCKETS	BIT(TRACER_SIZE_BITS)

static unsigned int max_sizes = 65536;
module_param(max_sizes, uint, 0444);
MODULE_PARM_DESC(max_sizes, "how many allocations of watched processes have their size known");

/**
 * struct size - an allocation
 * @node: in its bucket, or among the free ones of its shard
 * @address: what kmalloc returned
 * @bytes: what it was asked for
 */
struct size {
	struct hlist_node node;
	unsigned long address;
	size_t bytes;
};

/**
 * struct shard - a part of the table, with buckets and bits of its own
 * @lock: of all that; taken in interrupts, and from functions that are traced: innermost, raw
 * @free: room
 */
static struct shard {
	raw_spinlock_t lock;
	struct hlist_head free;
} ____cacheline_aligned_in_smp shards[TRACER_SHARDS];

/* Both only while calls are traced. */
static struct hlist_head *buckets;
static struct size *sizes;

unsigned long tracer_sizes_present[BIT(TRACER_SIZE_BITS) / BITS_PER_LONG];

static atomic64_t untracked = ATOMIC64_INIT(0);

static struct shard *shard_of(unsigned int bucket)
{
	return &shards[bucket >> (TRACER_SIZE_BITS - TRACER_SHARD_BITS)];
}

static struct size *size_find(unsigned int bucket, unsigned long address)
{
	struct size *size;

	hlist_for_each_entry(size, &buckets[bucket], node) {
		if (size->address == address)
			return size;
	}
	return NULL;
}

static struct size *size_take_free(struct shard *shard)
{
	struct size *size = hlist_entry_safe(shard->free.first, struct size, node);

	if (size)
		hlist_del(&size->node);
	return size;
}

/**
 * tracer_sizes_add() - remember how large an allocation is
 * @address: where it is; what was there before was freed in a way that nobody noticed
 * @bytes: what was asked for
 */
void tracer_sizes_add(unsigned long address, size_t bytes)
{
	unsigned int bucket = tracer_sizes_bucket(address);
	struct shard *shard = shard_of(bucket);
	unsigned long flags;
	struct size *size;

	raw_spin_lock_irqsave(&shard->lock, flags);
	size = size_find(bucket, address);
	if (!size) {
		size = size_take_free(shard);
		if (size) {
			size->address = address;
			hlist_add_head(&size->node, &buckets[bucket]);
			__set_bit(bucket, tracer_sizes_present);
		}
	}
	if (size)
		size->bytes = bytes;
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	if (!size)
		atomic64_inc(&untracked);
}

/**
 * tracer_sizes_take() - forget an allocation that is freed
 * @address: where it is
 * @bytes: how large it was
 *
 * Return: whether that is known.
 */
bool tracer_sizes_take(unsigned long address, size_t *bytes)
{
	unsigned int bucket = tracer_sizes_bucket(address);
	struct shard *shard = shard_of(bucket);
	unsigned long flags;
	struct size *size;

	raw_spin_lock_irqsave(&shard->lock, flags);
	size = size_find(bucket, address);
	if (size) {
		*bytes = size->bytes;
		hlist_del(&size->node);
		if (hlist_empty(&buckets[bucket]))
			__clear_bit(bucket, tracer_sizes_present);
		hlist_add_head(&size->node, &shard->free);
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return size;
}

/* Allocations that found no room, since somebody is watched. */
u64 tracer_sizes_untracked(void)
{
	return atomic64_read(&untracked);
}

/**
 * tracer_sizes_start() - make room; no call is traced yet
 *
 * Return: 0 or -ENOMEM.
 */
int tracer_sizes_start(void)
{
	unsigned int i;

	buckets = kvcalloc(TRACER_SIZE_BUCKETS, sizeof(*buckets), GFP_KERNEL);
	sizes = kvcalloc(max_sizes, sizeof(*sizes), GFP_KERNEL);
	if (!buckets || (!sizes && max_sizes)) {
		tracer_sizes_stop();
		return -ENOMEM;
	}
	for (i = 0; i < TRACER_SHARDS; i++) {
		raw_spin_lock_init(&shards[i].lock);
		INIT_HLIST_HEAD(&shards[i].free);
	}
	for (i = 0; i < max_sizes; i++)
		hlist_add_head(&sizes[i].node, &shards[i % TRACER_SHARDS].free);
	atomic64_set(&untracked, 0);
	return 0;
}

/**
 * tracer_sizes_stop() - forget all; no call is traced any more
 */
void tracer_sizes_stop(void)
{
	kvfree(sizes);
	kvfree(buckets);
	sizes = NULL;
	buckets = NULL;
	memset(tracer_sizes_present, 0, sizeof(tracer_sizes_present));
}
