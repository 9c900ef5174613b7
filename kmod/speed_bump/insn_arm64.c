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

/* Of branches, exceptions and system instructions, those that are taken. */
static const struct sb_encoding sb_good_branches[] = {
	{ 0x7c000000, 0x14000000 },	/* b, bl */
	{ 0xff000010, 0x54000000 },	/* b.cond */
	{ 0x7e000000, 0x34000000 },	/* cbz, cbnz */
	{ 0x7e000000, 0x36000000 },	/* tbz, tbnz */
	{ 0xfffffc1f, 0xd61f0000 },	/* br */
	{ 0xfffffc1f, 0xd63f0000 },	/* blr */
	{ 0xfffffc1f, 0xd65f0000 },	/* ret */
	{ 0xff000000, 0xd5000000 },	/* system, but for those below */
};

static const struct sb_encoding sb_refused[] = {
	{ 0xfff8f01f, 0xd500401f },	/* msr of an immediate */
	{ 0xfff00000, 0xd5100000 },	/* msr */
	{ 0xffffffe0, 0xd53b4220 },	/* mrs of DAIF */
	{ 0x3b000000, 0x18000000 },	/* loads of literals */
	{ 0x3f800000, 0x08000000 },	/* exclusive loads and stores */
};

/* Hints: nop, xpaclri, pacia1716, pacib1716, paciaz, paciasp, pacibz, pacibsp, bti [c, j, jc] */
#define SB_HINT_MASK	0xfffff01fu
#define SB_HINT_VALUE	0xd503201fu
#define SB_GOOD_HINTS	(BIT(0) | BIT(7) | BIT(8) | BIT(10) | BIT(24) | BIT(25) | BIT(26) | \
			 BIT(27) | BIT(32) | BIT(34) | BIT(36) | BIT(38))

static bool sb_fits(u32 word, const struct sb_encoding *encodings, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if ((word & encodings[i].mask) == encodings[i].value)
			return true;
	}
	return false;
}

static bool sb_is_good_hint(u32 number)
{
	return number <= 38 && SB_GOOD_HINTS & BIT(number);
}

bool sb_insn_decode(const u8 *code, size_t len, struct sb_insn *insn)
{
	u32 word, group;

	if (len < SB_INSN_MAX)
		return false;
	word = code[0] | code[1] << 8 | code[2] << 16 | (u32)code[3] << 24;
	group = word >> 25 & 15;
	/* Unallocated. The lower half of group 0 has udf, and zeroes as literal pools have. */
	if (group == 1 || group == 3 || (group == 0 && !(word >> 31)))
		return false;
	insn->length = SB_INSN_MAX;
	if ((word & SB_HINT_MASK) == SB_HINT_VALUE)
		insn->probeable = sb_is_good_hint(word >> 5 & 0x7f);
	else if ((group == 10 || group == 11) &&
		 !sb_fits(word, sb_good_branches, ARRAY_SIZE(sb_good_branches)))
		insn->probeable = false;
	else
		insn->probeable = !sb_fits(word, sb_refused, ARRAY_SIZE(sb_refused));
	return true;
}
#endif
