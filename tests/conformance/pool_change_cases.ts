/** Probes that are added, changed, switched and removed one by one. */
import { assertEquals, assertGreaterOrEqual, assertLess, assertRejects } from "@std/assert";
import { SbError } from "../../src/core/mod.ts";
import type { ProbePlan } from "../../src/probe/mod.ts";
import { planFor } from "./program.ts";
import { counts, type PoolRegister, PoolRig, treeOf } from "./pool_rig.ts";
import { request } from "./rig.ts";

/** A plan with a breakpoint beyond its file's end, which every backend refuses. */
function refusedPlan(): ProbePlan {
  const [plan] = planFor([request("f_mov", 1000)]);
  return { ...plan, sites: plan.sites.map((site) => ({ ...site, fileOffset: plan.file.sizeBytes + 4096 })) };
}

/** Registers them. */
export function poolChangeCases(test: PoolRegister): void {
  test("probes are added one by one, and each has figures of its own", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [push] = await rig.add([request("f_push", 1000)]);
    await rig.program.calls("f_push", 10);
    const [nop, mov] = await rig.add([request("f_nop1", 0), request("f_mov", 2000)]);
    for (const place of ["f_push", "f_nop1", "f_mov"]) await rig.program.calls(place, 5);
    assertEquals([push, nop, mov].map((probe) => counts(probe.statistics())), [[15, 15], [5, 0], [5, 5]]);
  });

  test("all or none: what was added before one that is refused is gone", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [other] = await rig.add([request("f_nop1", 0)]);
    const plans = [...planFor([request("f_push", 10_000_000)]), refusedPlan()];
    const { isolation } = stage.traits;
    await assertRejects(() => rig.pool.add(plans, { scope: treeOf(rig.program), isolation }), SbError);
    await rig.pool.settled();
    assertLess(await rig.program.calls("f_push", 200), 200 * 10_000_000);
    const [push] = await rig.add([request("f_push", 0)]);
    await rig.program.calls("f_push", 3);
    await rig.program.calls("f_nop1", 4);
    assertEquals([push.statistics().hits, other.statistics().hits], [3, 4]);
  });

  test("a tree that has ended is refused", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const program = await stage.start();
    const scope = treeOf(program);
    await program.kill();
    await program[Symbol.asyncDispose]();
    const error = await assertRejects(() => rig.add([request("f_push", 0)], { scope }), SbError);
    assertEquals(error.code === "process.not_found" || error.code === "probe.not_found", true, error.code);
  });

  test("an update changes what it names and keeps the counters of what it does not", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", 1000, { schedule: { every: 4, times: 3 } })]);
    await rig.program.calls("f_push", 3);
    await probe.update({ delayText: "20us", delay: { kind: "fixed", ns: 20_000 } });
    await rig.program.calls("f_push", 1);
    const { delayed, minNs } = probe.statistics();
    assertEquals(delayed, 1);
    assertGreaterOrEqual(minNs as number, 20_000);
    assertEquals([probe.plan.spec.delayText, probe.plan.spec.schedule.every], ["20us", 4]);
    await rig.program.calls("f_push", 96);
    assertEquals(counts(probe.statistics()), [100, 3]);
  });

  test("naming every or times begins their counters anew", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [every, times] = await rig.add([
      request("f_push", 1000, { schedule: { every: 4 } }),
      request("f_mov", 1000, { schedule: { times: 2 } }),
    ]);
    await rig.program.calls("f_push", 3);
    await every.update({ settings: { every: 4 } });
    await rig.program.calls("f_push", 3);
    assertEquals(counts(every.statistics()), [6, 0]);
    await rig.program.calls("f_push", 1);
    assertEquals(counts(every.statistics()), [7, 1]);
    await rig.program.calls("f_mov", 5);
    await times.update({ settings: { times: 2 } });
    await rig.program.calls("f_mov", 5);
    assertEquals(counts(times.statistics()), [10, 4]);
  });

  test("naming the window begins it anew: a window that is over opens again", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", 0, { schedule: { durationNs: 0 } })]);
    await rig.program.calls("f_push", 5);
    assertEquals(probe.statistics().hits, 0);
    await probe.update({ settings: { durationNs: 3_600e9 } });
    await rig.program.calls("f_push", 5);
    assertEquals(probe.statistics().hits, 5);
    await probe.update({ settings: { startNs: 3_600e9 } });
    await rig.program.calls("f_push", 5);
    assertEquals(probe.statistics().hits, 5);
  });

  test("an update makes a counting probe delay, draws from a distribution, and counts again", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", 0)]);
    await rig.program.calls("f_push", 10);
    await probe.update({
      delayText: "uniform:20us:40us",
      delay: { kind: "uniform", lowNs: 20_000, highNs: 40_000 },
    });
    await rig.program.calls("f_push", 100);
    const { hits, delayed, minNs, histogram } = probe.statistics();
    assertEquals([hits, delayed], [110, 100]);
    assertGreaterOrEqual(minNs as number, 20_000);
    assertEquals(histogram.reduce((sum, { count }) => sum + count, 0), 100);
    await probe.update({ delayText: "0", delay: { kind: "fixed", ns: 0 } });
    await rig.program.calls("f_push", 10);
    assertEquals(counts(probe.statistics()), [120, 100]);
  });

  test("a probe that is off counts nothing and keeps its figures; on again it goes on", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe, other] = await rig.add([request("f_push", 1000), request("f_push", 0)]);
    await rig.program.calls("f_push", 3);
    for (const enabled of [false, false]) await probe.setEnabled(enabled);
    await rig.program.calls("f_push", 4);
    assertEquals([probe.isEnabled, ...counts(probe.statistics())], [false, 3, 3]);
    for (const enabled of [true, true]) await probe.setEnabled(enabled);
    await rig.program.calls("f_push", 5);
    assertEquals([probe.isEnabled, ...counts(probe.statistics())], [true, 8, 8]);
    assertEquals(other.statistics().hits, 12);
  });

  test("a removed probe gives its last figures, is no more, and leaves others of its site in place", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", 1000)]);
    const [other] = await rig.add([request("f_push", 2000)]);
    await rig.program.calls("f_push", 6);
    assertEquals(counts(await probe.remove()), [6, 6]);
    await rig.program.calls("f_push", 6);
    assertEquals(counts(other.statistics()), [12, 12]);
    for (
      const act of [
        () => probe.update({ settings: { every: 2 } }),
        () => probe.setEnabled(false),
        () => Promise.resolve().then(() => probe.statistics()),
        () => Promise.resolve().then(() => probe.remove()),
      ]
    ) assertEquals((await assertRejects(act, SbError)).code, "probe.not_found");
    await rig.pool.settled();
    await rig.program.calls("f_push", 6);
    assertEquals(counts(other.statistics()), [18, 18]);
  });

  test("of two probes of a site the floor is subtracted once, and the one that stays carries it", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [first] = await rig.add([request("f_push", 20_000)]);
    const [second] = await rig.add([request("f_push", 30_000)]);
    await rig.program.calls("f_push", 50);
    assertEquals([first, second].map(({ floor }) => floor.ns > 0), [true, false]);
    assertEquals([first, second].map((probe) => counts(probe.statistics())), [[50, 50], [50, 50]]);
    await first.remove();
    assertEquals(second.floor.ns > 0, true);
  });

  test("many probes come and go; what comes later begins at zero", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const places = ["f_push", "f_nop1", "f_mov", "f_sub"];
    const probes = [];
    for (let number = 0; number < 40; number++) {
      probes.push(...await rig.add([request(places[number % 4], number % 3 === 0 ? 0 : 500)]));
    }
    for (const place of places) await rig.program.calls(place, 7);
    assertEquals(probes.map((probe) => probe.statistics().hits), probes.map(() => 7));
    const gone = probes.filter((_, number) => number % 2 === 0);
    await Promise.all(gone.map((probe) => probe.remove()));
    const later = [];
    for (let number = 0; number < 20; number++) {
      later.push(...await rig.add([request(places[number % 4], 0)]));
    }
    for (const place of places) await rig.program.calls(place, 2);
    const stayed = probes.filter((_, number) => number % 2 === 1);
    assertEquals(stayed.map((probe) => probe.statistics().hits), stayed.map(() => 9));
    assertEquals(later.map((probe) => probe.statistics().hits), later.map(() => 2));
  });

  test("how=sleep gives the CPU up, or is refused", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const sleeping = [request("f_push", 5_000_000, { how: "sleep" })];
    if (!stage.traits.sleeps) {
      const error = await assertRejects(() => rig.add(sleeping), SbError);
      assertEquals(error.code, "probe.sleep_unsupported");
      return;
    }
    const [probe] = await rig.add(sleeping);
    assertGreaterOrEqual(await rig.program.calls("f_push", 10), 10 * 5_000_000 * 0.98);
    assertEquals(counts(probe.statistics()), [10, 10]);
  });
}
