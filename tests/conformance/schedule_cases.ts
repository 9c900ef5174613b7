/** Which hits are delayed: window, every, probability, times. */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { type Register, request, Rig } from "./rig.ts";

/** Registers them. */
export function scheduleCases(test: Register): void {
  test("every=N delays exactly hits N, 2N, …, over all threads", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 5000, { schedule: { every: 10 } })]);
    await rig.program.threads(4, "f_push", 1003);
    const [{ hits, delayed }] = rig.session.statistics();
    assertEquals([hits, delayed], [4012, 401]);
  });

  test("times=N delays N hits and never more, over all threads", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 5000, { schedule: { times: 7 } })]);
    await rig.program.threads(4, "f_push", 500);
    const [{ hits, delayed }] = rig.session.statistics();
    assertEquals([hits, delayed], [2000, 7]);
  });

  test("times=0 delays nothing", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 5000, { schedule: { times: 0 } })]);
    await rig.program.calls("f_push", 100);
    const [{ hits, delayed }] = rig.session.statistics();
    assertEquals([hits, delayed], [100, 0]);
  });

  test("every comes before times: every=3,times=5 delays hits 3, 6, 9, 12, 15", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 5000, { schedule: { every: 3, times: 5 } })]);
    await rig.program.calls("f_push", 14);
    assertEquals(rig.session.statistics()[0].delayed, 4);
    await rig.program.calls("f_push", 100);
    assertEquals(rig.session.statistics()[0].delayed, 5);
  });

  test("probability=0.25 delays about a quarter; 0 delays none", async (stage) => {
    await using rig = await Rig.open(stage, [
      request("f_push", 1000, { schedule: { probability: 0.25 } }),
      request("f_nop1", 1000, { schedule: { probability: 0 } }),
    ]);
    await rig.program.calls("f_push", 10_000);
    await rig.program.calls("f_nop1", 1000);
    const [quarter, none] = rig.session.statistics();
    // Six standard deviations of a binomial distribution.
    assertGreater(quarter.delayed, 2500 - 6 * 43.4);
    assertLess(quarter.delayed, 2500 + 6 * 43.4);
    assertEquals([none.hits, none.delayed], [1000, 0]);
  });

  test("a draw that loses does not use up times: probability comes before times", async (stage) => {
    await using rig = await Rig.open(stage, [
      request("f_push", 1000, { schedule: { probability: 0.5, times: 100 } }),
    ]);
    await rig.program.calls("f_push", 1000);
    assertEquals(rig.session.statistics()[0].delayed, 100);
  });

  test("a window that has not begun, or is over, has no hits", async (stage) => {
    await using rig = await Rig.open(stage, [
      request("f_push", 1000, { schedule: { startNs: 3_600e9 } }),
      request("f_nop1", 1000, { schedule: { durationNs: 0 } }),
      request("f_mov", 1000, { schedule: { durationNs: 3_600e9 } }),
    ]);
    for (const place of ["f_push", "f_nop1", "f_mov"]) await rig.program.calls(place, 10);
    assertEquals(rig.hits, [0, 0, 10]);
  });

  test("executions before the window have no number: every counts from its opening", async (stage) => {
    await using rig = await Rig.open(stage, [
      request("f_push", 1000, { schedule: { startNs: 3_600e9, every: 2 } }),
      request("f_push", 1000, { schedule: { every: 2 } }),
    ]);
    await rig.program.calls("f_push", 3);
    assertEquals(rig.session.statistics().map(({ hits, delayed }) => [hits, delayed]), [[0, 0], [3, 1]]);
  });
}
