// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "listing.h"
#include "process.h"
#include "session.h"
#include "watch.h"

#define TRACER_HEADER \
	"PID   kmalloc kfree kmalloc_mem kfree_mem  sched   up     down  lock   unlock\n"

/* As the list of processes has it; otherwise as who began first. */
static const struct tracer_watch *watch_of(const struct tracer_process *process)
{
	const struct tracer_watch *watch;

	list_for_each_entry(watch, &process->watches, node) {
		if (watch->session == &tracer_list)
			return watch;
	}
	return list_first_entry(&process->watches, struct tracer_watch, node);
}

static void show_process(struct seq_file *file, const struct tracer_process *process)
{
	pid_t pid = pid_vnr(process->tgid);
	struct tracer_counts sum;
	const u64 *count = sum.count;

	/* Of another pid namespace. */
	if (!pid)
		return;
	tracer_watch_sum(watch_of(process), &sum);
	seq_printf(file, "%-5d %-7llu %-5llu %-11llu %-10llu %-7llu %-6llu %-5llu %-6llu %llu\n",
		   pid, count[TRACER_KMALLOC], count[TRACER_KFREE], count[TRACER_KMALLOC_MEM],
		   count[TRACER_KFREE_MEM], count[TRACER_SCHED], count[TRACER_UP],
		   count[TRACER_DOWN], count[TRACER_LOCK], count[TRACER_UNLOCK]);
}

/* Position 0 is the header, the others are buckets: processes may come and go meanwhile. */
static int listing_show(struct seq_file *file, void *position)
{
	const struct tracer_process *process;
	loff_t at = *(loff_t *)position;

	if (!at) {
		seq_puts(file, TRACER_HEADER);
		return 0;
	}
	spin_lock_bh(&tracer_lock);
	hlist_for_each_entry(process, &tracer_table[at - 1], node) {
		if (!process->ended_ns && !list_empty(&process->watches))
			show_process(file, process);
	}
	spin_unlock_bh(&tracer_lock);
	return 0;
}

static void *find(loff_t *position)
{
	for (; *position && *position <= TRACER_BUCKETS; ++*position) {
		if (READ_ONCE(tracer_table[*position - 1].first))
			break;
	}
	return *position <= TRACER_BUCKETS ? position : NULL;
}

static void *listing_start(struct seq_file *file, loff_t *position)
{
	return find(position);
}

static void *listing_next(struct seq_file *file, void *at, loff_t *position)
{
	++*position;
	return find(position);
}

static void listing_stop(struct seq_file *file, void *at)
{
}

static const struct seq_operations operations = {
	.start = listing_start,
	.next = listing_next,
	.stop = listing_stop,
	.show = listing_show,
};

int tracer_listing_init(void)
{
	return proc_create_seq("tracer", 0444, NULL, &operations) ? 0 : -ENOMEM;
}

/**
 * tracer_listing_exit() - remove the file, and wait for those who read it
 */
void tracer_listing_exit(void)
{
	remove_proc_entry("tracer", NULL);
}
