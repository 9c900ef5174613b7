/* SPDX-License-Identifier: GPL-2.0 */
/* The symbols that the fuzzing of the resolver asks for; those of places_one.S. */
#ifndef SB_ELF_NAMES_H
#define SB_ELF_NAMES_H

#include "elf.h"

static const char *const elf_names[] = {
	"function", "inside", "torn", "label", "alias", "weak", "twin", "mixed", "shadow",
	"versioned", "picked", "chosen", "table", "zeroes", "import", "nowhere",
};

#define ELF_NAMES	ARRAY_SIZE(elf_names)

#endif
