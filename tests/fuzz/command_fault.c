// SPDX-License-Identifier: GPL-2.0
#include "command_text.h"

/* Whether a string begins in the line and ends there. */
static bool lies_in(const char *string, const char *line, size_t len)
{
	return string >= line && string < line + len &&
	       memchr(string, '\0', line + len + 1 - string);
}

static const char *string_fault(const struct sb_command *command, const char *line, size_t len)
{
	const char *at;

	if (command->selector == SB_BY_NAME) {
		if (!lies_in(command->path, line, len) || !lies_in(command->symbol, line, len))
			return "a path or symbol out of the line";
		if (command->path[0] != '/' || !command->symbol[0])
			return "a relative path or an empty symbol";
		if (strlen(command->symbol) > SB_MAX_SYMBOL)
			return "a symbol that is too long";
		for (at = command->path; *at; at++)
			if ((u8)*at <= ' ' || *at == '\x7f')
				return "a control byte in a path";
	} else if (command->path || command->symbol) {
		return "a path without being asked for";
	}
	if ((command->selector == SB_BY_TAG || command->named & SB_OPT_TAG) != !!command->tag)
		return "a tag that was not named, or none";
	if (command->tag && (!lies_in(command->tag, line, len) || !command->tag[0] ||
			     strlen(command->tag) > SB_MAX_TAG))
		return "a bad tag";
	return NULL;
}

static const char *default_fault(const struct sb_command *command)
{
	u32 named = command->named;

	if ((!(named & SB_OPT_PID) && command->pid) || (!(named & SB_OPT_OWNER) && command->owner) ||
	    (!(named & SB_OPT_ON) && !command->on) ||
	    (!(named & SB_OPT_AT) && command->at != SB_AT_ENTRY) ||
	    (!(named & SB_OPT_HOW) && command->how != SB_SPIN) ||
	    (!(named & SB_OPT_EVERY) && command->every != 1) ||
	    (!(named & SB_OPT_TIMES) && command->times != SB_FOREVER) ||
	    (!(named & SB_OPT_PROBABILITY) && command->probability_ppm != 1000000) ||
	    (!(named & SB_OPT_START) && command->start_ns) ||
	    (!(named & SB_OPT_DURATION) && command->duration_ns != SB_FOREVER) ||
	    (!(named & SB_OPT_DIST) && command->dist.kind != SB_FIXED) ||
	    (!(named & SB_OPT_COMPENSATE) && !command->compensate) ||
	    (!(named & SB_OPT_HISTOGRAM) && command->histogram))
		return "another value than the default";
	if (!(named & SB_OPT_OFFSET) != !command->places || !(named & SB_OPT_FLOOR) != !command->floors)
		return "a list that was not named, or none";
	return NULL;
}

static const char *range_fault(const struct sb_command *command)
{
	if (command->has_delay && command->delay_ns > SB_MAX_DELAY_NS)
		return "a delay out of range";
	if (command->pid < 0 || command->owner < 0 || !command->every || command->every > S64_MAX ||
	    command->times > S64_MAX || command->probability_ppm > 1000000 ||
	    command->start_ns > SB_MAX_WINDOW_NS)
		return "a number out of range";
	if (command->duration_ns != SB_FOREVER && command->duration_ns > SB_MAX_WINDOW_NS)
		return "a duration out of range";
	if (command->dist.a > SB_MAX_DELAY_NS || command->dist.b > SB_MAX_DELAY_NS ||
	    (command->dist.kind == SB_UNIFORM && command->dist.a > command->dist.b))
		return "a distribution out of range";
	return NULL;
}

static const char *list_fault(const struct sb_command *command)
{
	const char *cursor = command->places;
	struct sb_place place;
	u32 count = 0;
	u64 floor_ns;

	for (; sb_place_next(&cursor, &place); count++)
		if (place.offset > S64_MAX)
			return "an offset out of range";
	if (count != command->place_count || (cursor && *cursor))
		return "another number of sites";
	cursor = command->floors;
	for (count = 0; sb_floor_next(&cursor, &floor_ns); count++)
		if (floor_ns > SB_MAX_FLOOR_NS)
			return "a floor out of range";
	if (count != command->floor_count || (cursor && *cursor))
		return "another number of floors";
	if (command->verb == SB_ADD && count > 1 && count != command->place_count)
		return "floors that do not match the sites";
	return NULL;
}

const char *command_fault(const struct sb_command *command, const char *line, size_t len)
{
	const char *fault = string_fault(command, line, len);

	if (!fault)
		fault = default_fault(command);
	if (!fault)
		fault = range_fault(command);
	return fault ? fault : list_fault(command);
}
