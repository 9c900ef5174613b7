/** Entry sites and exact places of functions assembled from text: prologues, loops, Go, refusals. */
import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { type Assembly, sitesOf } from "./assembled.ts";
import { skipUnless } from "../../skip.ts";

const X86 = { holds: Deno.build.arch === "x86_64", why: "x86-64 code" };

interface Row extends Assembly {
  title: string;
  text: string;
  sites: string[];
}

const ROWS: Row[] = [
  { title: "takes a push at the start", text: "push %rbp\nret", sites: ["+0 push"] },
  { title: "passes endbr64 by for the push behind it", text: "endbr64\npush %r12\nret", sites: ["+4 push"] },
  {
    title: "passes endbr64 and sub by for the call behind them",
    text: "endbr64\nsub $8,%rsp\ncall g\nadd $8,%rsp\nret",
    sites: ["+8 call"],
  },
  {
    title: "takes the branch that ends the line",
    text: "test %rdi,%rdi\nje 1f\nnop\n1: ret",
    sites: ["+3 jcc"],
  },
  { title: "takes a jump away", text: "mov $1,%eax\njmp g", sites: ["+5 jmp"] },
  {
    title: "takes the first of gcc's patchable nops",
    text: "nop\nnop\nnop\nnop\nnop\nret",
    sites: ["+0 nop"],
  },
  {
    title: "steps a function without such an instruction",
    text: "xor %eax,%eax\nret",
    sites: ["+0 stepped"],
  },
  {
    title: "does not look behind an indirect call",
    text: "call *%rax\npush %rbp\nret",
    sites: ["+0 stepped"],
  },
  {
    title: "does not look behind a system call",
    text: "mov $1,%eax\nsyscall\npush %rbp\nret",
    sites: ["+0 stepped"],
  },
  {
    title: "passes a refused instruction by",
    text: "lock incl (%rdi)\nmov %edi,%eax\nret",
    sites: ["+3 stepped"],
  },
  {
    title: "stays before what a loop runs again",
    text: "mov %rdi,%rax\n1: push %rbp\npop %rbp\ndec %rax\njne 1b\nret",
    sites: ["+0 stepped"],
  },
  {
    title: "stays before an address that the next function jumps to",
    text: "mov %rdi,%rax\n.Lx: push %rbp\nret",
    after: "h: jmp .Lx",
    sites: ["+0 stepped"],
  },
  {
    title: "stays before an address that a far function jumps to",
    text: "mov %rdi,%rax\n.Lx: push %rbp\nret",
    after: ".skip 4096\nh: jmp .Lx",
    sites: ["+0 stepped"],
  },
  {
    title: "is not misled by data behind the function",
    text: "mov %rdi,%rax\npush %rbp\npop %rbp\nret",
    after: ".byte 0x48\nh: .type h,@function\nret\n.size h,.-h",
    sites: ["+3 push"],
  },
  {
    title: "takes the way out of a loop that begins at the start",
    text: "f2: dec %rdi\njne f2\npush %rbp\npop %rbp\nret",
    sites: ["+5 push"],
  },
  {
    title: "tests the flags where the way out of such a loop is stepped",
    text: "f2: dec %rdi\njne f2\nret",
    sites: ["+3 jcc set 64"],
  },
  {
    title: "tests the flags where another loop follows",
    text: "f2: dec %rdi\njne f2\n1: push %rbp\npop %rbp\ndec %rsi\njne 1b\nret",
    sites: ["+3 jcc set 64"],
  },
  {
    title: "takes every way out of such a loop",
    text:
      "f2: test %rdi,%rdi\nje 1f\ndec %rdi\ndec %rsi\njne f2\npush %rbp\npop %rbp\nret\n1: push %rbx\npop %rbx\nret",
    sites: ["+16 push", "+13 push"],
  },
  {
    title: "takes recursion for calls",
    text: "push %rbx\ncall f\npop %rbx\nret",
    sites: ["+0 push"],
  },
];

for (const { title, text, sites, ...options } of ROWS) {
  Deno.test({
    ...skipUnless(`planSites() ${title}`, X86),
    fn: () => assertEquals(sitesOf(text, options).toSorted(), sites.toSorted()),
  });
}

