// SPDX-License-Identifier: GPL-2.0
#include "elf_image.h"

#ifdef __x86_64__
#define SB_MACHINE	EM_X86_64
#else
#define SB_MACHINE	EM_AARCH64
#endif

/* load_elf_phdrs() takes no more program headers. */
#define SB_MAX_SEGMENTS	(65536 / sizeof(Elf64_Phdr))
/* Linked files have some dozen sections; the rest is for those that keep one a function. */
#define SB_MAX_SECTIONS	BIT(20)
/* The smallest page of the machines; what is not congruent to it cannot be mapped. */
#define SB_PAGE_MASK	0xfffULL
/* No machine gives programs more address space. */
#define SB_ADDRESS_END	BIT_ULL(56)

bool sb_image_holds(const struct sb_image *image, u64 pos, u64 len)
{
	return pos <= image->file->size && len <= image->file->size - pos;
}

int sb_image_read(const struct sb_image *image, void *buf, u64 len, u64 pos)
{
	u8 *to = buf;

	if (!sb_image_holds(image, pos, len))
		return -ENOEXEC;
	while (len) {
		ssize_t count;

		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		count = image->file->read(image->file->context, to, len, pos);
		if (count < 0)
			return count;
		if (!count || (u64)count > len)
			return -ENOEXEC;
		to += count;
		pos += count;
		len -= count;
	}
	return 0;
}

static int sb_check_header(const Elf64_Ehdr *header)
{
	const u8 *ident = header->e_ident;

	if (memcmp(ident, ELFMAG, SELFMAG) || ident[EI_CLASS] != ELFCLASS64 ||
	    ident[EI_DATA] != ELFDATA2LSB || ident[EI_VERSION] != EV_CURRENT)
		return -ENOEXEC;
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return -ENOEXEC;
	if (header->e_machine != SB_MACHINE || header->e_version != EV_CURRENT)
		return -ENOEXEC;
	if (header->e_phentsize != sizeof(Elf64_Phdr) || !header->e_phnum ||
	    header->e_phnum > SB_MAX_SEGMENTS)
		return -ENOEXEC;
	if (header->e_shoff && header->e_shentsize != sizeof(Elf64_Shdr))
		return -ENOEXEC;
	return 0;
}

static int sb_check_segments(const struct sb_image *image)
{
	const Elf64_Phdr *segment = image->segments;
	const Elf64_Phdr *end = segment + image->header.e_phnum;
	bool loads = false;

	for (; segment < end; segment++) {
		if (segment->p_type != PT_LOAD)
			continue;
		loads = true;
		if (segment->p_filesz > segment->p_memsz || segment->p_vaddr > SB_ADDRESS_END ||
		    segment->p_memsz > SB_ADDRESS_END - segment->p_vaddr ||
		    !sb_image_holds(image, segment->p_offset, segment->p_filesz) ||
		    (segment->p_offset ^ segment->p_vaddr) & SB_PAGE_MASK)
			return -ENOEXEC;
	}
	return loads ? 0 : -ENOEXEC;
}

static int sb_count_sections(struct sb_image *image)
{
	const Elf64_Ehdr *header = &image->header;
	Elf64_Shdr first;

	image->section_count = header->e_shoff ? header->e_shnum : 0;
	if (header->e_shoff && !header->e_shnum) {
		int error = sb_image_read(image, &first, sizeof(first), header->e_shoff);

		if (error)
			return error;
		image->section_count = first.sh_size;
	}
	if (image->section_count > SB_MAX_SECTIONS)
		return -ENOEXEC;
	if (!sb_image_holds(image, header->e_shoff, image->section_count * sizeof(Elf64_Shdr)))
		return -ENOEXEC;
	return 0;
}

int sb_image_open(struct sb_image *image, const struct sb_elf_file *file)
{
	size_t size;
	int error;

	image->file = file;
	error = sb_image_read(image, &image->header, sizeof(image->header), 0);
	if (!error)
		error = sb_check_header(&image->header);
	if (error)
		return error;
	size = image->header.e_phnum * sizeof(Elf64_Phdr);
	image->segments = kvmalloc(size, GFP_KERNEL);
	if (!image->segments)
		return -ENOMEM;
	error = sb_image_read(image, image->segments, size, image->header.e_phoff);
	if (!error)
		error = sb_check_segments(image);
	if (!error)
		error = sb_count_sections(image);
	if (error)
		sb_image_close(image);
	return error;
}

void sb_image_close(struct sb_image *image)
{
	kvfree(image->segments);
}

int sb_image_section(const struct sb_image *image, u64 index, Elf64_Shdr *section)
{
	int error = sb_image_read(image, section, sizeof(*section),
				  image->header.e_shoff + index * sizeof(*section));

	if (error)
		return error;
	if (section->sh_type != SHT_NOBITS &&
	    !sb_image_holds(image, section->sh_offset, section->sh_size))
		return -ENOEXEC;
	return 0;
}

static bool sb_is_code(const Elf64_Phdr *segment)
{
	return segment->p_type == PT_LOAD && segment->p_flags & PF_X;
}

const Elf64_Phdr *sb_image_code_at_address(const struct sb_image *image, u64 address)
{
	const Elf64_Phdr *segment = image->segments;
	const Elf64_Phdr *end = segment + image->header.e_phnum;

	for (; segment < end; segment++) {
		if (sb_is_code(segment) && address >= segment->p_vaddr &&
		    address - segment->p_vaddr < segment->p_filesz)
			return segment;
	}
	return NULL;
}

const Elf64_Phdr *sb_image_code_at_offset(const struct sb_image *image, u64 offset)
{
	const Elf64_Phdr *segment = image->segments;
	const Elf64_Phdr *end = segment + image->header.e_phnum;

	for (; segment < end; segment++) {
		if (sb_is_code(segment) && offset >= segment->p_offset &&
		    offset - segment->p_offset < segment->p_filesz)
			return segment;
	}
	return NULL;
}
