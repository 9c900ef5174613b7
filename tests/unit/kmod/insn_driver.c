// SPDX-License-Identifier: GPL-2.0
/* Reads code in pieces of 16 bytes, the first how many count; writes 2 bytes a piece: a length, 0 for none, and probeable. */
#include <stdio.h>

#include "insn.h"

int main(void)
{
	u8 piece[16];

	while (fread(piece, sizeof(piece), 1, stdin) == 1) {
		struct sb_insn insn = { 0 };
		u8 *code = malloc(piece[0]);

		memcpy(code, piece + 1, piece[0]);
		if (!sb_insn_decode(code, piece[0], &insn))
			insn.length = insn.probeable = 0;
		free(code);
		putchar(insn.length);
		putchar(insn.probeable);
	}
	return 0;
}
