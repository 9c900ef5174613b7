/* SPDX-License-Identifier: GPL-2.0 */
/* A parsed command written down again, and what must hold for every one. */
#ifndef SB_COMMAND_TEXT_H
#define SB_COMMAND_TEXT_H

#include "command.h"

/* More than the text of any command of SB_MAX_LINE bytes: a symbol may grow threefold. */
#define COMMAND_TEXT_MAX	(4 * SB_MAX_LINE)

/* Writes a command as its grammar has it, options in one order, numbers without leading zeroes. */
void command_text(const struct sb_command *command, char text[COMMAND_TEXT_MAX]);

/*
 * The first thing that a command breaks, or NULL: strings lie in the line and end there, what was not named has its
 * default, numbers are in range, lists have as many parts as they say.
 */
const char *command_fault(const struct sb_command *command, const char *line, size_t len);

#endif
