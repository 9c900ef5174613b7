// SPDX-License-Identifier: GPL-2.0
#include "reader.h"

void sb_note(struct sb_reader *reader, int error)
{
	if (!reader->late)
		reader->late = error;
}

unsigned int sb_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return 16;
}

bool sb_take_number(struct sb_reader *reader, unsigned int base, const struct sb_range *range,
		    u64 *value)
{
	const char *start = reader->at;
	bool over = false;
	unsigned int digit;

	*value = 0;
	for (; (digit = sb_digit(*reader->at)) < base; reader->at++) {
		if (*value > (U64_MAX - digit) / base)
			over = true;
		else
			*value = *value * base + digit;
	}
	if (over || *value < range->min || *value > range->max)
		sb_note(reader, -ERANGE);
	return reader->at != start;
}

bool sb_take_text(struct sb_reader *reader, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(reader->at, text, len))
		return false;
	reader->at += len;
	return true;
}

bool sb_take_tag(struct sb_reader *reader, struct sb_command *command)
{
	const char *tag = reader->at;
	char byte;

	for (; (byte = *reader->at) != '\0'; reader->at++) {
		if (!(byte >= '0' && byte <= '9') && !(byte >= 'A' && byte <= 'Z') &&
		    !(byte >= 'a' && byte <= 'z') && byte != '.' && byte != '_' && byte != '-')
			return false;
	}
	command->tag = tag;
	return reader->at != tag && reader->at - tag <= SB_MAX_TAG;
}
