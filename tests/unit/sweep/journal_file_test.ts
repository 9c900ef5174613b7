import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { journalLine } from "../../../src/sweep/journal.ts";
import { JournalFile, readJournal } from "../../../src/sweep/journal_file.ts";
import type { CellRecord } from "../../../src/sweep/model.ts";

const RECORD: CellRecord = {
  schema: 1,
  experiment: "0123",
  cell: "0.µ.0",
  target: "µ",
  delayNs: 0,
  repeat: 0,
  seed: 1,
  started: "2026-01-02T03:04:05.678Z",
  exit: 0,
  result: 1,
  wallNs: 1,
  userNs: 1,
  sysNs: 1,
  hits: 1,
  delayed: 1,
  addedNs: 1,
  overheadNs: 0,
  floorNs: 640,
  misses: 0,
};
const OTHER = { ...RECORD, cell: "0.µ.1", delayNs: 1 };

function withPath(use: (path: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "sb_journal_" });
  try {
    use(`${folder}/e.cells.ndjson`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function refusal(act: () => unknown): string {
  return assertThrows(act, SbError).code;
}

Deno.test("JournalFile is made with the first cell, and has each at once", () =>
  withPath((path) => {
    using journal = new JournalFile(path, { experiment: "0123", existing: "refuse" });
    assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
    journal.append(RECORD);
    assertEquals(Deno.readTextFileSync(path), journalLine(RECORD));
    journal.append(OTHER);
    assertEquals(readJournal(path, "0123"), [RECORD, OTHER]);
  }));

Deno.test("JournalFile goes on behind the last whole line: what a crash cut off goes", () =>
  withPath((path) => {
    Deno.writeTextFileSync(path, journalLine(RECORD) + journalLine(OTHER).slice(0, 40));
    using journal = new JournalFile(path, { experiment: "0123", existing: "resume" });
    assertEquals(journal.records, [RECORD]);
    // Nothing is changed before there is something to write.
    assertEquals(Deno.readTextFileSync(path).length, journalLine(RECORD).length + 40);
    journal.append(OTHER);
    assertEquals(Deno.readTextFileSync(path), journalLine(RECORD) + journalLine(OTHER));
  }));

Deno.test("JournalFile replaces when it is told to, with the first cell", () =>
  withPath((path) => {
    Deno.writeTextFileSync(path, "something else, longer than a line\n".repeat(100));
    using journal = new JournalFile(path, { experiment: "0123", existing: "replace" });
    assertEquals(journal.records, []);
    journal.append(RECORD);
    assertEquals(Deno.readTextFileSync(path), journalLine(RECORD));
  }));

Deno.test("JournalFile refuses what is there, unasked", () =>
  withPath((path) => {
    Deno.writeTextFileSync(path, journalLine(RECORD));
    const open = (experiment: string, existing: "refuse" | "resume") => () =>
      new JournalFile(path, { experiment, existing });
    assertEquals(refusal(open("0123", "refuse")), "sweep.exists");
    assertEquals(refusal(open("4567", "resume")), "sweep.journal");
    assertEquals(Deno.readTextFileSync(path), journalLine(RECORD));
  }));

Deno.test("JournalFile resumes where nothing is: that is a beginning", () =>
  withPath((path) => {
    using journal = new JournalFile(path, { experiment: "0123", existing: "resume" });
    assertEquals(journal.records, []);
  }));

Deno.test("JournalFile belongs to one sweep at a time: another neither goes on with it nor begins it anew", () =>
  withPath((path) => {
    using late = new JournalFile(path, { experiment: "0123", existing: "refuse" });
    using first = new JournalFile(path, { experiment: "0123", existing: "refuse" });
    using forced = new JournalFile(path, { experiment: "0123", existing: "replace" });
    first.append(RECORD);
    const resume = () => new JournalFile(path, { experiment: "0123", existing: "resume" });
    assertEquals(refusal(resume), "output.unwritable");
    assertEquals(refusal(() => late.append(OTHER)), "sweep.exists");
    assertEquals(refusal(() => forced.append(OTHER)), "output.unwritable");
    assertEquals(Deno.readTextFileSync(path), journalLine(RECORD));
    first[Symbol.dispose]();
    using second = resume();
    assertEquals(second.records, [RECORD]);
  }));

Deno.test("JournalFile says which file it cannot write, and readJournal() which it cannot read", () =>
  withPath((path) => {
    const open = () => new JournalFile(`${path}/x`, { experiment: "0123", existing: "refuse" });
    assertEquals(refusal(open), "output.unwritable");
    using journal = new JournalFile(path, { experiment: "0123", existing: "replace" });
    Deno.mkdirSync(path);
    assertEquals(refusal(() => journal.append(RECORD)), "output.unwritable");
    Deno.removeSync(path);
    assertEquals(refusal(() => readJournal(path, "0123")), "file.not_found");
  }));
