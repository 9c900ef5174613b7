// SPDX-License-Identifier: GPL-2.0
/* The options of commands: a table, and how their values are read. */
#include "reader.h"

/**
 * struct sb_option - an option of the grammar
 * @key: its name, with the "="
 * @named: its SB_OPT_* bit
 * @forms: which commands take it
 * @read: reads the value
 * @range: of a number
 * @words: the values that are words, up to NULL; the field becomes the index
 * @field: where a number or an index goes in struct sb_command
 * @size: bytes of that field
 */
struct sb_option {
	const char *key;
	u32 named;
	u32 forms;
	bool (*read)(struct sb_reader *reader, const struct sb_option *option,
		     struct sb_command *command);
	struct sb_range range;
	const char *const *words;
	size_t field;
	size_t size;
};

static const struct sb_range sb_delays = { 0, SB_MAX_DELAY_NS };
static const struct sb_range sb_floors = { 0, SB_MAX_FLOOR_NS };
static const struct sb_range sb_offsets = { 0, S64_MAX };
static const struct sb_range sb_masks = { 1, U64_MAX };

/* "0xHEX[?MASK=0|1]" */
static bool sb_take_place(struct sb_reader *reader, struct sb_place *place)
{
	place->mask = 0;
	place->when_set = false;
	if (!sb_take_text(reader, "0x") || !sb_take_number(reader, 16, &sb_offsets, &place->offset))
		return false;
	if (!sb_take_text(reader, "?"))
		return true;
	if (!sb_take_number(reader, 16, &sb_masks, &place->mask) || !sb_take_text(reader, "="))
		return false;
	place->when_set = sb_take_text(reader, "1");
	return place->when_set || sb_take_text(reader, "0");
}

static bool sb_take_floor(struct sb_reader *reader, u64 *floor_ns)
{
	return sb_take_number(reader, 10, &sb_floors, floor_ns);
}

bool sb_place_next(const char **cursor, struct sb_place *place)
{
	struct sb_reader reader = { .at = *cursor };

	if (!*cursor || !**cursor || !sb_take_place(&reader, place))
		return false;
	sb_take_text(&reader, ",");
	*cursor = reader.at;
	return true;
}

bool sb_floor_next(const char **cursor, u64 *floor_ns)
{
	struct sb_reader reader = { .at = *cursor };

	if (!*cursor || !**cursor || !sb_take_floor(&reader, floor_ns))
		return false;
	sb_take_text(&reader, ",");
	*cursor = reader.at;
	return true;
}

static void sb_store(const struct sb_option *option, struct sb_command *command, u64 value)
{
	void *field = (char *)command + option->field;

	if (option->size == sizeof(u64))
		*(u64 *)field = value;
	else if (option->size == sizeof(u32))
		*(u32 *)field = value;
	else
		*(bool *)field = value;
}

static bool sb_read_number(struct sb_reader *reader, const struct sb_option *option,
			   struct sb_command *command)
{
	u64 value;

	if (!sb_take_number(reader, 10, &option->range, &value))
		return false;
	sb_store(option, command, value);
	return true;
}

static bool sb_read_word(struct sb_reader *reader, const struct sb_option *option,
			 struct sb_command *command)
{
	u64 index;

	for (index = 0; option->words[index]; index++) {
		if (!strcmp(reader->at, option->words[index])) {
			sb_store(option, command, index);
			return sb_take_text(reader, option->words[index]);
		}
	}
	return false;
}

static bool sb_read_histogram(struct sb_reader *reader, const struct sb_option *option,
			      struct sb_command *command)
{
	static const u8 per_octave[] = { 0, 2, 16 };

	if (!sb_read_word(reader, option, command))
		return false;
	command->histogram = per_octave[command->histogram];
	return true;
}

static bool sb_read_tag(struct sb_reader *reader, const struct sb_option *option,
			struct sb_command *command)
{
	return sb_take_tag(reader, command);
}

static bool sb_read_places(struct sb_reader *reader, const struct sb_option *option,
			   struct sb_command *command)
{
	struct sb_place place;

	command->places = reader->at;
	do {
		if (!sb_take_place(reader, &place))
			return false;
		command->place_count++;
	} while (sb_take_text(reader, ","));
	return true;
}

static bool sb_read_floors(struct sb_reader *reader, const struct sb_option *option,
			   struct sb_command *command)
{
	u64 floor_ns;

