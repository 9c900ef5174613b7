import { assert, assertEquals, assertRejects } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { planBlock } from "../../../src/sweep/design.ts";
import type { CellRecord, Experiment } from "../../../src/sweep/model.ts";
import { type CellFailure, type Progress, runCells, type RunnerHooks } from "../../../src/sweep/runner.ts";
import { DELAYS_OF, experimentOf, FakeMachine } from "./fake_cells.ts";

const NEVER = new AbortController().signal;
const CELLS = 24;

function start(
  machine: FakeMachine,
  { parts = {}, done = [], hooks = {}, signal = NEVER }: {
    parts?: Partial<Experiment>;
    done?: readonly CellRecord[];
    hooks?: Partial<RunnerHooks>;
    signal?: AbortSignal;
  } = {},
) {
  return runCells(
    { experiment: experimentOf(parts), hash: "0123", delaysNs: DELAYS_OF, done },
    { run: machine.run, keep: machine.keep, clockNs: machine.clockNs, ...hooks },
    signal,
  );
}

Deno.test("runCells() runs each cell once, block by block, and keeps a record of each", async () => {
  const machine = new FakeMachine();
  const { stopped, records } = await start(machine);
  assertEquals(stopped, "complete");
  const planned = [0, 1, 2, 3].flatMap((block) =>
    planBlock(experimentOf(), { block, delaysNs: DELAYS_OF }).map(({ id }) => id)
  );
  assertEquals(machine.ran, planned);
  assertEquals(machine.kept, records);
  const { cell, experiment, repeat, result, seed } = records[7];
  assertEquals([cell, experiment, repeat, seed], [planned[7], "0123", 1, 1]);
  assertEquals(result, records[7].wallNs);
});

Deno.test("runCells() goes on where an earlier sweep ended, wherever that was, and runs nothing twice", async () => {
  const whole = new FakeMachine();
  await start(whole);
  for (const ended of [1, 5, 6, 13, CELLS]) {
    const machine = new FakeMachine();
    const { records } = await start(machine, { done: whole.kept.slice(0, ended) });
    assertEquals(machine.ran, whole.ran.slice(ended));
    assertEquals(records.map(({ cell }) => cell), whole.ran);
  }
});

Deno.test("runCells() ends with whole blocks where the budget does not take another", async () => {
  const machine = new FakeMachine();
  // A block takes 6.6 s.
  const { stopped } = await start(machine, { parts: { budgetNs: 20e9 } });
  assertEquals([stopped, machine.ran.length], ["budget", 12]);
});

Deno.test("runCells() starts no cell that will probably not end within the budget", async () => {
  const machine = new FakeMachine();
  const { stopped } = await start(machine, { parts: { budgetNs: 4.5e9 } });
  assertEquals(stopped, "budget");
  assert(machine.nowNs <= 4.5e9 && machine.ran.length === 4, `${machine.ran.length}`);
});

Deno.test("runCells() records cells that fail, tells of them and ends after so many", async () => {
  const told: CellFailure[] = [];
  const machine = new FakeMachine((_, index) =>
    index % 2 === 1 ? { exit: 3, result: null, failure: "exit 3", errors: "no space" } : {}
  );
  const { stopped, records } = await start(machine, {
    parts: { maxFailures: 2 },
    hooks: { onFailure: (failure) => told.push(failure) },
  });
  assertEquals([stopped, records.length], ["failures", 4]);
  assertEquals(records.map(({ exit, result }) => [exit, result !== null]), [
    [0, true],
    [3, false],
    [0, true],
    [3, false],
  ]);
  assertEquals(told.map(({ why, errors }) => [why, errors]), [["exit 3", "no space"], [
    "exit 3",
    "no space",
  ]]);
});

Deno.test("runCells() counts failures of this time only: what failed before was gone on with", async () => {
  const failing = new FakeMachine(() => ({ exit: 1, result: null, failure: "exit 1" }));
  await start(failing, { parts: { maxFailures: 3 } });
  const { stopped } = await start(new FakeMachine(), { parts: { maxFailures: 1 }, done: failing.kept });
  assertEquals(stopped, "complete");
});

Deno.test("runCells() gives up the cell that runs when it is aborted, and keeps no record of it", async () => {
  const stop = new AbortController();
  const machine = new FakeMachine();
  const run: RunnerHooks["run"] = async (cell, signal) => {
    const measured = await machine.run(cell);
    if (machine.ran.length === 8) stop.abort(new DOMException("enough", "AbortError"));
    signal.throwIfAborted();
    return measured;
  };
  const { stopped, records } = await start(machine, { hooks: { run }, signal: stop.signal });
  assertEquals([stopped, records.length, machine.kept.length], ["interrupted", 7, 7]);
});

Deno.test("runCells() does not take a command that Ctrl-C ended for one that failed", async () => {
  const stop = new AbortController();
  const machine = new FakeMachine((_, index) => {
    if (index !== 2) return {};
    // The terminal's signal ends the command; this process's own is handled a little later.
    setTimeout(() => stop.abort(), 1);
    return { exit: null, result: null, failure: "ended by SIGINT" };
  });
  const { stopped, records } = await start(machine, { signal: stop.signal });
  assertEquals([stopped, records.length], ["interrupted", 2]);
});

Deno.test("runCells() hands on what is no failure of the command", async () => {
  const broken = () => Promise.reject(new SbError("kernel.refused", "Cannot start"));
  await assertRejects(() => start(new FakeMachine(), { hooks: { run: broken } }), SbError, "Cannot start");
});

Deno.test("runCells() stops by itself once intervals are narrow, and not before `min` blocks", async () => {
  const narrow = new FakeMachine((_, index) => ({ result: 1e9 + 1e5 * Math.sin(index * 7.7) }));
  const adaptive = { kind: "adaptive", min: 3, max: 30, until: 0.05 } as const;
  const ended = await start(narrow, { parts: { repeats: adaptive } });
  assertEquals([ended.stopped, ended.records.length], ["narrow", 18]);
  const wide = new FakeMachine((_, index) => ({ result: 1e9 + 1e9 * Math.sin(index * index * 7.7) }));
  const all = await start(wide, { parts: { repeats: { ...adaptive, max: 5 } } });
  assertEquals([all.stopped, all.records.length], ["complete", 30]);
});

Deno.test("runCells() tells how far it is, and how long the rest takes", async () => {
  const told: Progress[] = [];
  await start(new FakeMachine(), { hooks: { onProgress: (progress) => told.push(progress) } });
  assertEquals(told.length, 2 * CELLS);
  const [first, last] = [told[0], told[told.length - 1]];
  assertEquals([first.block, first.blocks, first.done, first.planned, first.leftNs], [1, 4, 0, CELLS, 0]);
  assertEquals([last.block, last.cell, last.done, last.leftNs], [4, null, CELLS, 0]);
  // All kinds of cells have run once: what is left is known.
  assertEquals(Math.round(told[2 * 6].leftNs / 1e8), 198);
});
