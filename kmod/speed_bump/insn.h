/* SPDX-License-Identifier: GPL-2.0 */
/* How long instructions are, and where uprobes may sit. The kernel does not export its decoder. */
#ifndef SPEED_BUMP_INSN_H
#define SPEED_BUMP_INSN_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/types.h>
#else
#include "user.h"
#endif

#ifdef __x86_64__
#define SB_INSN_MAX	15	/* bytes of the longest, Intel SDM vol. 2, 2.3.11 */
#define SB_INSN_ALIGN	1
#else
#define SB_INSN_MAX	4
#define SB_INSN_ALIGN	4
#endif

/**
 * struct sb_insn - an instruction
 * @length: bytes, 1 to SB_INSN_MAX
 * @probeable: whether the kernel takes a uprobe there, and then carries the instruction out right
 */
struct sb_insn {
	u8 length;
	bool probeable;
};

/**
 * sb_insn_decode() - take apart the first instruction of some code
 * @code: the bytes
 * @len: their number
 * @insn: the result
 *
 * Return: false when it is no instruction of this machine, or not whole.
 */
bool sb_insn_decode(const u8 *code, size_t len, struct sb_insn *insn);

#endif
