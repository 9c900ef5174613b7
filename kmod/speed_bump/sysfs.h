/* SPDX-License-Identifier: GPL-2.0 */
/* The files under /sys/kernel/speed_bump. */
#ifndef SPEED_BUMP_SYSFS_H
#define SPEED_BUMP_SYSFS_H

int sb_sysfs_init(void);
void sb_sysfs_exit(void);

#endif
