// SPDX-License-Identifier: GPL-2.0
/*
 * x86-64 instructions: Intel SDM vol. 2, appendix A, for what follows an opcode;
 * arch/x86/kernel/uprobes.c of Linux 5.10 to 6.18 for what uprobes refuse.
 */
#ifdef __x86_64__
#include "insn.h"

/* What follows the opcode. */
#define M	0x01	/* ModRM */
#define I8	0x02
#define I16	0x04
#define IZ	0x08	/* 2 bytes with a 66 prefix, 4 otherwise */
#define IV	0x10	/* as IZ, 8 with REX.W */
#define MO	0x20	/* an address: 8 bytes, 4 with a 67 prefix */
#define R32	0x40
#define BAD	(MO | R32)
/* Not in good_insns_64, which is also asked about the opcode behind a VEX or EVEX prefix. */
#define NO	0x80

#define ARITHMETIC(base, six, seven) \
	[(base) ... (base) + 3] = M, [(base) + 4] = I8, [(base) + 5] = IZ, \
	[(base) + 6] = (six), [(base) + 7] = (seven)

/* Prefixes are bad here: they are taken before the opcode, and do not follow REX. */
static const u8 sb_one_byte[256] = {
	ARITHMETIC(0x00, BAD | NO, BAD | NO),
	ARITHMETIC(0x08, BAD | NO, BAD),
	ARITHMETIC(0x10, BAD | NO, BAD | NO),
	ARITHMETIC(0x18, BAD | NO, BAD | NO),
	ARITHMETIC(0x20, BAD, BAD | NO),
	ARITHMETIC(0x28, BAD, BAD | NO),
	ARITHMETIC(0x30, BAD, BAD | NO),
	ARITHMETIC(0x38, BAD, BAD | NO),
	[0x40 ... 0x4f] = BAD,
	[0x60 ... 0x62] = BAD | NO,
	[0x63] = M,
	[0x64 ... 0x67] = BAD,
	[0x68] = IZ,
	[0x69] = M | IZ,
	[0x6a] = I8,
	[0x6b] = M | I8,
	[0x6c ... 0x6f] = NO,		/* ins, outs */
	[0x70 ... 0x7f] = I8,
	[0x80] = M | I8,
	[0x81] = M | IZ,
	[0x82] = BAD | NO,
	[0x83] = M | I8,
	[0x84 ... 0x8f] = M,
	[0x9a] = BAD | NO,
	[0xa0 ... 0xa3] = MO,
	[0xa8] = I8,
	[0xa9] = IZ,
	[0xb0 ... 0xb7] = I8,
	[0xb8 ... 0xbf] = IV,
	[0xc0 ... 0xc1] = M | I8,
	[0xc2] = I16,
	[0xc6] = M | I8,
	[0xc7] = M | IZ,
	[0xc8] = I16 | I8,
	[0xca] = I16,
	[0xcc] = NO,			/* int3 */
	[0xcd] = I8 | NO,		/* int */
	[0xce] = BAD | NO,
	[0xcf] = NO,			/* iret */
	[0xd0 ... 0xd3] = M,
	[0xd4 ... 0xd6] = BAD | NO,
	[0xd8 ... 0xdf] = M,
	[0xe0 ... 0xe3] = I8,
	[0xe4 ... 0xe7] = I8 | NO,	/* in, out */
	[0xe8 ... 0xe9] = R32,
	[0xea] = BAD | NO,
	[0xeb] = I8,
	[0xec ... 0xef] = NO,		/* in, out */
	[0xf0] = BAD,
	[0xf1] = NO,			/* int1 */
	[0xf2 ... 0xf3] = BAD,
	[0xf4] = NO,			/* hlt */
	[0xf6 ... 0xf7] = M,
	[0xfa ... 0xfb] = NO,		/* cli, sti */
	[0xfe ... 0xff] = M,
};

