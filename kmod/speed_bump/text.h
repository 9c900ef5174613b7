/* SPDX-License-Identifier: GPL-2.0 */
/* Text that grows. */
#ifndef SPEED_BUMP_TEXT_H
#define SPEED_BUMP_TEXT_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Some 16 KB for each of 4096 targets. */
#define SB_MAX_TEXT	(64u << 20)

/**
 * struct sb_text - text, all zero at first
 * @bytes: kvfree() it
 * @length: without the NUL behind it
 * @room: allocated
 * @err: what went wrong: nothing is added any more
 */
struct sb_text {
	char *bytes;
	size_t length;
	size_t room;
	int err;
};

__printf(2, 3) void sb_text_add(struct sb_text *text, const char *format, ...);
void sb_text_add_name(struct sb_text *text, const char *name, bool is_symbol);

#endif
