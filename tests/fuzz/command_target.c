// SPDX-License-Identifier: GPL-2.0
/* Fuzzing of the parser: whatever it accepts holds together, and comes back the same from its own text. */
#include <stdio.h>

#include "command_text.h"

static void fail(const char *what)
{
	fprintf(stderr, "command: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static char first[COMMAND_TEXT_MAX], second[COMMAND_TEXT_MAX];
	struct sb_command command;
	const char *fault;
	char *line;
	int error;

	if (!size)
		return 0;
	/* Of the very size, so that a read behind it is seen. */
	line = malloc(size + 1);
	memcpy(line, data, size);
	error = sb_command_parse(line, size, &command);
	if (error) {
		if (error != -EINVAL && error != -ERANGE && error != -ENAMETOOLONG)
			fail("an error that it does not have");
		free(line);
		return 0;
	}
	fault = command_fault(&command, line, size);
	if (fault)
		fail(fault);
	command_text(&command, first);
	free(line);
	/* Percent-encoding may make the text longer than a line. */
	if (strlen(first) > SB_MAX_LINE)
		return 0;
	strcpy(second, first);
	if (sb_command_parse(second, strlen(second), &command))
		fail("its own text is refused");
	strcpy(line = malloc(COMMAND_TEXT_MAX), first);
	command_text(&command, first);
	if (strcmp(line, first))
		fail("its own text means something else");
	free(line);
	return 0;
}