/* The 0F map; VEX and EVEX map 1 have the same shapes. */
static const u8 sb_two_byte[256] = {
	[0x00 ... 0x03] = M,
	[0x04] = BAD,
	[0x0a] = BAD,
	[0x0c] = BAD,
	[0x0d] = M,
	[0x0f] = M | I8,
	[0x10 ... 0x23] = M,
	[0x24 ... 0x27] = BAD,
	[0x28 ... 0x2f] = M,
	[0x38] = M,
	[0x39] = BAD,
	[0x3a] = M,
	[0x3b ... 0x3f] = BAD,
	[0x40 ... 0x6f] = M,
	[0x70 ... 0x73] = M | I8,
	[0x74 ... 0x76] = M,
	[0x78 ... 0x7f] = M,
	[0x80 ... 0x8f] = R32,
	[0x90 ... 0x9f] = M,
	[0xa3] = M,
	[0xa4] = M | I8,
	[0xa5 ... 0xa7] = M,
	[0xab] = M,
	[0xac] = M | I8,
	[0xad ... 0xb9] = M,
	[0xba] = M | I8,
	[0xbb ... 0xc1] = M,
	[0xc2] = M | I8,
	[0xc3] = M,
	[0xc4 ... 0xc6] = M | I8,
	[0xc7] = M,
	[0xd0 ... 0xff] = M,
};

enum sb_map { SB_MAP_ONE, SB_MAP_0F, SB_MAP_0F38, SB_MAP_0F3A, SB_MAP_VECTOR, SB_MAP_XOP };

/**
 * struct sb_code - an instruction while it is taken apart
 * @bytes: the code
 * @len: its size
 * @at: bytes read; above @len when there were too few
 * @rex: the prefix, 0 without
 * @operand16: a 66 prefix was there
 * @address32: a 67 prefix was there
 * @refused: by a prefix
 * @map: where @opcode is looked up
 * @opcode: its last byte
 * @modrm: the byte behind, where @shape has it
 * @shape: what follows the opcode
 */
struct sb_code {
	const u8 *bytes;
	size_t len;
	size_t at;
	u8 rex;
	bool operand16;
	bool address32;
	bool refused;
	enum sb_map map;
	u8 opcode;
	u8 modrm;
	u8 shape;
};

static u8 sb_next_byte(struct sb_code *code)
{
	u8 byte = code->at < code->len ? code->bytes[code->at] : 0;

	code->at++;
	return byte;
}

/* Returns the byte behind the prefixes. */
static u8 sb_take_prefixes(struct sb_code *code)
{
	for (;;) {
		u8 byte = sb_next_byte(code);

		switch (byte) {
		case 0x66:
			code->operand16 = true;
			break;
		case 0x67:
			code->address32 = true;
			break;
		case 0x64: case 0x65: case 0xf2: case 0xf3:
			break;
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0xf0:	/* is_prefix_bad() */
			code->refused = true;
			break;
		case 0x40 ... 0x4f:
			code->rex = byte;
			return sb_next_byte(code);
		default:
			return byte;
		}
	}
}

/* VEX C5, C4 and EVEX. */
static bool sb_take_vector(struct sb_code *code, u8 first)
{
	u8 map = 1;

	code->map = SB_MAP_VECTOR;
	if (first == 0xc5) {
		code->at++;
	} else {
		map = sb_next_byte(code) & (first == 0xc4 ? 0x1f : 7);
		code->at += first == 0xc4 ? 1 : 2;
	}
	code->opcode = sb_next_byte(code);
	if (map == 1)
		code->shape = (sb_two_byte[code->opcode] & I8) | (code->opcode == 0x77 ? 0 : M);
	else
		code->shape = map == 3 ? M | I8 : M;
	return map && map != 4 && map <= 6;
}

/* AMD's XOP, told from pop by its map (AMD64 APM vol. 6, 1.5). */
static bool sb_take_xop(struct sb_code *code)
{
	u8 map = sb_next_byte(code) & 0x1f;

	code->map = SB_MAP_XOP;
	code->at++;
	code->opcode = sb_next_byte(code);
	code->shape = map == 8 ? M | I8 : map == 9 ? M : M | IZ;
	return map <= 10;
}

static void sb_take_0f(struct sb_code *code)
{
	code->map = SB_MAP_0F;
	code->opcode = sb_next_byte(code);
	code->shape = sb_two_byte[code->opcode];
	if (code->opcode != 0x38 && code->opcode != 0x3a)
		return;
	code->map = code->opcode == 0x38 ? SB_MAP_0F38 : SB_MAP_0F3A;
	code->opcode = sb_next_byte(code);
	code->shape = code->map == SB_MAP_0F3A ? M | I8 : M;
}

