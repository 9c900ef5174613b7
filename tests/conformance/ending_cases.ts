/** How delays in progress end. */
import { assertEquals, assertLess } from "@std/assert";
import type { How } from "../../src/probe/mod.ts";
import type { Stage } from "./program.ts";
import { type Register, request, Rig } from "./rig.ts";

const TEN_SECONDS = 10e9;

function waysOf(stage: Stage): How[] {
  return stage.traits.sleeps ? ["spin", "sleep"] : ["spin"];
}

/** Registers them. */
export function endingCases(test: Register): void {
  test("a delay in progress is cut by the session's cancellation, and the program goes on", async (stage) => {
    for (const how of waysOf(stage)) {
      await using rig = await Rig.open(stage, [request("f_push", TEN_SECONDS, { how })]);
      const { over } = await rig.program.callsInDelay("f_push", 3);
      rig.session.cancel();
      await over;
      const [{ cut, delayed, addedNs }] = rig.session.statistics();
      assertEquals([cut, delayed, addedNs], [1, 1, 0]);
    }
  });

  test("a delay in progress is cut by the session's end", async (stage) => {
    for (const how of waysOf(stage)) {
      await using rig = await Rig.open(stage, [request("f_push", TEN_SECONDS, { how })]);
      const { over } = await rig.program.callsInDelay("f_push", 3);
      await rig.session[Symbol.asyncDispose]();
      await over;
    }
  });

  test("a delay in progress ends with its process's SIGKILL", async (stage) => {
    for (const how of waysOf(stage)) {
      await using rig = await Rig.open(stage, [request("f_push", TEN_SECONDS, { how })]);
      const { over } = await rig.program.callsInDelay("f_push", 1);
      await rig.program.kill();
      await over;
      assertEquals(rig.session.statistics()[0].cut, 1);
    }
  });

  test("after the cancellation nothing is delayed, and the figures can be read", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 1_000_000)]);
    await rig.program.calls("f_push", 5);
    rig.session.cancel();
    await untilUndelayed(rig);
    const [{ delayed }] = rig.session.statistics();
    assertEquals(delayed >= 5, true);
    assertLess(await rig.program.calls("f_push", 1000), 1000 * 1_000_000);
    assertEquals(rig.session.statistics()[0].delayed, delayed);
  });

  test("nothing is left when the session is closed", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 1_000_000)]);
    await rig.session[Symbol.asyncDispose]();
    assertLess(await rig.program.calls("f_push", 1000), 1000 * 1_000_000);
  });
}

/** A cancellation returns at once and takes effect within 60 ms. */
async function untilUndelayed(rig: Rig): Promise<void> {
  for (let last = -1;;) {
    await rig.program.calls("f_push", 1);
    const [{ delayed }] = rig.session.statistics();
    if (delayed === last) return;
    last = delayed;
  }
}
