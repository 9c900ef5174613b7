// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "snapshot.h"
#include "text.h"

/*
 * sysfs tells neither of an open nor of a close: what is not read on is forgotten after a while, or
 * for others.
 */
#define SB_KEEP_JIFFIES		(10 * HZ)
#define SB_MAX_SNAPSHOTS	64
#define SB_MAX_SNAPSHOT_BYTES	((size_t)SB_MAX_TEXT)

/**
 * struct snapshot - what one open file reads
 * @node: in snapshots, the one used last at the end
 * @file: for comparison only: another open may get its address, and then begins with a snapshot of
 *	its own
 * @text: the content
 * @used: when it was read last, in jiffies
 */
struct snapshot {
	struct list_head node;
	const struct file *file;
	struct sb_text text;
	unsigned long used;
};

static void expire(struct work_struct *work);

/* All under snapshot_lock, which is held while bytes are copied, not while they are made. */
static DEFINE_MUTEX(snapshot_lock);
static LIST_HEAD(snapshots);
static unsigned int snapshot_count;
static size_t snapshot_bytes;
static DECLARE_DELAYED_WORK(expiry, expire);

static void snapshot_free(struct snapshot *snapshot)
{
	list_del(&snapshot->node);
	snapshot_count--;
	snapshot_bytes -= snapshot->text.room;
	kvfree(snapshot->text.bytes);
	kfree(snapshot);
}

static void expire(struct work_struct *work)
{
	struct snapshot *snapshot, *next;

	mutex_lock(&snapshot_lock);
	list_for_each_entry_safe(snapshot, next, &snapshots, node) {
		if (time_before(jiffies, snapshot->used + SB_KEEP_JIFFIES))
			break;
		snapshot_free(snapshot);
	}
	if (!list_empty(&snapshots))
		schedule_delayed_work(&expiry, SB_KEEP_JIFFIES);
	mutex_unlock(&snapshot_lock);
}

static struct snapshot *snapshot_find(const struct file *file)
{
	struct snapshot *snapshot;

	list_for_each_entry(snapshot, &snapshots, node) {
		if (snapshot->file == file)
			return snapshot;
	}
	return NULL;
}

static struct snapshot *snapshot_make(const struct file *file, void (*make)(struct sb_text *text))
{
	struct snapshot *snapshot = kzalloc(sizeof(*snapshot), GFP_KERNEL);

	if (!snapshot)
		return ERR_PTR(-ENOMEM);
	snapshot->file = file;
	make(&snapshot->text);
	if (snapshot->text.err) {
		int err = snapshot->text.err;

		kvfree(snapshot->text.bytes);
		kfree(snapshot);
		return ERR_PTR(err);
	}
	return snapshot;
}

static void snapshot_insert(struct snapshot *snapshot)
{
	struct snapshot *old = snapshot_find(snapshot->file);

	if (old)
		snapshot_free(old);
	snapshot_count++;
	snapshot_bytes += snapshot->text.room;
	list_add_tail(&snapshot->node, &snapshots);
	while (snapshot_count > SB_MAX_SNAPSHOTS ||
	       (snapshot_bytes > SB_MAX_SNAPSHOT_BYTES && !list_is_singular(&snapshots)))
		snapshot_free(list_first_entry(&snapshots, struct snapshot, node));
	schedule_delayed_work(&expiry, SB_KEEP_JIFFIES);
}

static ssize_t snapshot_copy(struct snapshot *snapshot, char *buf, loff_t pos, size_t count)
{
	ssize_t copied = memory_read_from_buffer(buf, count, &pos, snapshot->text.bytes,
						 snapshot->text.length);

	/* Where the end was stays known: who reads on is there still. */
	if (!copied) {
		snapshot_bytes -= snapshot->text.room;
		snapshot->text.room = 0;
		kvfree(snapshot->text.bytes);
		snapshot->text.bytes = NULL;
	}
	snapshot->used = jiffies;
	list_move_tail(&snapshot->node, &snapshots);
	return copied;
}

/**
 * sb_snapshot_read() - read a file
 * @file: the open file
 * @make: makes the content
 * @buf: for the bytes
 * @pos: where in the file
 * @count: how many
 *
 * Return: the bytes read, 0 at the end, or an errno.
 */
ssize_t sb_snapshot_read(struct file *file, void (*make)(struct sb_text *text), char *buf,
			 loff_t pos, size_t count)
{
	struct snapshot *snapshot = NULL;
	ssize_t copied;

	mutex_lock(&snapshot_lock);
	if (pos)
		snapshot = snapshot_find(file);
	if (snapshot && !snapshot->text.bytes && pos < snapshot->text.length)
		snapshot = NULL;
	if (!snapshot) {
		mutex_unlock(&snapshot_lock);
		snapshot = snapshot_make(file, make);
		if (IS_ERR(snapshot))
			return PTR_ERR(snapshot);
		mutex_lock(&snapshot_lock);
		snapshot_insert(snapshot);
	}
	copied = snapshot_copy(snapshot, buf, pos, count);
	mutex_unlock(&snapshot_lock);
	return copied;
}

/**
 * sb_snapshot_drop_all() - forget all; nobody reads any more
 */
void sb_snapshot_drop_all(void)
{
	struct snapshot *snapshot, *next;

	cancel_delayed_work_sync(&expiry);
	list_for_each_entry_safe(snapshot, next, &snapshots, node)
		snapshot_free(snapshot);
}
