/* SPDX-License-Identifier: GPL-2.0 */
/* Local symbols that places_one.S has, too, and a global one that is local there. */
	.text

	.type	twin, @function
twin:	nop
	nop
	ret
	.size	twin, . - twin

	.type	mixed, @function
mixed:	nop
	ret
	.size	mixed, . - mixed

	.globl	shadow
	.type	shadow, @function
shadow:	push	%rbx
	pop	%rbx
	ret
	.size	shadow, . - shadow

	.section .note.GNU-stack, "", @progbits
