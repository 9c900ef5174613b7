// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of ELF files that leave most of them whole: single fields get values that matter, and headers are put right
 * again more often than not. Plain noise would rarely come further than the first check.
 */
#include "elf_names.h"

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max_size);

/* A file in the fuzzer's buffer, behind the byte that chooses. */
struct image {
	u8 *data;
	size_t size;
	u32 state;
};

static u32 next_random(struct image *image)
{
	/* Marsaglia's xorshift32 */
	image->state ^= image->state << 13;
	image->state ^= image->state >> 17;
	image->state ^= image->state << 5;
	return image->state;
}

static u32 below(struct image *image, u64 bound)
{
	return next_random(image) % bound;
}

static Elf64_Ehdr header_of(const struct image *image)
{
	Elf64_Ehdr header;

	memcpy(&header, image->data, sizeof(header));
	return header;
}

/* A value at which a check may turn over. */
static u64 value_that_matters(struct image *image, u64 now)
{
	switch (below(image, 10)) {
	case 0:
		return 0;
	case 1:
		return ~0ULL;
	case 2:
		return image->size - below(image, 3) + 1;
	case 3:
		return 1ULL << below(image, 64);
	case 4:
		return (1ULL << below(image, 64)) - 1;
	case 5:
		return now + 1;
	case 6:
		return now - 1;
	case 7:
		return now ^ 1ULL << below(image, 64);
	case 8:
		return below(image, image->size);
	default:
		return now + below(image, 256) - 128;
	}
}

/* Changes @width bytes at @at, as one number. */
static void change_number(struct image *image, u64 at, size_t width)
{
	u64 value = 0;

	if (at > image->size || width > image->size - at)
		return;
	memcpy(&value, image->data + at, width);
	value = value_that_matters(image, value);
	memcpy(image->data + at, &value, width);
}

/* Where a section's header is, for one of @type, or any for 0. */
static u64 find_section(struct image *image, u32 type, Elf64_Shdr *section)
{
	Elf64_Ehdr header = header_of(image);
	u32 start = header.e_shnum ? below(image, header.e_shnum) : 0;
	u32 i;

	for (i = 0; i < header.e_shnum; i++) {
		u64 at = header.e_shoff + (start + i) % header.e_shnum * sizeof(*section);

		if (at > image->size || sizeof(*section) > image->size - at)
			return 0;
		memcpy(section, image->data + at, sizeof(*section));
		if (!type || section->sh_type == type)
			return at;
	}
	return 0;
}

static void change_section(struct image *image)
{
	static const u8 offsets[] = { 0, 4, 8, 16, 24, 32, 40, 44, 48, 56 };
	static const u8 widths[] = { 4, 4, 8, 8, 8, 8, 4, 4, 8, 8 };
	static const u32 types[] = { 0, SHT_SYMTAB, SHT_DYNSYM, SHT_STRTAB, SHT_GNU_versym };
	u32 field = below(image, ARRAY_SIZE(offsets));
	Elf64_Shdr section;
	u64 at = find_section(image, types[below(image, ARRAY_SIZE(types))], &section);

	if (at)
		change_number(image, at + offsets[field], widths[field]);
}

static void change_segment(struct image *image)
{
	static const u8 offsets[] = { 0, 4, 8, 16, 32, 40 };
	static const u8 widths[] = { 4, 4, 8, 8, 8, 8 };
	u32 field = below(image, ARRAY_SIZE(offsets));
	Elf64_Ehdr header = header_of(image);

	if (header.e_phnum)
		change_number(image, header.e_phoff + below(image, header.e_phnum) * sizeof(Elf64_Phdr) +
			      offsets[field], widths[field]);
}

static void change_symbol(struct image *image)
{
	static const u8 offsets[] = { 0, 4, 5, 6, 8, 16 };
	static const u8 widths[] = { 4, 1, 1, 2, 8, 8 };
	u32 field = below(image, ARRAY_SIZE(offsets));
	Elf64_Shdr section;

	if (find_section(image, below(image, 2) ? SHT_SYMTAB : SHT_DYNSYM, &section) &&
	    section.sh_size >= sizeof(Elf64_Sym))
		change_number(image, section.sh_offset + offsets[field] +
			      below(image, section.sh_size / sizeof(Elf64_Sym)) * sizeof(Elf64_Sym),
			      widths[field]);
}

static void change_header(struct image *image)
{
	static const u8 offsets[] = { 4, 5, 16, 18, 20, 32, 40, 54, 56, 58, 60 };
	static const u8 widths[] = { 1, 1, 2, 2, 4, 8, 8, 2, 2, 2, 2 };
	u32 field = below(image, ARRAY_SIZE(offsets));

	change_number(image, offsets[field], widths[field]);
}

static void change_code(struct image *image)
{
	change_number(image, below(image, image->size), 1);
}

static void repair_header(struct image *image)
{
	Elf64_Ehdr header = header_of(image);

	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	header.e_ident[EI_VERSION] = EV_CURRENT;
	header.e_type = header.e_type & 1 ? ET_DYN : ET_EXEC;
	header.e_machine = EM_X86_64;
	header.e_version = EV_CURRENT;
	header.e_phentsize = sizeof(Elf64_Phdr);
	header.e_shentsize = sizeof(Elf64_Shdr);
	memcpy(image->data, &header, sizeof(header));
}

static void repair_segments(struct image *image)
{
	Elf64_Ehdr header = header_of(image);
	Elf64_Phdr segment;
	u32 i;

	for (i = 0; i < header.e_phnum && i < 16; i++) {
		u64 at = header.e_phoff + i * sizeof(segment);

		if (at > image->size || sizeof(segment) > image->size - at)
			return;
		memcpy(&segment, image->data + at, sizeof(segment));
		segment.p_offset %= image->size;
		if (segment.p_filesz > image->size - segment.p_offset)
			segment.p_filesz = image->size - segment.p_offset;
		segment.p_vaddr = (segment.p_vaddr & ~0xfffULL) | (segment.p_offset & 0xfff);
		if (segment.p_memsz < segment.p_filesz)
			segment.p_memsz = segment.p_filesz;
		memcpy(image->data + at, &segment, sizeof(segment));
	}
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed)
{
	static void (*const changes[])(struct image *) = {
		change_header, change_segment, change_section, change_section,
		change_symbol, change_symbol, change_symbol, change_code,
	};
	struct image image = { .state = seed | 1 };
	u32 count;

	next_random(&image);
	if (size < 1 + sizeof(Elf64_Ehdr) || !below(&image, 8))
		return LLVMFuzzerMutate(data, size, max_size);
	if (!below(&image, 4))
		data[0] = next_random(&image) >> 8;
	image.data = data + 1;
	image.size = size - 1;
	for (count = 1 + below(&image, 3); count; count--)
		changes[below(&image, ARRAY_SIZE(changes))](&image);
	if (below(&image, 8))
		repair_header(&image);
	if (below(&image, 2))
		repair_segments(&image);
	return size;
}
