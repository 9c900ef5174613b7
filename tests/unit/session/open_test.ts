/** Sessions of the library, on the machine in memory; their processes are real ones, so that scopes can be checked. */
import { assert, assertEquals, assertFalse, assertRejects, assertStringIncludes } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { FakeMachine } from "../../../src/probe/fake/machine.ts";
import { openFakePool } from "../../../src/probe/fake/pool.ts";
import type { PoolProbe, ProbePool } from "../../../src/probe/mod.ts";
import {
  plan,
  probeDocument,
  type ProbeSession,
  sessionOn,
  statisticsDocument,
} from "../../../src/session/mod.ts";
import { fixture } from "../../fixtures/build.ts";

const FILE = fixture("bench_target");
const PUSH = `${FILE}:f_push`;

// A library opened in a test counts as that test's leak.
await plan({ target: PUSH, delay: "0" });

/** A session on a machine in memory that knows a real process. */
class Bench implements AsyncDisposable {
  readonly machine = new FakeMachine();
  readonly pool: ProbePool = openFakePool(this.machine);
  readonly session: ProbeSession = sessionOn(this.pool);
  readonly #child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  readonly pid = this.machine.start(this.#child.pid);

  async call(symbol: string, count: number, pid = this.pid): Promise<void> {
    for (let call = 0; call < count; call++) await this.machine.call(pid, symbol);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    await this.pool[Symbol.asyncDispose]();
    this.#child.kill();
    await this.#child.status;
  }
}

async function refusal(act: () => Promise<unknown>): Promise<SbError> {
  return await assertRejects(act, SbError);
}

Deno.test("a session adds, counts, changes and removes", async () => {
  await using bench = new Bench();
  const [probe] = await bench.session.add({
    target: PUSH,
    delay: "5us",
    every: 10,
    scope: { tree: bench.pid },
  });
  await bench.call("f_push", 25);
  assertEquals([probe.stats().statistics.hits, probe.stats().statistics.delayed], [25, 2]);
  await probe.update({ delay: "10us" });
  await bench.call("f_push", 5);
  const { plan, statistics } = await probe.remove();
  assertEquals([statistics.hits, statistics.delayed, statistics.addedNs], [30, 3, 20_000]);
  assertEquals([plan.spec.delayText, plan.spec.schedule.every], ["10us", 10]);
  await bench.call("f_push", 5);
  assertEquals(probe.stats().statistics.hits, 30);
  assertEquals(bench.session.probes, []);
  assertEquals(await probe.ended, "removed");
});

Deno.test("probes have ids of their own, and a session has its own probes alone, in their order", async () => {
  await using bench = new Bench();
  await using other = sessionOn(bench.pool);
  const asked = { delay: "0", scope: { tree: bench.pid } };
  const [first] = await bench.session.add({ target: PUSH, ...asked });
  const [second, third] = await bench.session.add([
    { target: `${FILE}:f_mov`, ...asked },
    { target: `${FILE}:f_nop1`, ...asked },
  ]);
  const [foreign] = await other.add({ target: PUSH, ...asked });
  assertEquals(new Set([first.id, second.id, third.id, foreign.id]).size, 4);
  for (const { id } of [first, second, third, foreign]) assert(/^p\d+$/.test(id));
  assertEquals(bench.session.probes, [first, second, third]);
  await bench.session.clear();
  assertEquals([bench.session.probes.length, other.probes.length], [0, 1]);
  await bench.session.add({ target: PUSH, ...asked });
});

Deno.test("a pattern makes one probe a function", async () => {
  await using bench = new Bench();
  const probes = await bench.session.add({ target: `${FILE}:f_nop?`, delay: "1us", pid: bench.pid });
  assert(probes.length > 1);
  assertEquals(bench.session.probes, probes);
});

