import { assertEquals, assertThrows } from "@std/assert";
import { readAdmitted, readPlanAnswer, readSymbolsAnswer } from "../../../../rpc/server/worker_answers.ts";
import { SbError } from "../../../../src/core/mod.ts";

const FILE = {
  path: "/usr/bin/program",
  device: 1,
  inode: "18446744073709551615",
  sizeBytes: 4096,
  modifiedNs: "1",
  buildId: null,
  machine: "x86_64",
  go: false,
  fd: 9,
};
const SITE = { fileOffset: 4096, class: "push", instruction: "push %rbp" };
const PLAN = {
  target: "/usr/bin/program:f",
  symbol: "f",
  demangled: null,
  aliases: ["g"],
  file: 0,
  at: "entry",
  functionOffset: 4096,
  attach: "sites",
  sites: [SITE],
};
const ANSWER = { plans: [PLAN], files: [FILE], notes: ["a note"], documents: [{}] };

Deno.test("readPlanAnswer() takes what a worker answers", () => {
  assertEquals(readPlanAnswer({ ...ANSWER, more: 1 }) as unknown, ANSWER);
  const site = { ...SITE, condition: { mask: 0x40, when: "set" } };
  readPlanAnswer({ ...ANSWER, plans: [{ ...PLAN, sites: [site] }] });
  readPlanAnswer({ ...ANSWER, plans: [{ ...PLAN, attach: "trampoline", sites: [] }] });
});

const BAD_PLANS: readonly object[] = [
  { file: 1 },
  { file: -1 },
  { at: "exit" },
  { attach: "jump" },
  { sites: [] },
  { sites: "all" },
  { sites: [{ ...SITE, fileOffset: -1 }] },
  { sites: [{ ...SITE, fileOffset: 2 ** 53 }] },
  { sites: [{ ...SITE, fileOffset: "0x10" }] },
  { sites: [{ ...SITE, class: "constructor" }] },
  { sites: [{ ...SITE, condition: { mask: 2 ** 32, when: "set" } }] },
  { sites: [{ ...SITE, condition: { mask: 1, when: "never" } }] },
  { target: 7 },
  { symbol: "x".repeat(1 << 17) },
  { aliases: [1] },
  { functionOffset: 0.5 },
];
const BAD_FILES: readonly object[] = [
  { fd: -1 },
  { fd: null },
  { path: undefined },
  { inode: 5 },
  { inode: "-5" },
  { device: "1" },
  { machine: "m68k" },
  { go: 1 },
  { modifiedNs: "now" },
];

Deno.test("readPlanAnswer() refuses everything else", () => {
  const bad: unknown[] = [
    null,
    [],
    "plans",
    {},
    { ...ANSWER, documents: [] },
    { ...ANSWER, notes: [1] },
    ...BAD_PLANS.map((change) => ({ ...ANSWER, plans: [{ ...PLAN, ...change }] })),
    ...BAD_FILES.map((change) => ({ ...ANSWER, files: [{ ...FILE, ...change }] })),
  ];
  for (const answer of bad) {
    const error = assertThrows(() => readPlanAnswer(answer), SbError);
    assertEquals(error.code, "file.parser", JSON.stringify(answer));
  }
});

Deno.test("readSymbolsAnswer() refuses what is no list of symbols", () => {
  assertEquals(readSymbolsAnswer({ symbols: [], truncated: false }), { symbols: [], truncated: false });
  for (const answer of [null, {}, { symbols: {}, truncated: true }, { symbols: [] }]) {
    assertThrows(() => readSymbolsAnswer(answer), SbError);
  }
});

Deno.test("readAdmitted() names nobody but those that were asked about", () => {
  assertEquals(readAdmitted([2, 7, "3", null], [1, 2, 3]), [2]);
  assertThrows(() => readAdmitted({ 0: 1 }, [1]), SbError);
});
