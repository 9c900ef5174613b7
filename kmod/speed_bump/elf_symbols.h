/* SPDX-License-Identifier: GPL-2.0 */
/* The symbol tables of an ELF file, read in chunks, and their names. */
#ifndef SPEED_BUMP_ELF_SYMBOLS_H
#define SPEED_BUMP_ELF_SYMBOLS_H

#include "elf_image.h"

/* The strings of most libraries fit; fuzzing takes few. */
#ifndef SB_NAME_BLOCK
#define SB_NAME_BLOCK	4096
#define SB_NAME_BLOCKS	64
#endif

/**
 * struct sb_table - a symbol table; all ranges lie in the file
 * @at: file offset; 0 when the file has no such table
 * @count: symbols
 * @names_at: file offset of the strings
 * @names_size: their bytes, the last of them NUL
 * @versions_at: file offset of a 16-bit version for each symbol; 0 without
 */
struct sb_table {
	u64 at;
	u64 count;
	u64 names_at;
	u64 names_size;
	u64 versions_at;
};

/**
 * struct sb_symbols - the symbol tables of a file, and memory to read them
 * @image: the file
 * @symtab: all symbols, where it is not stripped
 * @dynsym: those for other files
 * @chunk: a part of a table
 * @names: blocks of the strings, block N of the file in place N modulo SB_NAME_BLOCKS
 * @held: which block is there, plus one
 */
struct sb_symbols {
	const struct sb_image *image;
	struct sb_table symtab;
	struct sb_table dynsym;
	u8 chunk[SB_CHUNK];
	char names[SB_NAME_BLOCKS][SB_NAME_BLOCK];
	u64 held[SB_NAME_BLOCKS];
};

/* Finds the tables. Return: 0, or an errno as sb_elf_resolve(). */
int sb_symbols_open(struct sb_symbols *symbols, const struct sb_image *image);

/**
 * sb_symbols_scan() - call @visit with each symbol of a table, until it returns not 0
 *
 * @visit may not use symbols->chunk.
 *
 * Return: what @visit returned last, or an errno.
 */
int sb_symbols_scan(struct sb_symbols *symbols, const struct sb_table *table,
		    int (*visit)(void *context, const Elf64_Sym *symbol, u64 index), void *context);

/* Whether the name at @offset of the strings is @name, of @len bytes. Return: 1, 0, or an errno. */
int sb_symbols_named(struct sb_symbols *symbols, const struct sb_table *table, u64 offset,
		     const char *name, size_t len);

#endif
