// SPDX-License-Identifier: GPL-2.0
/* Delays in native functions, through uprobes (docs/speed_bump.md). */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "delay.h"
#include "lease.h"
#include "process.h"
#include "remove.h"
#include "snapshot.h"
#include "stats.h"
#include "sysfs.h"

static int __init sb_init(void)
{
	int err;

	err = sb_stats_init_totals();
	if (err)
		return err;
	err = sb_delay_init();
	if (err)
		goto out_totals;
	err = sb_lease_init();
	if (err)
		goto out_delay;
	err = sb_process_init_news();
	if (err)
		goto out_lease;
	err = sb_sysfs_init();
	if (err)
		goto out_news;
	return 0;

out_news:
	sb_process_exit_news();
out_lease:
	sb_lease_exit_all();
out_delay:
	sb_delay_exit();
out_totals:
	sb_stats_exit_totals();
	return err;
}

static void __exit sb_exit(void)
{
	/* First of all: a write that comes now finds no file. */
	sb_sysfs_exit();
	sb_snapshot_drop_all();
	sb_remove_all();
	sb_process_exit_news();
	sb_lease_exit_all();
	sb_delay_wait_for_all();
	/* Sets are freed by callbacks of this module, which have scopes freed by others. */
	rcu_barrier();
	rcu_barrier();
	sb_delay_exit();
	sb_stats_exit_totals();
}

module_init(sb_init);
module_exit(sb_exit);

MODULE_DESCRIPTION("Delays in native functions, scoped, measured and undone");
MODULE_LICENSE("GPL");
MODULE_VERSION(SB_VERSION);
