// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "command_text.h"

struct text {
	char *at;
	char *end;
};

__attribute__((format(printf, 2, 3)))
static void write_text(struct text *text, const char *format, ...)
{
	va_list list;
	int count;

	va_start(list, format);
	count = vsnprintf(text->at, text->end - text->at, format, list);
	va_end(list);
	if (count < 0 || count >= text->end - text->at)
		abort();
	text->at += count;
}

static void write_symbol(struct text *text, const char *symbol)
{
	for (; *symbol; symbol++) {
		if ((u8)*symbol > ' ' && (u8)*symbol <= '~' && *symbol != '%')
			write_text(text, "%c", *symbol);
		else
			write_text(text, "%%%02X", (u8)*symbol);
	}
}

static void write_selector(struct text *text, const struct sb_command *command)
{
	switch (command->selector) {
	case SB_BY_NAME:
		write_text(text, "%s:", command->path);
		write_symbol(text, command->symbol);
		break;
	case SB_BY_TAG:
		write_text(text, "@%s", command->tag);
		break;
	case SB_BY_ID:
		write_text(text, "#%llu", (unsigned long long)command->id);
		break;
	case SB_ALL:
		write_text(text, "*");
		break;
	}
}

static void write_places(struct text *text, const char *cursor)
{
	const char *separator = " offset=";
	struct sb_place place;

	while (sb_place_next(&cursor, &place)) {
		write_text(text, "%s0x%llx", separator, (unsigned long long)place.offset);
		if (place.mask)
			write_text(text, "?%llx=%d", (unsigned long long)place.mask, place.when_set);
		separator = ",";
	}
}

static void write_floors(struct text *text, const char *cursor)
{
	const char *separator = " floor=";
	u64 floor_ns;

	for (; sb_floor_next(&cursor, &floor_ns); separator = ",")
		write_text(text, "%s%llu", separator, (unsigned long long)floor_ns);
}

static void write_dist(struct text *text, const struct sb_dist *dist)
{
	static const char *const names[] = { "fixed", "uniform", "normal", "exp" };

	write_text(text, " dist=%s:%llu", names[dist->kind], (unsigned long long)dist->a);
	if (dist->kind != SB_EXP)
		write_text(text, ":%llu", (unsigned long long)dist->b);
}

static void write_number(struct text *text, const struct sb_command *command, u32 option,
			 const char *key, u64 value)
{
	if (command->named & option)
		write_text(text, " %s=%llu", key, (unsigned long long)value);
}

void command_text(const struct sb_command *command, char buffer[COMMAND_TEXT_MAX])
{
	struct text text = { buffer, buffer + COMMAND_TEXT_MAX };
	u32 named = command->named;

	write_text(&text, "%c", "+-="[command->verb]);
	write_selector(&text, command);
	if (command->has_delay)
		write_text(&text, " %llu", (unsigned long long)command->delay_ns);
	write_number(&text, command, SB_OPT_PID, "pid", command->pid);
	write_number(&text, command, SB_OPT_OWNER, "owner", command->owner);
	if (named & SB_OPT_TAG)
		write_text(&text, " tag=%s", command->tag);
	write_number(&text, command, SB_OPT_ON, "on", command->on);
	write_places(&text, command->places);
	if (named & SB_OPT_AT)
		write_text(&text, " at=%s", command->at == SB_AT_ENTRY ? "entry" : "return");
	if (named & SB_OPT_HOW)
		write_text(&text, " how=%s", command->how == SB_SPIN ? "spin" : "sleep");
	write_number(&text, command, SB_OPT_EVERY, "every", command->every);
	write_number(&text, command, SB_OPT_TIMES, "times", command->times);
	write_number(&text, command, SB_OPT_PROBABILITY, "probability", command->probability_ppm);
	write_number(&text, command, SB_OPT_START, "start", command->start_ns);
	write_number(&text, command, SB_OPT_DURATION, "duration", command->duration_ns);
	if (named & SB_OPT_DIST)
		write_dist(&text, &command->dist);
	write_floors(&text, command->floors);
	write_number(&text, command, SB_OPT_COMPENSATE, "compensate", command->compensate);
	write_number(&text, command, SB_OPT_HISTOGRAM, "histogram", command->histogram);
}