Deno.test("nothing is added when one of several is refused, whatever refuses it", async () => {
  await using bench = new Bench();
  const good = { target: PUSH, delay: "1us", pid: bench.pid };
  for (
    const [bad, code] of [
      [{ ...good, target: `${FILE}:f_psh` }, "probe.symbol_not_found"],
      [{ ...good, delay: "1 us" }, "usage.time"],
      [{ ...good, pid: Deno.pid }, "usage.scope"],
      // Real, and no process of the machine: its pool refuses it.
      [{ ...good, pid: 1 }, "process.not_found"],
    ] as const
  ) {
    assertEquals((await refusal(() => bench.session.add([good, bad]))).code, code);
    assertEquals(bench.session.probes, []);
    await bench.call("f_push", 1);
  }
  const [probe] = await bench.session.add(good);
  assertEquals(probe.stats().statistics.hits, 0);
});

Deno.test("a scope is required", async () => {
  await using bench = new Bench();
  const error = await refusal(() => bench.session.add({ target: PUSH, delay: "1us" }));
  assertEquals(error.code, "usage.scope");
  assertStringIncludes(error.hint ?? "", "system: true");
});

Deno.test("a probe whose tree has ended has ended; its last figures can be read", async () => {
  await using bench = new Bench();
  const [probe] = await bench.session.add({ target: PUSH, delay: "1us", pid: bench.pid });
  await bench.call("f_push", 3);
  bench.machine.exit(bench.pid);
  assertEquals(await probe.ended, "scope empty");
  assertEquals([probe.stats().statistics.hits, (await probe.remove()).statistics.hits], [3, 3]);
  assertEquals([probe.isEnabled, probe.members], [false, 0]);
  assertEquals(bench.session.probes, []);
  for (const act of [() => probe.update({ every: 2 }), () => probe.enable(), () => probe.disable()]) {
    assertEquals((await refusal(act)).code, "probe.not_found");
  }
});

Deno.test("a disabled probe counts nothing, and goes on when it is enabled", async () => {
  await using bench = new Bench();
  const [probe] = await bench.session.add({ target: PUSH, delay: "1us", pid: bench.pid });
  await bench.call("f_push", 2);
  await probe.disable();
  await bench.call("f_push", 2);
  assertFalse(probe.isEnabled);
  assertEquals(probeDocument(probe).state, "disabled");
  await probe.enable();
  await bench.call("f_push", 2);
  assertEquals([probe.isEnabled, probe.stats().statistics.hits], [true, 4]);
});

Deno.test("a session that is disposed of ends its probes and takes no more", async () => {
  await using bench = new Bench();
  const [probe] = await bench.session.add({ target: PUSH, delay: "1us", pid: bench.pid });
  await bench.session[Symbol.asyncDispose]();
  assertEquals(await probe.ended, "session closed");
  const error = await refusal(() => bench.session.add({ target: PUSH, delay: "1us", pid: bench.pid }));
  assertEquals(error.code, "session.closed");
  await bench.session[Symbol.asyncDispose]();
  await probe[Symbol.asyncDispose]();
});

Deno.test("a delay in flight is cut by the end of its session, and only by that", async () => {
  await using bench = new Bench();
  await using other = sessionOn(bench.pool);
  await bench.session.add({ target: PUSH, delay: "6s", pid: bench.pid });
  const [probe] = await other.add({ target: `${FILE}:f_mov`, delay: "1us", pid: bench.pid });
  bench.machine.hold();
  let isOver = false;
  const over = bench.call("f_push", 1).then(() => isOver = true);
  await probe.remove();
  await Promise.resolve();
  assertFalse(isOver);
  await bench.session[Symbol.asyncDispose]();
  await over;
});

Deno.test("a session that closes during an add leaves nothing", async () => {
  await using bench = new Bench();
  const adding = bench.session.add({ target: PUSH, delay: "1us", pid: bench.pid });
  const closing = bench.session[Symbol.asyncDispose]();
  assertEquals((await refusal(() => adding)).code, "session.closed");
  await closing;
  const before = bench.machine.nowNs;
  await bench.call("f_push", 1);
  assert(bench.machine.nowNs - before < 1000);
});

