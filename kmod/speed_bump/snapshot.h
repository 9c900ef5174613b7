/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files longer than a page, whole and consistent: what an open file reads is made when it is read
 * from the beginning, and kept until it was read to the end, or for some time.
 */
#ifndef SPEED_BUMP_SNAPSHOT_H
#define SPEED_BUMP_SNAPSHOT_H

#include <linux/types.h>

struct file;
struct sb_text;

ssize_t sb_snapshot_read(struct file *file, void (*make)(struct sb_text *text), char *buf,
			 loff_t pos, size_t count);

void sb_snapshot_drop_all(void);

#endif
