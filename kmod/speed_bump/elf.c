// SPDX-License-Identifier: GPL-2.0
/*
 * Which symbol of a name is meant, and whether its first instruction can carry a breakpoint.
 *
 * A global or weak definition of the default version comes before older versions, those before
 * local symbols, and an import last. Of equals (static functions of one name) the first that is
 * code counts. What is refused in a better rank is not replaced by what is accepted in a worse
 * one: that would be another function.
 */
#include "elf_symbols.h"
#include "insn.h"

#define SB_STT_GNU_IFUNC	10
#define SB_SHN_XINDEX		0xffff
#define SB_VERSION_HIDDEN	0x8000

enum sb_rank { SB_RANK_DEFAULT, SB_RANK_HIDDEN, SB_RANK_LOCAL, SB_RANK_IMPORT, SB_RANK_NONE };

/**
 * struct sb_search - looking for a symbol
 * @symbols: the tables
 * @table: the one being scanned
 * @name: what is looked for
 * @len: its bytes
 * @rank: of the best so far
 * @is_code: whether that can be a function
 * @value: its address
 * @around: where the first of the functions begins that begin before @value and end behind it
 * @is_inside: whether there is one
 */
struct sb_search {
	struct sb_symbols symbols;
	const struct sb_table *table;
	const char *name;
	size_t len;
	enum sb_rank rank;
	bool is_code;
	u64 value;
	u64 around;
	bool is_inside;
};

static int sb_rank_of(struct sb_search *search, const Elf64_Sym *symbol, u64 index,
		      enum sb_rank *rank)
{
	u16 version;
	int error;

	if (symbol->st_shndx == SHN_UNDEF)
		*rank = SB_RANK_IMPORT;
	else if (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL)
		*rank = SB_RANK_LOCAL;
	else
		*rank = SB_RANK_DEFAULT;
	if (*rank != SB_RANK_DEFAULT || !search->table->versions_at)
		return 0;
	error = sb_image_read(search->symbols.image, &version, sizeof(version),
			      search->table->versions_at + index * sizeof(version));
	if (!error && version & SB_VERSION_HIDDEN)
		*rank = SB_RANK_HIDDEN;
	return error;
}

/* Return: 1, 0, or an errno. */
static int sb_is_function(const struct sb_image *image, const Elf64_Sym *symbol)
{
	Elf64_Shdr section;
	int error;

	if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC &&
	    ELF64_ST_TYPE(symbol->st_info) != STT_NOTYPE)
		return 0;
	if (!sb_image_code_at_address(image, symbol->st_value))
		return 0;
	/* Of more than 65279 sections the number stands elsewhere. */
	if (symbol->st_shndx == SB_SHN_XINDEX)
		return 1;
	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE)
		return 0;
	if (symbol->st_shndx >= image->section_count)
		return -ENOEXEC;
	error = sb_image_section(image, symbol->st_shndx, &section);
	if (error)
		return error;
	/* Some linkers put constants into executable segments, in sections of their own. */
	return section.sh_flags & SHF_EXECINSTR && symbol->st_value >= section.sh_addr &&
	       symbol->st_value - section.sh_addr < section.sh_size;
}

static int sb_visit_name(void *context, const Elf64_Sym *symbol, u64 index)
{
	struct sb_search *search = context;
	u8 type = ELF64_ST_TYPE(symbol->st_info);
	enum sb_rank rank;
	int named, is_code, error;

	if (!symbol->st_name)
		return 0;
	named = sb_symbols_named(&search->symbols, search->table, symbol->st_name, search->name,
				 search->len);
	if (named <= 0 || type == STT_FILE || type == STT_SECTION)
		return named < 0 ? named : 0;
	error = sb_rank_of(search, symbol, index, &rank);
	if (error || rank > search->rank || (rank == search->rank && search->is_code))
		return error;
	is_code = sb_is_function(search->symbols.image, symbol);
	if (is_code < 0)
		return is_code;
	search->rank = rank;
	search->is_code = is_code;
	search->value = symbol->st_value;
	return 0;
}

static int sb_visit_around(void *context, const Elf64_Sym *symbol, u64 index)
{
	struct sb_search *search = context;

	if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF ||
	    symbol->st_value >= search->value ||
	    search->value - symbol->st_value >= symbol->st_size)
		return 0;
	if (!search->is_inside || symbol->st_value < search->around)
		search->around = symbol->st_value;
	search->is_inside = true;
	return 0;
}

