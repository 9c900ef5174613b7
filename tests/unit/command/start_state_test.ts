/** The note of scripts/sb, and the raw environment. */
import { assertEquals } from "@std/assert";
import { environmentValue, parseStartNote, splitEnvironment } from "../../../src/command/start_state.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("parseStartNote() reads limits, signals and closed descriptors", () => {
  const state = parseStartNote("nofile=1024 ignored=1001 blocked=200 closed=0,2 added= environment=", []);
  assertEquals(state.openFilesSoft, 1024);
  assertEquals([...state.ignoredSignals], [1, 13]);
  assertEquals([...state.blockedSignals], [10]);
  assertEquals(state.closedDescriptors, [0, 2]);
});

Deno.test("parseStartNote() reads an unlimited limit and a missing one", () => {
  assertEquals(parseStartNote("nofile=unlimited", []).openFilesSoft, "unlimited");
  assertEquals(parseStartNote("nofile=", []).openFilesSoft, null);
});

Deno.test("parseStartNote() takes the environment from the note byte for byte", () => {
  const block = "B=1\0A=\xff\0odd.name=2\0";
  const state = parseStartNote(`environment=${btoa(block)}`, [bytes("OTHER=1\0")]);
  assertEquals(state.environment.map((entry) => String.fromCharCode(...entry)), [
    "B=1\0",
    "A=\xff\0",
    "odd.name=2\0",
  ]);
});

Deno.test("parseStartNote() without an environment drops what scripts/sb added to the current one", () => {
  const current = ["A=1\0", "DENO_NO_UPDATE_CHECK=1\0", "SB_START=x\0", "SB_STARTED=2\0"].map(bytes);
  assertEquals(parseStartNote("added=DENO_NO_UPDATE_CHECK environment=", current).environment, [
    current[0],
    current[3],
  ]);
});

Deno.test("splitEnvironment() keeps duplicates, and environmentValue() takes the first", () => {
  const entries = splitEnvironment(bytes("A=1\0A=2\0"));
  assertEquals(entries.length, 2);
  assertEquals(environmentValue(entries, "A"), bytes("1"));
  assertEquals(environmentValue(entries, "B"), null);
});
