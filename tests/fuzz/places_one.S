/* SPDX-License-Identifier: GPL-2.0 */
/* Symbols of every kind that a resolver may meet, x86-64; places_two.S has others of the same names. */
	.text

	.globl	function
	.type	function, @function
function:
	push	%rbp
	mov	$1, %eax
inside:
	pop	%rbp
	ret
	.size	function, . - function

	.globl	alias
	.type	alias, @function
	.set	alias, function
	.size	alias, . - function

	.weak	weak
	.type	weak, @function
weak:	ret
	.size	weak, . - weak

/* In the middle of `mov $1, %eax`. */
	.globl	torn
	.type	torn, @function
	.set	torn, function + 3

/* A label of assembly: no type, no size. */
	.globl	label
label:	nop
	ret

	.globl	trap
	.type	trap, @function
trap:	int3
	ret
	.size	trap, . - trap

	.globl	locked
	.type	locked, @function
locked:	lock incl (%rdi)
	ret
	.size	locked, . - locked

	.globl	vector
	.type	vector, @function
vector:	vpxor	%xmm0, %xmm0, %xmm0
	ret
	.size	vector, . - vector

	.globl	syscalls
	.type	syscalls, @function
syscalls: syscall
	ret
	.size	syscalls, . - syscalls

	.globl	garbage
	.type	garbage, @function
garbage: .byte	0x06, 0x06, 0x06
after_garbage:
	ret
	.size	garbage, . - garbage

	.globl	table
	.type	table, @object
table:	.quad	1, 2
	.size	table, . - table

	.type	twin, @function
twin:	nop
	ret
	.size	twin, . - twin

	.type	mixed, @object
mixed:	.quad	3
	.size	mixed, . - mixed

	.type	shadow, @function
shadow:	nop
	ret
	.size	shadow, . - shadow

	.type	resolver, @function
resolver:
	xor	%eax, %eax
	ret
	.size	resolver, . - resolver

	.globl	chosen
	.type	chosen, @gnu_indirect_function
	.set	chosen, resolver

	.type	old_version, @function
old_version:
	xor	%eax, %eax
	ret
	.size	old_version, . - old_version
	.type	new_version, @function
new_version:
	xor	%ecx, %ecx
	ret
	.size	new_version, . - new_version
#ifdef VERSIONS
	.symver	old_version, versioned@V1
	.symver	new_version, versioned@@V2
	.globl	old_version, new_version
	.globl	indirect
	.type	indirect, @gnu_indirect_function
	.set	indirect, resolver
	.symver	old_version, picked@V1
	.symver	indirect, picked@@V2
#endif

	.globl	caller
	.type	caller, @function
caller:	call	import@PLT
	ret
	.size	caller, . - caller

	.section .rodata.text, "a", @progbits
	.globl	constant
constant: .quad	4

	.data
	.globl	data
	.type	data, @object
data:	.quad	5
	.size	data, . - data

	.bss
	.globl	zeroes
	.type	zeroes, @function
zeroes:	.zero	64
	.size	zeroes, . - zeroes

	.section .tdata, "awT", @progbits
	.globl	thread
	.type	thread, @object
thread:	.quad	6
	.size	thread, . - thread

	.globl	absolute
	.set	absolute, 0x1234

	.section .note.GNU-stack, "", @progbits