Deno.test("a removal that failed can be made again, and the session's end tells of it", async () => {
  await using bench = new Bench();
  let failures = 1;
  const add = bench.pool.add.bind(bench.pool);
  bench.pool.add = async (...request) => {
    const probes = await add(...request);
    for (const probe of probes) failOnce(probe, () => failures-- > 0);
    return probes;
  };
  const [probe] = await bench.session.add({ target: PUSH, delay: "1us", pid: bench.pid });
  assertEquals((await refusal(() => probe.remove())).code, "kernel.refused");
  assertEquals(bench.session.probes, [probe]);
  await probe.remove();
  assertEquals(bench.session.probes, []);
  failures = 1;
  await using other = sessionOn(bench.pool);
  await other.add({ target: PUSH, delay: "1us", pid: bench.pid });
  assertEquals((await refusal(() => other.clear())).code, "kernel.refused");
});

Deno.test("what somebody else took away has ended: its session's end is no failure, its figures are not there", async () => {
  await using bench = new Bench();
  const add = bench.pool.add.bind(bench.pool);
  bench.pool.add = async (...request) => {
    const probes = await add(...request);
    for (const probe of probes) probe.statistics = () => taken();
    return probes;
  };
  const [probe, other] = await bench.session.add([
    { target: PUSH, delay: "1us", pid: bench.pid },
    { target: `${FILE}:f_mov`, delay: "1us", pid: bench.pid },
  ]);
  assertEquals((await refusal(() => probe.remove())).code, "probe.not_found");
  assertEquals([await probe.ended, bench.session.probes], ["removed", [other]]);
  await bench.session[Symbol.asyncDispose]();
  assertEquals(await other.ended, "removed");
});

function taken(): never {
  throw new SbError("probe.not_found", "Cannot read the figures: somebody else removed it");
}

/** Lets a probe's removal fail while `fails` says so. */
function failOnce(probe: PoolProbe, fails: () => boolean): void {
  const remove = probe.remove.bind(probe);
  probe.remove = () => fails() ? Promise.reject(new SbError("kernel.refused", "Cannot remove it")) : remove();
}

Deno.test("breakpoints of a guarded tree are never shared with others", async () => {
  await using bench = new Bench();
  const { probes } = await plan({ target: PUSH, delay: "1us" });
  const scope = { kind: "tree", pid: bench.pid, scan: () => [bench.pid], guarded: true } as const;
  const error = await refusal(() => bench.session.apply(probes, { scope, isolation: "shared" }));
  assertEquals(error.code, "isolation.unavailable");
  const [probe] = await bench.session.apply(probes, { scope, isolation: "per-process" });
  bench.machine.exec(bench.pid, { gains: true });
  assertEquals(await probe.ended, "scope empty");
});

Deno.test("probeDocument() is a row of a list, statisticsDocument() a probe of a report", async () => {
  await using bench = new Bench();
  const [probe] = await bench.session.add({ target: PUSH, delay: "5us", every: 2, pid: bench.pid });
  await bench.call("f_push", 4);
  const row = probeDocument(probe);
  assertEquals([row.id, row.backend, row.symbol, row.state, row.hits, row.delayed], [
    probe.id,
    "fake",
    "f_push",
    "live",
    4,
    2,
  ]);
  assertEquals(row.scope, { kind: "tree", pid: bench.pid, comm: "sleep", members: 1, path: null });
  assertEquals(row.owner?.pid, Deno.pid);
  const figures = statisticsDocument(probe.stats());
  assertEquals([figures.target, figures.hits, figures.p50_ns, figures.added_ns], [
    probe.plan.target,
    4,
    5000,
    10_000,
  ]);
});

Deno.test("plan() applies nothing, needs no scope, and says what a pattern left out", async () => {
  const { probes, notes } = await plan([
    { target: PUSH, delay: "1us" },
    { target: `${FILE}:f_push`, at: "return", delay: "exp:2us" },
  ]);
  assertEquals(probes.map(({ target }) => target), [PUSH, `${PUSH}%return`]);
  assertEquals(notes, []);
  assertEquals((await refusal(() => plan({ target: "no_such_file:f", delay: "0" }))).code, "file.not_found");
});
