/** Counts on a tracer in memory: pages, processes that ended, refusals, the end. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { openTracer, ratesBetween, readingDocument, TreeCount } from "../../../src/count/mod.ts";
import { RowFlag } from "../../../src/count/interface.ts";
import { systemCall } from "../../../ffi/mod.ts";
import { skipUnless } from "../../skip.ts";
import { fakeRow, FakeTracer } from "./fake_tracer.ts";

// A library opened in a test counts as that test's leak: open libc before.
systemCall("gettid");

/** A process that is not this one's relative. */
const INIT_CHILD = 4_194_000;

function countOn(tracer: FakeTracer): TreeCount {
  return new TreeCount(tracer);
}

Deno.test("TreeCount reads every process of a tree over many pages, by rising id", () => {
  const tracer = new FakeTracer();
  tracer.rows = Array.from(
    { length: 1300 },
    (_, index) => fakeRow(index + 1, 100 + index, { figures: { sched: index, kmalloc_mem: 8 } }),
  );
  using count = countOn(tracer);
  const { processes, total, known, live, hasMore } = count.read();
  assertEquals(processes.map(({ id }) => id), tracer.rows.map(({ id }) => id));
  assertEquals(processes.map(({ figures }) => figures.sched), tracer.rows.map((_, index) => index));
  assertEquals([total.sched, total.kmallocBytes], [1300 * 1299 / 2, 1300 * 8]);
  assertEquals([known, live, hasMore], [1300, 1300, false]);
});

Deno.test("TreeCount reads a part: from an id on, and so many at the most", () => {
  const tracer = new FakeTracer();
  tracer.rows = [1, 2, 5, 9].map((id) => fakeRow(id, 100 + id, { figures: { up: 1 } }));
  using count = countOn(tracer);
  const first = count.read({ limit: 2 });
  assertEquals([first.processes.map(({ id }) => id), first.hasMore, first.total.up], [[1, 2], true, 4]);
  const second = count.read({ after: 2, limit: 2 });
  assertEquals([second.processes.map(({ id }) => id), second.hasMore, second.total.up], [[5, 9], false, 4]);
  const none = count.read({ limit: 0 });
  assertEquals([none.processes, none.hasMore, none.known], [[], true, 4]);
});

Deno.test("TreeCount tells what processes are: the root, those that ended, those that left", () => {
  const tracer = new FakeTracer();
  tracer.nowNs = 9000;
  tracer.rows = [
    fakeRow(1, 100, { comm: "fifteen-bytes-x" }),
    fakeRow(2, 101, { flags: RowFlag.ended, endNs: 3000 }),
    fakeRow(3, 0, { flags: RowFlag.left, endNs: 4000 }),
  ];
  using count = countOn(tracer);
  const { processes, live } = count.read();
  assertEquals(
    processes.map(({ pid, comm, isRoot, state, countedNs }) => [pid, comm, isRoot, state, countedNs]),
    [
      [100, "fifteen-bytes-x", true, "live", 8000],
      [101, "work2", false, "ended", 2000],
      [null, "work3", false, "left", 3000],
    ],
  );
  assertEquals([live, count.live], [1, 1]);
});

Deno.test("TreeCount keeps what gave way in the total, and tells what was missed", () => {
  const tracer = new FakeTracer();
  tracer.rows = [fakeRow(7, 100, { figures: { lock: 2 } })];
  tracer.droppedFigures = { lock: 40 };
  tracer.extra = { dropped: 6, missed: 3, untracked: 1 };
  using count = countOn(tracer);
  const { total, dropped, missed, untracked } = count.read();
  assertEquals([total.lock, dropped, missed, untracked], [42, 6, 3, 1]);
});

Deno.test("TreeCount.add() names the tree, and leaves this process out of a tree that it is in", async () => {
  const tracer = new FakeTracer();
  using count = countOn(tracer);
  tracer.rows = [fakeRow(1, Deno.ppid), fakeRow(2, Deno.pid), fakeRow(3, INIT_CHILD)];
  await count.add(Deno.ppid);
  assertEquals([tracer.trees, tracer.removed, count.root], [[Deno.ppid], [Deno.pid], Deno.ppid]);
});

