/* SPDX-License-Identifier: GPL-2.0 */
/* Processes by number, and the kernel's news of them. */
#ifndef SPEED_BUMP_PROCESS_H
#define SPEED_BUMP_PROCESS_H

#include <linux/types.h>

struct pid;

struct pid *sb_process_get(pid_t number);

int sb_process_init_news(void);
void sb_process_exit_news(void);

#endif
