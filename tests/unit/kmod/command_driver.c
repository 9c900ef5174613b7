// SPDX-License-Identifier: GPL-2.0
/* Reads commands, each behind its length in 4 bytes; writes for each an errno, or the command in its canonical form. */
#include <stdio.h>

#include "command_text.h"

static const char *error_name(int error)
{
	switch (error) {
	case -EINVAL:
		return "EINVAL";
	case -ERANGE:
		return "ERANGE";
	case -ENAMETOOLONG:
		return "ENAMETOOLONG";
	default:
		return "another errno";
	}
}

int main(void)
{
	static char text[COMMAND_TEXT_MAX];
	u32 len;

	while (fread(&len, sizeof(len), 1, stdin) == 1) {
		struct sb_command command;
		const char *fault;
		char *line = malloc(len + 1);
		int error;

		if (fread(line, 1, len, stdin) != len)
			return 1;
		error = sb_command_parse(line, len, &command);
		if (error) {
			puts(error_name(error));
		} else if ((fault = command_fault(&command, line, len))) {
			puts(fault);
		} else {
			command_text(&command, text);
			puts(text);
		}
		free(line);
	}
	return 0;
}