	command->floors = reader->at;
	do {
		if (!sb_take_floor(reader, &floor_ns))
			return false;
		command->floor_count++;
	} while (sb_take_text(reader, ","));
	return true;
}

static bool sb_read_dist(struct sb_reader *reader, const struct sb_option *option,
			 struct sb_command *command)
{
	struct sb_dist *dist = &command->dist;

	if (sb_take_text(reader, "uniform:"))
		dist->kind = SB_UNIFORM;
	else if (sb_take_text(reader, "normal:"))
		dist->kind = SB_NORMAL;
	else if (sb_take_text(reader, "exp:"))
		dist->kind = SB_EXP;
	else
		return false;
	if (!sb_take_number(reader, 10, &sb_delays, &dist->a))
		return false;
	if (dist->kind == SB_EXP)
		return true;
	if (!sb_take_text(reader, ":") || !sb_take_number(reader, 10, &sb_delays, &dist->b))
		return false;
	if (dist->kind == SB_UNIFORM && dist->a > dist->b)
		sb_note(reader, -ERANGE);
	return true;
}

static const char *const sb_switch_words[] = { "0", "1", NULL };
static const char *const sb_at_words[] = { "entry", "return", NULL };
static const char *const sb_how_words[] = { "spin", "sleep", NULL };
static const char *const sb_histogram_words[] = { "0", "2", "16", NULL };

#define SB_FIELD(name) \
	.field = offsetof(struct sb_command, name), .size = sizeof_field(struct sb_command, name)
#define SB_NUMBER(name, low, high) \
	.read = sb_read_number, .range = { low, high }, SB_FIELD(name)
#define SB_WORD(name, list) \
	.read = sb_read_word, .words = list, SB_FIELD(name)

static const struct sb_option sb_options[] = {
	{ "pid=", SB_OPT_PID, SB_FORM_BOTH, SB_NUMBER(pid, 0, S32_MAX) },
	{ "owner=", SB_OPT_OWNER, SB_FORM_ADD | SB_FORM_REMOVE_ALL | SB_FORM_UPDATE_ALL,
	  SB_NUMBER(owner, 1, S32_MAX) },
	{ "tag=", SB_OPT_TAG, SB_FORM_ADD, .read = sb_read_tag },
	{ "on=", SB_OPT_ON, SB_FORM_BOTH | SB_FORM_UPDATE_ALL, SB_WORD(on, sb_switch_words) },
	{ "offset=", SB_OPT_OFFSET, SB_FORM_ADD, .read = sb_read_places },
	{ "at=", SB_OPT_AT, SB_FORM_ADD, SB_WORD(at, sb_at_words) },
	{ "how=", SB_OPT_HOW, SB_FORM_BOTH, SB_WORD(how, sb_how_words) },
	{ "every=", SB_OPT_EVERY, SB_FORM_BOTH, SB_NUMBER(every, 1, S64_MAX) },
	{ "times=", SB_OPT_TIMES, SB_FORM_BOTH, SB_NUMBER(times, 0, S64_MAX) },
	{ "probability=", SB_OPT_PROBABILITY, SB_FORM_BOTH,
	  SB_NUMBER(probability_ppm, 0, 1000000) },
	{ "start=", SB_OPT_START, SB_FORM_BOTH, SB_NUMBER(start_ns, 0, SB_MAX_WINDOW_NS) },
	{ "duration=", SB_OPT_DURATION, SB_FORM_BOTH, SB_NUMBER(duration_ns, 0, SB_MAX_WINDOW_NS) },
	{ "dist=", SB_OPT_DIST, SB_FORM_BOTH, .read = sb_read_dist },
	{ "floor=", SB_OPT_FLOOR, SB_FORM_BOTH, .read = sb_read_floors },
	{ "compensate=", SB_OPT_COMPENSATE, SB_FORM_BOTH, SB_WORD(compensate, sb_switch_words) },
	{ "histogram=", SB_OPT_HISTOGRAM, SB_FORM_ADD, .read = sb_read_histogram,
	  .words = sb_histogram_words, SB_FIELD(histogram) },
};

bool sb_take_option(struct sb_reader *reader, u32 form, struct sb_command *command)
{
	const struct sb_option *option;

	for (option = sb_options; option < sb_options + ARRAY_SIZE(sb_options); option++) {
		if (!sb_take_text(reader, option->key))
			continue;
		if (!(option->forms & form) || command->named & option->named)
			return false;
		command->named |= option->named;
		return option->read(reader, option, command) && !*reader->at;
	}
	return false;
}
