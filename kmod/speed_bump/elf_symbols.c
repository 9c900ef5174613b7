// SPDX-License-Identifier: GPL-2.0
#include "elf_symbols.h"

#ifndef SHT_GNU_versym
#define SHT_GNU_versym	0x6fffffff
#endif

static int sb_open_table(struct sb_symbols *symbols, const Elf64_Shdr *section,
			 struct sb_table *table)
{
	Elf64_Shdr strings;
	char last;
	int error;

	if (section->sh_entsize != sizeof(Elf64_Sym) || section->sh_size % sizeof(Elf64_Sym) ||
	    section->sh_link >= symbols->image->section_count)
		return -ENOEXEC;
	error = sb_image_section(symbols->image, section->sh_link, &strings);
	if (error)
		return error;
	if (strings.sh_type != SHT_STRTAB || !strings.sh_size)
		return -ENOEXEC;
	error = sb_image_read(symbols->image, &last, 1, strings.sh_offset + strings.sh_size - 1);
	if (error)
		return error;
	if (last)
		return -ENOEXEC;
	table->at = section->sh_offset;
	table->count = section->sh_size / sizeof(Elf64_Sym);
	table->names_at = strings.sh_offset;
	table->names_size = strings.sh_size;
	return 0;
}

/* The first of each kind counts; the specification allows no second. */
static int sb_find_sections(struct sb_symbols *symbols, Elf64_Shdr *symtab, Elf64_Shdr *dynsym,
			    Elf64_Shdr *versions)
{
	const struct sb_image *image = symbols->image;
	const u64 fit = SB_CHUNK / sizeof(Elf64_Shdr);
	const Elf64_Shdr *section = (const Elf64_Shdr *)symbols->chunk;
	u64 done, i;

	for (done = 0; done < image->section_count; done += fit) {
		u64 count = min_t(u64, fit, image->section_count - done);
		int error = sb_image_read(image, symbols->chunk, count * sizeof(*section),
					  image->header.e_shoff + done * sizeof(*section));

		if (error)
			return error;
		for (i = 0; i < count; i++) {
			Elf64_Shdr *found = section[i].sh_type == SHT_SYMTAB ? symtab :
					    section[i].sh_type == SHT_DYNSYM ? dynsym :
					    section[i].sh_type == SHT_GNU_versym ? versions : NULL;

			if (!found || found->sh_type)
				continue;
			if (!sb_image_holds(image, section[i].sh_offset, section[i].sh_size))
				return -ENOEXEC;
			*found = section[i];
		}
	}
	return 0;
}

int sb_symbols_open(struct sb_symbols *symbols, const struct sb_image *image)
{
	Elf64_Shdr symtab = { 0 }, dynsym = { 0 }, versions = { 0 };
	int error;

	symbols->image = image;
	memset(&symbols->symtab, 0, sizeof(symbols->symtab));
	memset(&symbols->dynsym, 0, sizeof(symbols->dynsym));
	memset(symbols->held, 0, sizeof(symbols->held));
	error = sb_find_sections(symbols, &symtab, &dynsym, &versions);
	if (!error && symtab.sh_type)
		error = sb_open_table(symbols, &symtab, &symbols->symtab);
	if (!error && dynsym.sh_type)
		error = sb_open_table(symbols, &dynsym, &symbols->dynsym);
	if (error || !versions.sh_type)
		return error;
	if (versions.sh_size / sizeof(u16) < symbols->dynsym.count)
		return -ENOEXEC;
	symbols->dynsym.versions_at = versions.sh_offset;
	return 0;
}

int sb_symbols_scan(struct sb_symbols *symbols, const struct sb_table *table,
		    int (*visit)(void *context, const Elf64_Sym *symbol, u64 index), void *context)
{
	const u64 fit = SB_CHUNK / sizeof(Elf64_Sym);
	const Elf64_Sym *symbol = (const Elf64_Sym *)symbols->chunk;
	u64 done, i;

	for (done = 0; done < table->count; done += fit) {
		u64 count = min_t(u64, fit, table->count - done);
		int error = sb_image_read(symbols->image, symbols->chunk, count * sizeof(*symbol),
					  table->at + done * sizeof(*symbol));

		for (i = 0; !error && i < count; i++)
			error = visit(context, &symbol[i], done + i);
		if (error)
			return error;
	}
	return 0;
}

/* The block of the file that holds @pos, as far as the file goes. */
static int sb_hold_block(struct sb_symbols *symbols, u64 pos, const char **block)
{
	u64 number = pos / SB_NAME_BLOCK;
	u64 place = number % SB_NAME_BLOCKS;
	u64 start = number * SB_NAME_BLOCK;
	int error;

	*block = symbols->names[place];
	if (symbols->held[place] == number + 1)
		return 0;
	symbols->held[place] = 0;
	error = sb_image_read(symbols->image, symbols->names[place],
			      min_t(u64, SB_NAME_BLOCK, symbols->image->file->size - start), start);
	if (!error)
		symbols->held[place] = number + 1;
	return error;
}

int sb_symbols_named(struct sb_symbols *symbols, const struct sb_table *table, u64 offset,
		     const char *name, size_t len)
{
	u64 pos = table->names_at + offset;

	if (offset >= table->names_size)
		return -ENOEXEC;
	/* With its NUL. */
	len++;
	if (len > table->names_size - offset)
		return 0;
	while (len) {
		u64 part = min_t(u64, len, SB_NAME_BLOCK - pos % SB_NAME_BLOCK);
		const char *block;
		int error = sb_hold_block(symbols, pos, &block);

		if (error)
			return error;
		if (memcmp(block + pos % SB_NAME_BLOCK, name, part))
			return 0;
		name += part;
		pos += part;
		len -= part;
	}
	return 1;
}
