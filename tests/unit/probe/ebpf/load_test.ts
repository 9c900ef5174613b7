import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { probeFeatures, SbError } from "../../../../mod.ts";
import { Assembler, R0, R1, R2 } from "../../../../src/probe/ebpf/assembler.ts";
import { loadAssembled, usefulLines } from "../../../../src/probe/ebpf/load.ts";
import { root, skipUnless } from "../../../skip.ts";

// A library opened in a test counts as that test's leak: open it before.
if (Deno.uid() === 0) probeFeatures();

Deno.test({
  ...skipUnless(
    "what the verifier refuses is an error with its last lines, the whole log and the program",
    root(),
  ),
  fn() {
    const program = new Assembler().movImm(R1, 0).label("bad").load(8, R2, R1, 0).movImm(R0, 0).exit();
    const error = assertThrows(() => loadAssembled(program, { name: "sb_bad", type: "uprobe" }), SbError);
    assertEquals(error.code, "backend.verifier");
    assertStringIncludes(error.message, 'Cannot load the program "sb_bad"');
    assertMatch(error.message, /R1 invalid mem access/);
    assertMatch(String(error.data.log), /processed \d+ insns/);
    assertStringIncludes(String(error.data.program), "bad:\n    1: r2 = *(u64 *)(r1 +0)");
  },
});

Deno.test("usefulLines() leaves out the verifier's summary and keeps the last lines", () => {
  const log = [...Array(20).keys()].map((line) => `line ${line}`).join("\n") +
    "\nprocessed 9 insns\nstack depth 8\n";
  assertEquals(usefulLines(log).at(-1), "line 19");
  assertEquals(usefulLines(log).length, 8);
});
