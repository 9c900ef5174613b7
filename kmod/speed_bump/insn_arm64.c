// SPDX-License-Identifier: GPL-2.0
/*
 * A64 instructions: which the kernel's uprobes refuse (arch/arm64/kernel/probes/decode-insn.c), or
 * take and then step in the wrong place: branches and literal loads that they do not know.
 * Encodings: Arm ARM DDI 0487, C4.1.
 */
#ifdef __aarch64__
#include "insn.h"

struct sb_encoding {
	u32 mask;
	u32 value;
};

static const struct sb_encoding sb_refused[] = {
	{ 0xff000010, 0x54000010 },	/* bc.cond */
	{ 0x7e000000, 0x74000000 },	/* cb.cond */
	{ 0xfefff800, 0xd61f0800 },	/* braa, blraa and their kin */
	{ 0xfefff800, 0xd63f0800 },
	{ 0xfffffbe0, 0xd65f0be0 },	/* retaa, retab */
	{ 0xffc0001f, 0x5500001f },	/* retaasppc */
	{ 0xff000000, 0xd4000000 },	/* svc, brk, hlt, … */
	{ 0xfffffbff, 0xd69f0bff },	/* eretaa */
	{ 0xffffffff, 0xd69f03e0 },	/* eret */
	{ 0xffffffff, 0xd6bf03e0 },	/* drps */
	{ 0xfff8f01f, 0xd500401f },	/* msr */
	{ 0xfff00000, 0xd5100000 },
	{ 0xffffffe0, 0xd53b4220 },	/* mrs of DAIF */
	{ 0x3b000000, 0x18000000 },	/* loads of literals */
	{ 0x3f800000, 0x08000000 },	/* exclusive loads and stores */
};

/* Hints: nop, xpaclri, pacia1716, pacib1716, paciaz, paciasp, pacibz, pacibsp, bti [c, j, jc] */
#define SB_HINT_MASK	0xfffff01fu
#define SB_HINT_VALUE	0xd503201fu
#define SB_GOOD_HINTS	(BIT(0) | BIT(7) | BIT(8) | BIT(10) | BIT(24) | BIT(25) | BIT(26) | \
			 BIT(27) | BIT(32) | BIT(34) | BIT(36) | BIT(38))

static bool sb_is_refused(u32 word)
{
	size_t i;

	if ((word & SB_HINT_MASK) == SB_HINT_VALUE) {
		u32 number = word >> 5 & 0x7f;

		return number > 38 || !(SB_GOOD_HINTS & BIT(number));
	}
	for (i = 0; i < ARRAY_SIZE(sb_refused); i++) {
		if ((word & sb_refused[i].mask) == sb_refused[i].value)
			return true;
	}
	return false;
}

bool sb_insn_decode(const u8 *code, size_t len, struct sb_insn *insn)
{
	u32 word, group;

	if (len < SB_INSN_MAX)
		return false;
	word = code[0] | code[1] << 8 | code[2] << 16 | (u32)code[3] << 24;
	group = word >> 25 & 15;
	/* Unallocated: udf, with zeroes such as pad literal pools, among them. */
	if (group == 1 || group == 3 || (group == 0 && !(word >> 31)))
		return false;
	insn->length = SB_INSN_MAX;
	insn->probeable = !sb_is_refused(word);
	return true;
}
#endif