Deno.test("TreeCount.add() leaves nobody out of a tree that this process is not in", async () => {
  const tracer = new FakeTracer();
  using count = countOn(tracer);
  tracer.rows = [fakeRow(1, INIT_CHILD), fakeRow(2, Deno.pid, { flags: RowFlag.ended, endNs: 3000 })];
  await count.add(INIT_CHILD);
  assertEquals(tracer.removed, []);
});

const REFUSALS = [
  [3, "process.not_found", /there is no such process/],
  [1, "permission.process", /another user's/],
  [28, "scope.too_many", /as many as it may/],
  [16, "kernel.refused", /cannot be traced now/],
  [12, "kernel.refused", /out of memory/],
] as const;

for (const [errno, code, message] of REFUSALS) {
  Deno.test(`TreeCount.add() makes ${code} of errno ${errno}`, async () => {
    const tracer = new FakeTracer();
    tracer.refusals.set(INIT_CHILD, errno);
    using count = countOn(tracer);
    const error = await assertRejects(() => count.add(INIT_CHILD), SbError);
    assertEquals(error.code, code);
    assert(message.test(error.message), error.message);
    assertEquals(count.root, undefined);
  });
}

Deno.test("TreeCount refuses a tracer of another version, and closes it", () => {
  for (const errno of [22, 25]) {
    const tracer = new FakeTracer();
    tracer.readErrno = errno;
    assertEquals(assertThrows(() => countOn(tracer), SbError).code, "module.abi");
    assertEquals(tracer.closed, 1);
  }
});

Deno.test("a count that is disposed of closes the device", async () => {
  const tracer = new FakeTracer();
  {
    using _count = countOn(tracer);
  }
  {
    await using _count = countOn(tracer);
  }
  assertEquals(tracer.closed, 2);
});

Deno.test("ratesBetween() gives what grew, a second", () => {
  const tracer = new FakeTracer();
  tracer.rows = [fakeRow(1, 100, { figures: { sched: 10, kmalloc_mem: 100 } })];
  using count = countOn(tracer);
  const before = count.read();
  tracer.rows[0].figures = { sched: 40, kmalloc_mem: 100 };
  tracer.rows.push(fakeRow(2, 101, { figures: { sched: 5 } }));
  const now = count.read();
  const rates = ratesBetween(now, { before, intervalNs: 500_000_000 });
  assertEquals([rates.total.sched, rates.total.kmallocBytes], [70, 0]);
  assertEquals([1, 2].map((id) => rates.processes.get(id)?.sched), [60, 10]);
  const all = ratesBetween(now, { before: null, intervalNs: 1_000_000_000 });
  assertEquals(all.total.sched, 45);
  assertEquals(ratesBetween(now, { before: null, intervalNs: 0 }).total.sched, 0);
});

Deno.test("readingDocument() has every figure, with its unit in its name", () => {
  const tracer = new FakeTracer();
  tracer.rows = [
    fakeRow(1, 100, { figures: { kmalloc: 1, kmalloc_mem: 64, kfree: 2, kfree_mem: 32, unknown: 1 } }),
  ];
  using count = countOn(tracer);
  const document = readingDocument(count.read());
  assertEquals(document.processes[0], {
    row: 1,
    pid: 100,
    comm: "work1",
    root: true,
    state: "live",
    counted_ns: 4000,
    kmalloc: 1,
    kfree: 2,
    kmalloc_bytes: 64,
    kfree_bytes: 32,
    sched: 0,
    up: 0,
    down: 0,
    lock: 0,
    unlock: 0,
    unknown: 1,
  });
});

Deno.test({
  ...skipUnless("openTracer() says which module is missing, and the command that loads it", {
    holds: !deviceIsThere(),
    why: "the tracer is loaded",
  }),
  fn: () => {
    const error = assertThrows(openTracer, SbError);
    assertEquals([error.code, error.hint], ["module.not_loaded", "Load it: sudo sb module load tracer"]);
  },
});

function deviceIsThere(): boolean {
  try {
    return Deno.statSync("/dev/tracer").isCharDevice === true;
  } catch {
    return false;
  }
}