static bool sb_take_opcode(struct sb_code *code)
{
	u8 byte = sb_take_prefixes(code);

	switch (byte) {
	case 0xc4: case 0xc5: case 0x62:
		return sb_take_vector(code, byte);
	case 0x8f:
		if (code->at < code->len && (code->bytes[code->at] & 0x1f) >= 8)
			return sb_take_xop(code);
		break;
	case 0x0f:
		sb_take_0f(code);
		return (code->shape & BAD) != BAD;
	}
	code->map = SB_MAP_ONE;
	code->opcode = byte;
	code->shape = sb_one_byte[byte];
	return (code->shape & BAD) != BAD;
}

static void sb_take_modrm(struct sb_code *code)
{
	u8 mode, rm;

	code->modrm = sb_next_byte(code);
	mode = code->modrm >> 6;
	rm = code->modrm & 7;
	/* Moves of control and debug registers know registers only. */
	if (code->map == SB_MAP_0F && code->opcode >= 0x20 && code->opcode <= 0x23)
		mode = 3;
	if (mode == 3)
		return;
	if (rm == 4 && (sb_next_byte(code) & 7) == 5 && mode == 0)
		code->at += 4;
	if (mode == 1)
		code->at += 1;
	else if (mode == 2 || (mode == 0 && rm == 5))
		code->at += 4;
}

static void sb_take_immediates(struct sb_code *code)
{
	bool wide = code->rex & 8;
	u8 shape = code->shape;

	/* test has an immediate, its neighbours in group 3 have none */
	if (code->map == SB_MAP_ONE && (code->opcode & 0xfe) == 0xf6 && !(code->modrm & 0x30))
		shape |= code->opcode == 0xf6 ? I8 : IZ;
	if (shape & I8)
		code->at += 1;
	if (shape & I16)
		code->at += 2;
	if (shape & IZ)
		code->at += code->operand16 && !wide ? 2 : 4;
	if (shape & IV)
		code->at += wide ? 8 : code->operand16 ? 2 : 4;
	if (shape & MO)
		code->at += code->address32 ? 4 : 8;
	if (shape & R32)
		code->at += 4;
}

/* Direct branches as branch_setup_xol_ops() sees them: by the last byte of the opcode. */
static bool sb_is_near_branch(u8 opcode)
{
	return (opcode & 0xf0) == 0x70 || opcode == 0xe8 || opcode == 0xe9 || opcode == 0xeb;
}

/*
 * Beside what uprobe_init_insn() refuses: what it takes and then carries out wrongly. Vector
 * instructions whose opcode it mistakes for a branch or a nop; system calls, which would run (and a
 * new thread begin) in the page for single steps; `xchg %r8,%rax`, which older kernels take for a
 * nop; and XOP, which it takes for a pop.
 */
static bool sb_is_refused(const struct sb_code *code)
{
	u8 opcode = code->opcode;

	if (code->refused)
		return true;
	switch (code->map) {
	case SB_MAP_XOP:
		return true;
	case SB_MAP_VECTOR:
		return sb_one_byte[opcode] & NO || sb_is_near_branch(opcode) || opcode == 0x90;
	case SB_MAP_ONE:
		/* mov to %ss holds back the trap of the single step: insn_masking_exception() */
		return code->shape & NO || (opcode == 0x90 && code->rex & 1) ||
		       (opcode == 0x8e && (code->modrm >> 3 & 7) == 2) ||
		       (code->operand16 && sb_is_near_branch(opcode));
	case SB_MAP_0F:
		return opcode == 0x05 || opcode == 0x34 ||
		       (code->operand16 && (opcode & 0xf0) == 0x80);
	default:
		return false;
	}
}

bool sb_insn_decode(const u8 *bytes, size_t len, struct sb_insn *insn)
{
	struct sb_code code = { .bytes = bytes, .len = len };

	if (!sb_take_opcode(&code))
		return false;
	if (code.shape & M)
		sb_take_modrm(&code);
	sb_take_immediates(&code);
	if (code.at > len || code.at > SB_INSN_MAX)
		return false;
	insn->length = code.at;
	insn->probeable = !sb_is_refused(&code);
	return true;
}
#endif
