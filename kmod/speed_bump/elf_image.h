/* SPDX-License-Identifier: GPL-2.0 */
/* An ELF file that can run here, its headers checked, and its bytes read within its size. */
#ifndef SPEED_BUMP_ELF_IMAGE_H
#define SPEED_BUMP_ELF_IMAGE_H

#include "elf.h"

#ifdef __KERNEL__
#include <linux/align.h>
#include <linux/bits.h>
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#endif

/* Tables are read in chunks of so many bytes; fuzzing takes few, to meet their ends. */
#ifndef SB_CHUNK
#define SB_CHUNK	65536
#endif

/**
 * struct sb_image - an ELF file
 * @file: its bytes
 * @header: checked
 * @segments: all program headers, those to load checked
 * @section_count: section headers, all within the file; 0 is none
 */
struct sb_image {
	const struct sb_elf_file *file;
	Elf64_Ehdr header;
	Elf64_Phdr *segments;
	u64 section_count;
};

/**
 * sb_image_open() - read and check the headers
 *
 * Return: 0, and sb_image_close() is due; or an errno as sb_elf_resolve().
 */
int sb_image_open(struct sb_image *image, const struct sb_elf_file *file);

void sb_image_close(struct sb_image *image);

/* Whether bytes lie in the file. */
bool sb_image_holds(const struct sb_image *image, u64 pos, u64 len);

/**
 * sb_image_read() - read bytes of the file, all of them
 *
 * Return: 0, -ENOEXEC when they are not there, -EINTR, or what reading failed with.
 */
int sb_image_read(const struct sb_image *image, void *buf, u64 len, u64 pos);

/* Reads section header @index, below image->section_count; its content lies in the file then. */
int sb_image_section(const struct sb_image *image, u64 index, Elf64_Shdr *section);

/* The executable segment whose part in the file has an address, or a file offset; or NULL. */
const Elf64_Phdr *sb_image_code_at_address(const struct sb_image *image, u64 address);
const Elf64_Phdr *sb_image_code_at_offset(const struct sb_image *image, u64 offset);

#endif
