/** Return sites of functions assembled from text: parts, tail calls, switches, and what is left to a trampoline. */
import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { type Assembly, sitesOf } from "./assembled.ts";
import { skipUnless } from "../../skip.ts";

const X86 = { holds: Deno.build.arch === "x86_64", why: "x86-64 code" };
const COLD = ".type f.cold,@function\nf.cold: .cfi_startproc\n";
/** A function that neither symbols nor the dynamic table name: only its frame does. */
const UNNAMED = ".Lh: .cfi_startproc\nmov $1,%eax\nret\n.cfi_endproc\n";

interface Row extends Assembly {
  title: string;
  text: string;
  sites: string[];
}

const SWITCH = "lea .Lt(%rip),%rdx\nmovslq (%rdx,%rdi,4),%rax\nadd %rdx,%rax\n";
const TABLE = ".section .rodata\n.align 4\n.Lt: .long .La-.Lt, .Lb-.Lt\n.text\n";

const ROWS: Row[] = [
  {
    title: "every ret",
    text: "test %rdi,%rdi\nje 1f\nret\n1: nop\nret",
    sites: ["+5 stepped", "+7 stepped"],
  },
  { title: "a tail call", text: "test %rdi,%rdi\nje 1f\nret\n1: jmp g", sites: ["+5 stepped", "+6 jmp"] },
  {
    title: "a conditional tail call",
    text: "test %rdi,%rdi\nje g\nret",
    sites: ["+3 jcc set 64", "+5 stepped"],
  },
  {
    title: "the opposite condition",
    text: "test %rdi,%rdi\njne g\nret",
    sites: ["+3 jcc clear 64", "+5 stepped"],
  },
  { title: "what is not reached does not count", text: "ret\n.byte 0xc3,0xc3", sites: ["+0 stepped"] },
  {
    title: "a call that never returns ends its path",
    text: "test %edi,%edi\njne 1f\nret\n1: call g",
    sites: ["+4 stepped"],
  },
  {
    title: "a .cold part that goes back",
    text: "test %rdi,%rdi\nje f.cold\n.Lx: ret",
    after: `${COLD}xor %eax,%eax\njmp .Lx\n.cfi_endproc\n.size f.cold,.-f.cold`,
    sites: ["+5 stepped"],
  },
  {
    title: "a .cold part that returns",
    text: "test %rdi,%rdi\nje f.cold\nret",
    after: `${COLD}xor %eax,%eax\nret\n.cfi_endproc\n.size f.cold,.-f.cold`,
    sites: ["+5 stepped", "+9 stepped"],
  },
  {
    title: "an unnamed part that is entered with the frame in place",
    text: "push %rbx\n.cfi_def_cfa_offset 16\ntest %rdi,%rdi\nje .Lh\npop %rbx\n.cfi_def_cfa_offset 8\nret",
    after: ".Lh: .cfi_startproc\n.cfi_def_cfa_offset 16\npop %rbx\n.cfi_def_cfa_offset 8\nret\n.cfi_endproc",
    sites: ["+7 stepped", "+10 stepped"],
  },
  {
    title: "an unnamed function is a tail call",
    text: "test %rdi,%rdi\nje .Lh\nret",
    after: UNNAMED,
    sites: ["+3 jcc set 64", "+5 stepped"],
  },
  {
    title: "a jump through a pointer in memory is a tail call",
    text: "mov (%rdi),%rax\njmp *0x10(%rax)",
    sites: ["+3 stepped"],
  },
  {
    title: "a jump through the global offset table is a tail call",
    text: "jmp *elsewhere@GOTPCREL(%rip)",
    sites: ["+0 stepped"],
  },
  {
    title: "a switch with distances",
    text: `${SWITCH}jmp *%rax\n.La: ret\n.Lb: nop\nret`,
    after: TABLE,
    sites: ["+16 stepped", "+18 stepped"],
  },
  {
    title: "a switch marked notrack",
    text: `${SWITCH}notrack jmp *%rax\n.La: ret\n.Lb: nop\nret`,
    after: TABLE,
    sites: ["+17 stepped", "+19 stepped"],
  },
  {
    title: "a computed goto with the frame in place",
    text: "push %rbx\n.cfi_def_cfa_offset 16\nmov %rdi,%rax\njmp *%rax\npop %rbx\n.cfi_def_cfa_offset 8\nret",
    sites: ["+7 stepped"],
  },
  {
    title: "a table that leads elsewhere",
    text: `${SWITCH}jmp *%rax\nret`,
    after: `.La: nop\n.Lb: ret\n${TABLE}`,
    sites: ["trampoline: an indirect jump at +0xe"],
  },
  {
    title: "an unknown address",
    text: "add %rsi,%rdi\njmp *%rdi",
    sites: ["trampoline: an indirect jump at +0x3"],
  },
  {
    title: "an unknown address without frames",
    text: "mov (%rdi),%rax\njmp *%rax",
    frames: false,
    sites: ["trampoline: an indirect jump at +0x3"],
  },
  {
    title: "a condition on two flags",
    text: "cmp %rsi,%rdi\njl g\nret",
    sites: ["trampoline: a conditional tail jump that no single test of flags decides at +0x3"],
  },
  {
    title: "a function that never returns",
    text: "1: jmp 1b",
    sites: ["trampoline: no return instruction at +0x0"],
  },
  {
    title: "an undecodable instruction",
    text: "nop\n.byte 0x06\nret",
    sites: ["trampoline: an undecodable instruction at +0x1"],
  },
];

for (const { title, text, sites, ...options } of ROWS) {
  Deno.test({
    ...skipUnless(`planSites() at return: ${title}`, X86),
    fn: () => assertEquals(sitesOf(text, { ...options, at: "return" }), sites),
  });
}

function refusal(text: string, options: Assembly): SbError {
  return assertThrows(() => sitesOf(text, { ...options, at: "return" }), SbError) as SbError;
}

Deno.test({
  ...skipUnless("planSites() refuses a trampoline in Go, whose stacks move", X86),
  fn() {
    const { code, message, hint } = refusal("jmp *%rax", { go: true });
    assertEquals(code, "probe.return_unsafe");
    assertEquals(
      message,
      'Cannot probe the return of "a.so:f%return": an indirect jump at +0x0, and Go moves its stacks',
    );
    assertEquals(hint, "Probe the entry: a.so:f");
    assertEquals(refusal("jmp *%rax", { go: true, trampoline: true }).code, "probe.return_unsafe");
  },
});

Deno.test({
  ...skipUnless(
    "planSites() refuses a trampoline that a C++ exception may cross, unless it is accepted",
    X86,
  ),
  fn() {
    const { code, message, hint } = refusal("jmp *%rax", { cxx: true });
    assertEquals(code, "probe.return_unsafe");
    assertEquals(
      message,
      'Cannot probe the return of "a.so:f%return": an indirect jump at +0x0, and a C++ exception may cross the function',
    );
    assertEquals(hint, "Accept the risk with: sb run --return=trampoline …");
    const why = ["trampoline: an indirect jump at +0x0"];
    assertEquals(sitesOf("jmp *%rax", { cxx: true, trampoline: true, at: "return" }), why);
    assertEquals(sitesOf("jmp *%rax", { at: "return" }), why);
  },
});
