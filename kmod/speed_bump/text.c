// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "text.h"

#define SB_FIRST_ROOM	4096

static bool text_reserve(struct sb_text *text, size_t more)
{
	size_t room = max_t(size_t, text->room, SB_FIRST_ROOM);
	char *bytes;

	if (text->err || text->length + more < text->room)
		return !text->err;
	while (room <= text->length + more)
		room *= 2;
	if (room > SB_MAX_TEXT) {
		text->err = -EFBIG;
		return false;
	}
	bytes = kvmalloc(room, GFP_KERNEL);
	if (!bytes) {
		text->err = -ENOMEM;
		return false;
	}
	if (text->length)
		memcpy(bytes, text->bytes, text->length);
	bytes[text->length] = '\0';
	kvfree(text->bytes);
	text->bytes = bytes;
	text->room = room;
	return true;
}

/**
 * sb_text_add() - add formatted text
 * @text: the text
 * @format: as for printf(), with what it needs
 *
 * An error stays in text->err.
 */
void sb_text_add(struct sb_text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (!text_reserve(text, length))
		return;
	va_start(args, format);
	vscnprintf(text->bytes + text->length, text->room - text->length, format, args);
	va_end(args);
	text->length += length;
}

/**
 * sb_text_add_name() - add a path or a symbol, so that it stays one word of one line
 * @text: the text
 * @name: the name
 * @is_symbol: bytes beyond ASCII and ':' are written as %XX too; spaces, control bytes and '%' are
 *	in any case
 */
void sb_text_add_name(struct sb_text *text, const char *name, bool is_symbol)
{
	const unsigned char *byte;

	if (!text_reserve(text, 3 * strlen(name)))
		return;
	for (byte = (const unsigned char *)name; *byte; byte++) {
		char *to = text->bytes + text->length;

		if (*byte <= ' ' || *byte == 0x7f || *byte == '%' ||
		    (is_symbol && (*byte > 0x7f || *byte == ':'))) {
			*to++ = '%';
			to = hex_byte_pack_upper(to, *byte);
		} else {
			*to++ = *byte;
		}
		*to = '\0';
		text->length = to - text->bytes;
	}
}
