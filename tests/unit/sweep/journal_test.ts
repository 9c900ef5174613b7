import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { journalLine, parseJournal } from "../../../src/sweep/journal.ts";
import type { CellRecord } from "../../../src/sweep/model.ts";

const RECORD: CellRecord = {
  schema: 1,
  experiment: "0123",
  cell: "0.malloc.1000",
  target: "malloc",
  delayNs: 1000,
  repeat: 0,
  seed: 1,
  started: "2026-01-02T03:04:05.678Z",
  exit: 0,
  result: 1.5e9,
  wallNs: 1.5e9,
  userNs: 1.4e9,
  sysNs: 1e8,
  hits: 1000,
  delayed: 1000,
  addedNs: 1_000_000,
  overheadNs: 0,
  floorNs: 640,
  misses: 0,
};
const OPTIONS = { path: "e.cells.ndjson", experiment: "0123" };

Deno.test("parseJournal() reads what journalLine() wrote, failed cells included", () => {
  const records = [RECORD, { ...RECORD, cell: "0.malloc.0", exit: null, result: null }];
  const text = records.map(journalLine).join("");
  assertEquals(parseJournal(text, OPTIONS), { records, wholeLength: text.length });
  assertEquals(parseJournal("", OPTIONS), { records: [], wholeLength: 0 });
});

Deno.test("parseJournal() leaves out a last line that a crash cut off, wherever it did", () => {
  const line = journalLine(RECORD);
  for (let length = 0; length < line.length; length++) {
    const found = parseJournal(line + line.slice(0, length), OPTIONS);
    assertEquals(found, { records: [RECORD], wholeLength: line.length });
  }
});

const DAMAGED: Record<string, (line: string) => string> = {
  "no JSON": () => "{\n",
  "no object": () => "[]\n",
  "null": () => "null\n",
  "a member missing": (line) => line.replace('"hits":1000,', ""),
  "a member of another type": (line) => line.replace('"hits":1000', '"hits":"1000"'),
  "a null where there must be a number": (line) => line.replace('"hits":1000', '"hits":null'),
  "another schema": (line) => line.replace('"schema":1', '"schema":2'),
};
for (const [name, damage] of Object.entries(DAMAGED)) {
  Deno.test(`parseJournal() refuses a line with ${name}, and names it`, () => {
    const line = journalLine(RECORD);
    const error = assertThrows(() => parseJournal(line + damage(line), OPTIONS), SbError);
    assertEquals([error.code, error.data.line], ["sweep.journal", 2]);
  });
}

Deno.test("parseJournal() refuses the cells of another experiment", () => {
  const error = assertThrows(
    () => parseJournal(journalLine(RECORD), { ...OPTIONS, experiment: "4567" }),
    SbError,
  );
  assertEquals(error.code, "sweep.journal");
});
