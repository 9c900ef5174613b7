#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Everything that may be wrong with the sources without running them; called by `make check`, which sets KDIR, COMPILER
# and perhaps CHECKPATCH, the checkpatch.pl of a kernel source. Any warning fails.
set -u
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT
failures=0

# A step fails by its status or by what it says: the kernel's make goes on after a warning.
step() {
	name=$1
	shift
	echo "  CHECK   $name"
	if ! "$@" >"$report" 2>&1 || grep -Eq '(warning|error|WARNING|ERROR|CHECK):' "$report"; then
		grep -Ev '^( +(CC|LD|AR|CHECK|MODPOST|BTF|CLEAN) |make)' "$report" >&2
		failures=$((failures + 1))
	fi
}

build() {
	make -C "$KDIR" M="$PWD" $COMPILER clean && make -C "$KDIR" M="$PWD" $COMPILER "$@" modules
}

style() {
	root=$(dirname "$(dirname "$CHECKPATCH")")
	# What is not for the kernel has other rules. The types of ELF are in camel case, tables name an entry's key
	# more than once, and sources outside the kernel's must ask for its version.
	perl "$CHECKPATCH" --root="$root" --strict \
		--ignore CAMELCASE,MACRO_ARG_REUSE,LINUX_VERSION_CODE,CONSTANT_COMPARISON \
		--terse --no-summary --show-types --file \
		$(find . -name '*.[ch]' ! -name '*.mod.c' ! -name user.h ! -name cppcheck.h)
}

# Without the kernel's headers, and for one configuration.
static_analysis() {
	find . -name '*.c' ! -name '*.mod.c' -print0 | xargs -0 cppcheck --quiet --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability --include=cppcheck.h \
		-D__KERNEL__ -DCONFIG_64BIT -DCONFIG_UPROBES -DCONFIG_DYNAMIC_FTRACE_WITH_ARGS -DCONFIG_MEMCG -DCONFIG_X86_64 -DLINUX_VERSION_CODE=393472
}

step 'W=1' build W=1
step 'sparse' build C=2
step 'cppcheck' static_analysis
if [ -n "${CHECKPATCH:-}" ]; then
	step 'checkpatch' style
else
	echo '  SKIP    checkpatch: there is none in the kernel tree, give CHECKPATCH=/path/to/linux/scripts/checkpatch.pl'
fi
[ "$failures" = 0 ]
