/* SPDX-License-Identifier: GPL-2.0 */
/* The smallest parts of a command, read one after the other. */
#ifndef SPEED_BUMP_READER_H
#define SPEED_BUMP_READER_H

#include "command.h"

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include <linux/string.h>
#endif

/**
 * struct sb_reader - a position in the line
 * @at: the next byte
 * @late: the error of a command that is well-formed, 0 so far
 */
struct sb_reader {
	const char *at;
	int late;
};

struct sb_range {
	u64 min;
	u64 max;
};

/* Commands that take options. */
#define SB_FORM_ADD		BIT(0)
#define SB_FORM_UPDATE		BIT(1)
#define SB_FORM_REMOVE_ALL	BIT(2)
#define SB_FORM_UPDATE_ALL	BIT(3)
#define SB_FORM_BOTH		(SB_FORM_ADD | SB_FORM_UPDATE)

/* Keeps the first error that counts only if nothing is malformed. */
void sb_note(struct sb_reader *reader, int error);

/* The value of a hexadecimal digit, or 16. */
unsigned int sb_digit(char byte);

/* Each takes what it names and moves on, or returns false; a number out of range is noted. */
bool sb_take_text(struct sb_reader *reader, const char *text);
bool sb_take_number(struct sb_reader *reader, unsigned int base, const struct sb_range *range,
		    u64 *value);

/* The rest of a word: a tag, and an option that commands of @form have. */
bool sb_take_tag(struct sb_reader *reader, struct sb_command *command);
bool sb_take_option(struct sb_reader *reader, u32 form, struct sb_command *command);

#endif
