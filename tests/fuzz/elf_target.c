// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing of the resolver. The first byte chooses a symbol and how reads come back; the rest is the file. What is found
 * lies in the file's part of an executable segment, by an independent look at the headers.
 */
#include <stdio.h>

#include "elf_names.h"
#include "insn.h"

#define READ_SHORT	0x40	/* a few bytes at a time */
#define READ_FAILS	0x80	/* after some reads; with READ_SHORT the task is killed then */
#define READS_BEFORE	6

struct bytes {
	const u8 *data;
	size_t size;
	size_t reads;
	u8 how;
};

static void fail(const char *what)
{
	fprintf(stderr, "elf: %s\n", what);
	abort();
}

static ssize_t read_bytes(void *context, void *buf, size_t len, u64 pos)
{
	struct bytes *bytes = context;

	if (pos > bytes->size || len > bytes->size - pos)
		fail("a read beyond the file");
	if (!len)
		fail("a read of nothing");
	bytes->reads++;
	sb_is_killed = bytes->how == (READ_FAILS | READ_SHORT) && bytes->reads > READS_BEFORE;
	if (bytes->how == READ_FAILS && bytes->reads > READS_BEFORE)
		return bytes->reads & 1 ? -EIO : 0;
	if (bytes->how & READ_SHORT && len > 100)
		len = 100;
	memcpy(buf, bytes->data + pos, len);
	return len;
}

static bool is_code(const struct bytes *bytes, u64 offset)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	int i;

	memcpy(&header, bytes->data, sizeof(header));
	for (i = 0; i < header.e_phnum; i++) {
		memcpy(&segment, bytes->data + header.e_phoff + i * sizeof(segment), sizeof(segment));
		if (segment.p_type == PT_LOAD && segment.p_flags & PF_X &&
		    offset >= segment.p_offset && offset - segment.p_offset < segment.p_filesz)
			return true;
	}
	return false;
}

static bool is_known(const struct bytes *bytes, int error)
{
	if (error == -EIO)
		return bytes->how == READ_FAILS;
	if (error == -EINTR)
		return sb_is_killed;
	return !error || error == -ENOEXEC || error == -ENOENT || error == -EADDRNOTAVAIL;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct bytes bytes = { .data = data + 1, .size = size - 1 };
	struct sb_elf_file file = { .read = read_bytes, .context = &bytes };
	struct sb_insn insn;
	u64 offset = 0;
	int error;

	if (!size)
		return 0;
	file.size = bytes.size;
	bytes.how = data[0] & (READ_SHORT | READ_FAILS);
	sb_is_killed = false;
	error = sb_elf_resolve(&file, elf_names[data[0] % ELF_NAMES], &offset);
	if (!is_known(&bytes, error))
		fail("an error that it does not have");
	if (error)
		return 0;
	if (offset >= bytes.size || !is_code(&bytes, offset))
		fail("a site out of the executable segments");
	if (!sb_insn_decode(bytes.data + offset, bytes.size - offset, &insn) || !insn.probeable)
		fail("a site that uprobes refuse");
	bytes.how = 0;
	sb_is_killed = false;
	if (sb_elf_check_offset(&file, offset))
		fail("a site that is refused as an offset");
	return 0;
}