static int sb_scan(struct sb_search *search, const struct sb_table *table,
		   int (*visit)(void *context, const Elf64_Sym *symbol, u64 index))
{
	search->table = table;
	return sb_symbols_scan(&search->symbols, table, visit, search);
}

/* The bytes of a segment from an address on: at most @len. */
static int sb_read_code(const struct sb_image *image, const Elf64_Phdr *segment, u64 address,
			u8 *code, size_t *len)
{
	u64 skipped = address - segment->p_vaddr;

	*len = min_t(u64, *len, segment->p_filesz - skipped);
	return sb_image_read(image, code, *len, segment->p_offset + skipped);
}

/* Whether instructions from @from on, one behind the other, come to @to. Return: 0, or an errno. */
static int sb_walk(struct sb_symbols *symbols, u64 from, u64 to)
{
	const Elf64_Phdr *segment = sb_image_code_at_address(symbols->image, from);

	if (!segment || segment != sb_image_code_at_address(symbols->image, to))
		return -EADDRNOTAVAIL;
	while (from < to) {
		size_t len = min_t(u64, sizeof(symbols->chunk), to - from + SB_INSN_MAX);
		size_t at = 0;
		struct sb_insn insn;
		int error = sb_read_code(symbols->image, segment, from, symbols->chunk, &len);

		if (error)
			return error;
		while (from + at < to && sb_insn_decode(symbols->chunk + at, len - at, &insn))
			at += insn.length;
		/* The last of a chunk may not be whole; what is at its start is. */
		if (!at)
			return -EADDRNOTAVAIL;
		from += at;
	}
	return from == to ? 0 : -EADDRNOTAVAIL;
}

/* Whether a breakpoint can sit at an address of a segment. Return: 0, or an errno. */
static int sb_check_insn(const struct sb_image *image, const Elf64_Phdr *segment, u64 address)
{
	u8 code[SB_INSN_MAX];
	size_t len = sizeof(code);
	struct sb_insn insn;
	int error;

	if (!IS_ALIGNED(address, SB_INSN_ALIGN))
		return -EADDRNOTAVAIL;
	error = sb_read_code(image, segment, address, code, &len);
	if (error)
		return error;
	return sb_insn_decode(code, len, &insn) && insn.probeable ? 0 : -EADDRNOTAVAIL;
}

static int sb_find(struct sb_search *search, const struct sb_image *image)
{
	int error = sb_symbols_open(&search->symbols, image);

	if (!error)
		error = sb_scan(search, &search->symbols.symtab, sb_visit_name);
	/* Names of versioned definitions have their version in .symtab. */
	if (!error && search->rank != SB_RANK_DEFAULT)
		error = sb_scan(search, &search->symbols.dynsym, sb_visit_name);
	if (error)
		return error;
	if (search->rank == SB_RANK_NONE)
		return -ENOENT;
	if (!search->is_code)
		return -EADDRNOTAVAIL;
	error = sb_scan(search, &search->symbols.symtab, sb_visit_around);
	if (!error)
		error = sb_scan(search, &search->symbols.dynsym, sb_visit_around);
	if (error)
		return error;
	return search->is_inside ? sb_walk(&search->symbols, search->around, search->value) : 0;
}

int sb_elf_resolve(const struct sb_elf_file *file, const char *symbol, u64 *offset)
{
	const Elf64_Phdr *segment;
	struct sb_search *search;
	struct sb_image image;
	int error;

	error = sb_image_open(&image, file);
	if (error)
		return error;
	error = -ENOMEM;
	search = kvmalloc(sizeof(*search), GFP_KERNEL);
	if (!search)
		goto out_image;
	search->name = symbol;
	search->len = strlen(symbol);
	search->rank = SB_RANK_NONE;
	search->is_code = false;
	search->is_inside = false;
	error = sb_find(search, &image);
	if (error)
		goto out_search;
	segment = sb_image_code_at_address(&image, search->value);
	*offset = search->value - segment->p_vaddr + segment->p_offset;
	error = sb_check_insn(&image, segment, search->value);
out_search:
	kvfree(search);
out_image:
	sb_image_close(&image);
	return error;
}

int sb_elf_check_offset(const struct sb_elf_file *file, u64 offset)
{
	const Elf64_Phdr *segment;
	struct sb_image image;
	int error;

	error = sb_image_open(&image, file);
	if (error)
		return error;
	segment = sb_image_code_at_offset(&image, offset);
	error = -EADDRNOTAVAIL;
	if (segment)
		error = sb_check_insn(&image, segment,
				      offset - segment->p_offset + segment->p_vaddr);
	sb_image_close(&image);
	return error;
}