const GROW = "1: mov %rax,8(%rsp)\ncall g\nmov 8(%rsp),%rax\njmp f";
const GO_ROWS: Row[] = [
  {
    title: "a small frame",
    text: `cmp 0x10(%r14),%rsp\njbe 1f\npush %rbp\npop %rbp\nret\n${GROW}`,
    sites: ["+6 push"],
  },
  {
    title: "a small frame and a stepped body",
    text: `cmp 0x10(%r14),%rsp\njbe 1f\nmov %rsp,%rax\nret\n${GROW}`,
    sites: ["+4 jcc clear 65"],
  },
  {
    title: "a large frame",
    text: `lea -0x200(%rsp),%r12\ncmp 0x10(%r14),%r12\njbe 1f\nmov %rsp,%rax\nret\n${GROW}`,
    sites: ["+12 jcc clear 65"],
  },
  {
    title: "a huge frame, with two branches",
    text: `mov %rsp,%r12\nsub $0x20000,%r12\njb 1f\ncmp 0x10(%r14),%r12\njbe 1f\nmov %rsp,%rax\nret\n${GROW}`,
    sites: ["+16 jcc clear 65"],
  },
  {
    title: "Go 1.16's way to its g",
    text: `mov %fs:0xfffffffffffffff8,%rcx\ncmp 0x10(%rcx),%rsp\njbe 1f\nmov %rsp,%rax\nret\n${GROW}`,
    sites: ["+13 jcc clear 65"],
  },
  {
    title: "a body that ends in a call that never returns",
    text: `cmp 0x10(%r14),%rsp\njbe 1f\nmov %rsp,%rax\ncall g\nnop\n${GROW}`,
    sites: ["+9 call"],
  },
  { title: "no stack check", text: "sub $8,%rsp\ncall g\nadd $8,%rsp\nret", sites: ["+4 call"] },
];

for (const { title, text, sites } of GO_ROWS) {
  Deno.test({
    ...skipUnless(`planSites() counts a Go function once: ${title}`, X86),
    fn: () => assertEquals(sitesOf(text, { go: true, frames: false }), sites),
  });
}

interface Refusal extends Assembly {
  title: string;
  text: string;
  code: string;
  message: RegExp;
  hint: RegExp;
}

const REFUSALS: Refusal[] = [
  {
    title: "a loop to the start that calls, which no site counts once",
    text: "f2: push %rbx\ncall g\npop %rbx\ndec %rdi\njne f2\nret",
    code: "probe.site_unprobeable",
    message:
      /^Cannot probe "a\.so:f": it jumps back to its first instruction, and no other is passed once a call$/,
    hint: /^Count every pass, with: \/lib\/a\.so:f\+0x0$/,
  },
  {
    title: "int3",
    text: "int3\nret",
    code: "probe.site_unprobeable",
    message: /^Cannot probe "a\.so:f": the kernel cannot carry out cc at 0x[0-9a-f]+ under a breakpoint$/,
    hint: /^Choose another place: sb symbols \/lib\/a\.so$/,
  },
  {
    title: "a vector instruction that the kernel takes for a jump",
    text: "nop\nvpor %xmm0,%xmm1,%xmm1\nret",
    exactBytes: 1,
    code: "probe.site_unprobeable",
    message:
      /^Cannot probe "a\.so:f": the kernel cannot carry out c5 f1 eb c8 at 0x[0-9a-f]+ under a breakpoint$/,
    hint: /^Choose another place/,
  },
  {
    title: "a place inside an instruction",
    text: "push %rbp\nmov %rsp,%rbp\nret",
    exactBytes: 2,
    code: "probe.site_inside_instruction",
    message: /^Cannot probe "a\.so:f": 0x[0-9a-f]+ is inside the instruction 0x[0-9a-f]+ to 0x[0-9a-f]+$/,
    hint: /^Use \/lib\/a\.so:0x[0-9a-f]+ or \/lib\/a\.so:0x[0-9a-f]+$/,
  },
  {
    title: "a place that is no code",
    text: "ret",
    exactBytes: 0x100000,
    code: "probe.site_not_executable",
    message: /^Cannot probe "a\.so:f": offset 0x[0-9a-f]+ is outside the executable segments$/,
    hint: /^List the functions with: sb symbols \/lib\/a\.so$/,
  },
  {
    title: "the return of a place inside a function",
    text: "push %rbp\npop %rbp\nret",
    exactBytes: 1,
    at: "return",
    code: "probe.return_unsafe",
    message: /^Cannot probe the return of "a\.so:f%return": no function begins at 0x[0-9a-f]+$/,
    hint: /^Name the function, or leave %return out: a\.so:f$/,
  },
];

for (const { title, text, code, message, hint, ...options } of REFUSALS) {
  Deno.test({
    ...skipUnless(`planSites() refuses ${title}`, X86),
    fn() {
      const error = assertThrows(() => sitesOf(text, options), SbError) as SbError;
      assertEquals(error.code, code);
      assertEquals(message.exec(error.message)?.[0], message.exec(error.message)?.input);
      assertEquals(hint.test(error.hint ?? ""), true, error.hint);
    },
  });
}

Deno.test({
  ...skipUnless("planSites() puts an exact place exactly there, loop or not", X86),
  fn: () =>
    assertEquals(sitesOf("mov %rdi,%rax\n1: dec %rax\njne 1b\nret", { exactBytes: 3 }), ["+3 stepped"]),
});

Deno.test({
  ...skipUnless("planSites() takes an exact place with no function before it", X86),
  fn: () =>
    assertEquals(sitesOf("ret", { exactBytes: 2, after: ".text 1\n.byte 0x90", frames: false }), ["+2 nop"]),
});
