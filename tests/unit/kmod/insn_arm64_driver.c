// SPDX-License-Identifier: GPL-2.0
/* insn_driver with the decoder of the other machine: all that depends on a system's headers is read before. */
#include "user.h"

#undef __x86_64__
#undef __aarch64__
#define __aarch64__ 1

#include "insn_arm64.c"
#include "insn_driver.c"
