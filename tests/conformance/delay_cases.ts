/** How much is added, and what is reported of it. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { SbError } from "../../src/core/mod.ts";
import { planFor } from "./program.ts";
import { type Register, request, Rig } from "./rig.ts";

/** Registers them. */
export function delayCases(test: Register): void {
  test("a probe without delay counts every call and delays none", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 0)]);
    await rig.program.calls("f_push", 1000);
    const [{ hits, delayed, addedNs, misses, minNs }] = rig.session.statistics();
    assertEquals([hits, delayed, addedNs, misses, minNs], [1000, 0, 0, 0, null]);
  });

  test("a fixed delay is added to every call, never less than asked", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 50_000)]);
    await rig.program.calls("f_push", 500);
    const [statistics] = rig.session.statistics();
    assertEquals([statistics.hits, statistics.delayed, statistics.cut], [500, 500, 0]);
    assertGreaterOrEqual(statistics.minNs as number, 50_000);
    assertEquals(statistics.histogram.reduce((sum, { count }) => sum + count, 0), 500);
    assertGreaterOrEqual(statistics.addedNs, 500 * 50_000);
    assertEquals(statistics.overheadNs, 0);
  });

  test("the program's own clock sees the delays", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 1_000_000)]);
    const wallNs = await rig.program.calls("f_push", 50);
    assertGreaterOrEqual(wallNs, 50 * 1_000_000 * 0.98);
    const [{ addedNs }] = rig.session.statistics();
    assertGreaterOrEqual(wallNs * 1.02, addedNs);
  });

  test("without compensation the floor comes on top of the delay", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 50_000, { compensate: false })]);
    await rig.program.calls("f_push", 100);
    const [{ minNs }] = rig.session.statistics();
    assertGreaterOrEqual(minNs as number, 50_000 + rig.session.floors[0].ns);
  });

  test("a delay below the floor adds the floor", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 1)]);
    await rig.program.calls("f_push", 100);
    const [{ hits, delayed, minNs }] = rig.session.statistics();
    assertEquals([hits, delayed], [100, 100]);
    assertGreaterOrEqual(minNs as number, rig.session.floors[0].ns);
  });

  test("hits that are not delayed cost their floor: overhead, no part of what was added", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 50_000, { schedule: { every: 2 } })]);
    await rig.program.calls("f_push", 100);
    const [{ overheadNs, delayed }] = rig.session.statistics();
    assertEquals(delayed, 50);
    assertEquals(overheadNs, 50 * rig.session.floors[0].ns);
  });

  test("a uniform distribution stays within its bounds; draws below zero are clipped and counted", async (stage) => {
    await using rig = await Rig.open(stage, [
      request("f_push", 0, { delay: { kind: "uniform", lowNs: 400_000, highNs: 1_200_000 } }),
      request("f_nop1", 0, { delay: { kind: "normal", meanNs: 0, deviationNs: 5_000 } }),
      request("f_mov", 0, { delay: { kind: "exp", meanNs: 20_000 } }),
    ]);
    for (const place of ["f_push", "f_nop1", "f_mov"]) await rig.program.calls(place, 2000);
    const [uniform, normal, exponential] = rig.session.statistics();
    assertGreaterOrEqual(uniform.minNs as number, 400_000);
    assertGreater(uniform.p90Ns as number, 1_000_000);
    // Above the middle there is room for what a kernel full of checkers takes.
    assertLess(uniform.p50Ns as number, 1_000_000);
    assertEquals([uniform.delayed, uniform.clipped], [2000, 0]);
    assertEquals(normal.delayed, 2000);
    // Half of the draws are below zero: six standard deviations.
    assertGreater(normal.clipped, 1000 - 6 * 22.4);
    assertLess(normal.clipped, 1000 + 6 * 22.4);
    // The mean of 2000 draws is within six deviations of its own, above what noise adds.
    assertEquals([exponential.delayed, exponential.clipped], [2000, 0]);
    assertGreater(exponential.meanNs as number, 20_000 * (1 - 6 / Math.sqrt(2000)));
  });

  test("two probes on one site both count, and the floor is subtracted once", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 20_000), request("f_push", 30_000)]);
    await rig.program.calls("f_push", 200);
    assertEquals(rig.hits, [200, 200]);
    assertEquals(rig.session.floors.filter(({ ns }) => ns > 0).length, 1);
  });

  test("floors that are measured again are used from then on; the figures go on", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 30_000), request("f_mov", 0)]);
    await rig.program.calls("f_push", 50);
    rig.session.recalibrate();
    await rig.program.calls("f_push", 50);
    const [{ hits, delayed, minNs }] = rig.session.statistics();
    assertEquals([hits, delayed], [100, 100]);
    assertGreaterOrEqual(minNs as number, 30_000);
    for (const { ns, source } of rig.session.floors) {
      assertGreater(ns, 0);
      assertEquals(source, "calibrated");
    }
  });

  test("up to 256 probes have fine histograms, more have coarse ones", async (stage) => {
    const many = Array.from({ length: 300 }, () => request("f_push", 3000));
    if (stage.traits.maxProbes < many.length) {
      const error = await assertRejects(async () => {
        await using rig = await Rig.open(stage, many);
        await rig.program.calls("f_push", 1);
      }, SbError);
      assertEquals(error.code, "probe.too_many");
      return;
    }
    {
      await using fine = await Rig.open(stage, many.slice(0, 3));
      await fine.program.calls("f_push", 20);
      for (const { histogram } of fine.session.statistics()) {
        assert(histogram.length > 0);
        for (const { geNs, ltNs } of histogram) assertLess(ltNs / geNs, 1.07);
      }
    }
    await using coarse = await Rig.open(stage, many);
    await coarse.program.calls("f_push", 20);
    assertEquals(coarse.hits, many.map(() => 20));
    for (const { histogram } of coarse.session.statistics()) {
      assertEquals(histogram.reduce((sum, { count }) => sum + count, 0), 20);
      for (const { geNs, ltNs } of histogram) assertGreater(ltNs / geNs, 1.3);
    }
  });

  test("how=sleep gives the CPU up, or is refused", async (stage) => {
    const requests = [request("f_push", 20_000_000, { how: "sleep" })];
    if (!stage.traits.sleeps) {
      const error = assertThrows(() => stage.open(planFor(requests), { filter: true }), SbError);
      assertEquals(error.code, "probe.sleep_unsupported");
      return;
    }
    await using rig = await Rig.open(stage, requests);
    const before = rig.program.cpuNs();
    const wallNs = await rig.program.calls("f_push", 20);
    assertGreaterOrEqual(wallNs, 20 * 20_000_000 * 0.98);
    const [{ delayed, minNs }] = rig.session.statistics();
    assertEquals(delayed, 20);
    assertGreaterOrEqual(minNs as number, 20_000_000);
    if (before !== null) assertLess((rig.program.cpuNs() as number) - before, wallNs / 2);
  });
}
