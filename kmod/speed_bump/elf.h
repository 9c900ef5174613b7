/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a symbol to the file offset of its first instruction, in a file that nobody vouches for.
 * Compiles in user space too.
 */
#ifndef SPEED_BUMP_ELF_H
#define SPEED_BUMP_ELF_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "user.h"
#endif

/**
 * struct sb_elf_file - where the bytes come from
 * @read: reads up to @len bytes at @pos; the number read, or a negative errno
 * @context: for @read
 * @size: bytes in the file
 */
struct sb_elf_file {
	ssize_t (*read)(void *context, void *buf, size_t len, u64 pos);
	void *context;
	u64 size;
};

/**
 * sb_elf_resolve() - find a function
 * @file: the file
 * @symbol: name as in .symtab or .dynsym
 * @offset: the result, a file offset
 *
 * Every read is checked against the file's size, memory is bounded whatever the file says, and a
 * fatal signal ends it. May sleep.
 *
 * Return: 0, or -ENOEXEC, -ENOENT, -EADDRNOTAVAIL, -ENOMEM, -EINTR, or what @read failed with
 * (docs/speed_bump.md).
 */
int sb_elf_resolve(const struct sb_elf_file *file, const char *symbol, u64 *offset);

/**
 * sb_elf_check_offset() - whether a site may be at an offset that was given as such
 *
 * It may where an executable segment of a file that can run has an instruction that uprobes take.
 * Whether that begins there is not known.
 *
 * Return: 0, or an errno as sb_elf_resolve().
 */
int sb_elf_check_offset(const struct sb_elf_file *file, u64 offset);

#endif
