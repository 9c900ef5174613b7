// SPDX-License-Identifier: GPL-2.0
/* Fuzzing of the instruction decoder: a length never depends on what follows, and never goes beyond what is there. */
#include <stdio.h>

#include "insn.h"

static void fail(const char *what)
{
	fprintf(stderr, "insn: %s\n", what);
	abort();
}

static bool decode(const u8 *data, size_t len, struct sb_insn *insn)
{
	u8 *code = malloc(len + !len);
	bool known;

	memcpy(code, data, len);
	known = sb_insn_decode(code, len, insn);
	free(code);
	return known;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct sb_insn insn, again;

	if (!decode(data, size, &insn))
		return 0;
	if (!insn.length || insn.length > SB_INSN_MAX || insn.length > size)
		fail("a length that no instruction has");
	if (!decode(data, insn.length, &again) || again.length != insn.length ||
	    again.probeable != insn.probeable)
		fail("something else without the bytes behind");
	if (decode(data, insn.length - 1, &again))
		fail("an instruction that is not whole");
	return 0;
}
