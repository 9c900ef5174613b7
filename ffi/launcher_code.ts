/**
 * The machine code of the launcher program: it makes the system calls of a table, one after another, and
 * reports their results. No stack, no library, no relocation: both halves of a vfork may run it.
 */

/** Where the four words that the code reads stand, from its beginning: rows, results, descriptor, size. */
export const PARAMETERS_OFFSET = 256;

/**
 * Bytes of a row of the table: nine 64-bit words.
 *
 * 0 number of the system call, negative at the end of the table · 1–6 arguments · 7 errors that do not matter,
 * one bit each (errno 63 and above share bit 63) · 8 not zero when the call forks: the parent stops after it.
 */
export const ROW_BYTES = 72;

/* Each line: bytes in memory order, two spaces, the instruction, what it is for. */
const X86_64 = `
  48 8b 1d f9 00 00 00  mov rbx,[rip + rows]
  4c 8b 25 fa 00 00 00  mov r12,[rip + results]
next_row:
  48 8b 03              mov rax,[rbx]              the number
  48 85 c0              test rax,rax
  78 4e                 js done                    the end of the table
  48 8b 7b 08           mov rdi,[rbx+0x8]
  48 8b 73 10           mov rsi,[rbx+0x10]
  48 8b 53 18           mov rdx,[rbx+0x18]
  4c 8b 53 20           mov r10,[rbx+0x20]
  4c 8b 43 28           mov r8,[rbx+0x28]
  4c 8b 4b 30           mov r9,[rbx+0x30]
  0f 05                 syscall
  49 89 04 24           mov [r12],rax              its result
  49 83 c4 08           add r12,0x8
  48 85 c0              test rax,rax
  78 0f                 js failed
  74 07                 je advance                 zero: also the child of a fork
  48 83 7b 40 00        cmp [rbx+0x40],0x0
  75 1e                 jne done                   the parent of a fork
advance:
  48 83 c3 48           add rbx,0x48
  eb c2                 jmp next_row
failed:
  48 f7 d8              neg rax                    errno
  48 83 f8 3f           cmp rax,0x3f
  76 05                 jbe known
  b8 3f 00 00 00        mov eax,0x3f
known:
  48 8b 53 38           mov rdx,[rbx+0x38]
  48 0f a3 c2           bt rdx,rax                 does it matter?
  72 e2                 jb advance
done:
  48 8b 3d a5 00 00 00  mov rdi,[rip + descriptor]
  48 8b 35 96 00 00 00  mov rsi,[rip + results]
  48 8b 15 9f 00 00 00  mov rdx,[rip + size]
  b8 01 00 00 00        mov eax,0x1                write
  0f 05                 syscall
  bf 7f 00 00 00        mov edi,0x7f
  b8 e7 00 00 00        mov eax,0xe7               exit_group
  0f 05                 syscall
`;

const ARM64 = `
  13 08 00 58           ldr x19, rows
  34 08 00 58           ldr x20, results
next_row:
  68 02 40 f9           ldr x8, [x19]              the number
  68 02 f8 b7           tbnz x8, #63, done         the end of the table
  60 86 40 a9           ldp x0, x1, [x19, #8]
  62 8e 41 a9           ldp x2, x3, [x19, #24]
  64 96 42 a9           ldp x4, x5, [x19, #40]
  01 00 00 d4           svc #0x0
  80 86 00 f8           str x0, [x20], #8          its result
  c0 00 f8 b7           tbnz x0, #63, failed
  60 00 00 b4           cbz x0, advance            zero: also the child of a fork
  69 22 40 f9           ldr x9, [x19, #64]
  49 01 00 b5           cbnz x9, done              the parent of a fork
advance:
  73 22 01 91           add x19, x19, #0x48
  f4 ff ff 17           b next_row
failed:
  e0 03 00 cb           neg x0, x0                 errno
  e9 07 80 d2           mov x9, #0x3f
  1f 00 09 eb           cmp x0, x9
  00 90 89 9a           csel x0, x0, x9, ls
  69 1e 40 f9           ldr x9, [x19, #56]
  29 25 c0 9a           lsr x9, x9, x0
  09 ff 07 37           tbnz w9, #0, advance       does it matter?
done:
  c0 05 00 58           ldr x0, descriptor
  61 05 00 58           ldr x1, results
  c2 05 00 58           ldr x2, size
  08 08 80 d2           mov x8, #0x40              write
  01 00 00 d4           svc #0x0
  e0 0f 80 d2           mov x0, #0x7f
  c8 0b 80 d2           mov x8, #0x5e              exit_group
  01 00 00 d4           svc #0x0
`;

/** The code for this machine, from its listing. */
export function launcherCode(): Uint8Array<ArrayBuffer> {
  const listing = Deno.build.arch === "x86_64" ? X86_64 : ARM64;
  const bytes: number[] = [];
  for (const line of listing.split("\n")) {
    const match = /^ {2}((?:[0-9a-f]{2} ?)+) /.exec(line);
    if (match) bytes.push(...match[1].trim().split(" ").map((byte) => parseInt(byte, 16)));
  }
  return Uint8Array.from(bytes);
}
