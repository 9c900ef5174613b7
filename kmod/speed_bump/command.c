// SPDX-License-Identifier: GPL-2.0
/*
 * The grammar of docs/speed_bump.md. Works in place, in one pass, without memory of its own.
 *
 * A command that is wrong in several ways gets -EINVAL when it is malformed anywhere, otherwise
 * the error of its first number or symbol that is out of range. A line too long is not looked at.
 */
#include "reader.h"

static const struct sb_range sb_any = { 0, U64_MAX };
static const struct sb_range sb_delays = { 0, SB_MAX_DELAY_NS };

static const struct sb_command sb_defaults = {
	.on = true,
	.every = 1,
	.times = SB_FOREVER,
	.probability_ppm = 1000000,
	.duration_ns = SB_FOREVER,
	.compensate = true,
};

/* The word at *@rest ends with NUL then, and *@rest is behind it. */
static char *sb_next_word(char **rest)
{
	char *word;

	while (**rest == ' ')
		(*rest)++;
	word = *rest;
	while (**rest && **rest != ' ')
		(*rest)++;
	if (*rest == word)
		return NULL;
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

/* Undoes the percent-encoding in place. */
static bool sb_parse_symbol(struct sb_reader *reader, char *symbol)
{
	const char *from;
	char *to = symbol;

	for (from = symbol; *from; from++) {
		if ((u8)*from > '~')
			return false;
		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		if (sb_digit(from[1]) > 15 || sb_digit(from[2]) > 15)
			return false;
		*to = sb_digit(from[1]) << 4 | sb_digit(from[2]);
		if (!*to++)
			return false;
		from += 2;
	}
	*to = '\0';
	if (to - symbol > SB_MAX_SYMBOL)
		sb_note(reader, -ENAMETOOLONG);
	return true;
}

static bool sb_parse_target(struct sb_reader *reader, char *word, struct sb_command *command)
{
	char *at, *colon = NULL;

	if (*word != '/')
		return false;
	for (at = word; *at; at++) {
		if (*at == ':' && at[1])
			colon = at;
	}
	if (!colon)
		return false;
	*colon = '\0';
	command->selector = SB_BY_NAME;
	command->path = word;
	command->symbol = colon + 1;
	return sb_parse_symbol(reader, colon + 1);
}

static bool sb_parse_selector(struct sb_reader *reader, char *word, struct sb_command *command)
{
	reader->at = word + 1;
	switch (*word) {
	case '*':
		command->selector = SB_ALL;
		return !*reader->at;
	case '@':
		command->selector = SB_BY_TAG;
		return sb_take_tag(reader, command);
	case '#':
		command->selector = SB_BY_ID;
		return sb_take_number(reader, 10, &sb_any, &command->id) && !*reader->at;
	default:
		return sb_parse_target(reader, word, command);
	}
}

/* @form becomes what options may follow. */
static bool sb_parse_head(struct sb_reader *reader, char **rest, struct sb_command *command,
			  u32 *form)
{
	char verb = **rest;
	char *word;

	if (!verb || (*rest)[1] == ' ')
		return false;
	(*rest)++;
	word = sb_next_word(rest);
	if (!word)
		return false;
	switch (verb) {
	case '+':
		command->verb = SB_ADD;
		*form = SB_FORM_ADD;
		return sb_parse_target(reader, word, command);
	case '-':
		command->verb = SB_REMOVE;
		if (!sb_parse_selector(reader, word, command))
			return false;
		*form = command->selector == SB_ALL ? SB_FORM_REMOVE_ALL : 0;
		return true;
	case '=':
		command->verb = SB_UPDATE;
		if (!sb_parse_selector(reader, word, command))
			return false;
		*form = command->selector == SB_ALL ? SB_FORM_UPDATE_ALL : SB_FORM_UPDATE;
		return true;
	default:
		return false;
	}
}

/* What options ask of each other. */
static bool sb_check_options(struct sb_reader *reader, u32 form, const struct sb_command *command)
{
	u32 named = command->named;

	switch (form) {
	case SB_FORM_ADD:
		if (named & SB_OPT_PID && !command->pid)
			sb_note(reader, -ERANGE);
		if (named & SB_OPT_ON && !(named & SB_OPT_OWNER))
			return false;
		return command->floor_count <= 1 || command->floor_count == command->place_count;
	case SB_FORM_UPDATE:
		return command->has_delay;
	case SB_FORM_UPDATE_ALL:
		return named & SB_OPT_ON && named & SB_OPT_OWNER;
	default:
		return true;
	}
}

int sb_command_parse(char *line, size_t len, struct sb_command *command)
{
	struct sb_reader reader = { 0 };
	bool first = true;
	char *rest = line;
	char *word;
	size_t i;
	u32 form;

	if (len > SB_MAX_LINE)
		return -ENAMETOOLONG;
	if (len && line[len - 1] == '\n')
		len--;
	line[len] = '\0';
	for (i = 0; i < len; i++) {
		if ((u8)line[i] < ' ' || line[i] == '\x7f')
			return -EINVAL;
	}
	*command = sb_defaults;
	if (!sb_parse_head(&reader, &rest, command, &form))
		return -EINVAL;
	while ((word = sb_next_word(&rest))) {
		reader.at = word;
		if (first && form & SB_FORM_BOTH && sb_digit(*word) < 10) {
			command->has_delay = true;
			if (!sb_take_number(&reader, 10, &sb_delays, &command->delay_ns) ||
			    *reader.at)
				return -EINVAL;
		} else if (!sb_take_option(&reader, form, command)) {
			return -EINVAL;
		}
		first = false;
	}
	if (!sb_check_options(&reader, form, command))
		return -EINVAL;
	return reader.late;
}
