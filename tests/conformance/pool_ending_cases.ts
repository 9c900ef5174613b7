/** How delays in progress end, and that a pool leaves nothing. */
import { assert, assertEquals, assertFalse, assertLess } from "@std/assert";
import { hasSettled, type PoolRegister, PoolRig, treeOf } from "./pool_rig.ts";
import { request } from "./rig.ts";

const TEN_SECONDS = 10e9;

/** Registers them. */
export function poolEndingCases(test: PoolRegister): void {
  test("a probe is removed at once while another one's delay goes on; its own delays are cut", async (stage) => {
    await using rig = await PoolRig.open(stage);
    await using other = await stage.start();
    if (stage.traits.waitsOnProcessor) {
      await rig.program.stayOn(0);
      await other.stayOn(1);
    }
    const [first] = await rig.add([request("f_push", TEN_SECONDS)]);
    const [second] = await rig.add([request("f_push", TEN_SECONDS)], { scope: treeOf(other) });
    const { over } = await rig.program.callsInDelay("f_push", 3);
    const { over: otherOver } = await other.callsInDelay("f_push", 3);
    await second.remove();
    await otherOver;
    assertFalse(await hasSettled(over));
    await first.remove();
    await over;
  });

  test("a delay in progress is cut by an update of the delay", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", TEN_SECONDS)]);
    const { over } = await rig.program.callsInDelay("f_push", 3);
    await probe.update({ delayText: "1us", delay: { kind: "fixed", ns: 1000 } });
    await over;
    assertEquals(probe.statistics().cut, 1);
    await rig.program.calls("f_push", 2);
    const { hits, delayed } = probe.statistics();
    // The module has its target off for a moment, and the program goes on meanwhile.
    assert(hits >= 3 && hits <= 5 && delayed === hits, `${hits} ${delayed}`);
  });

  test("a delay in progress is cut when its probe is switched off", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", TEN_SECONDS)]);
    const { over } = await rig.program.callsInDelay("f_push", 3);
    await probe.setEnabled(false);
    await over;
    const { hits, cut, addedNs } = probe.statistics();
    assertEquals([hits, cut, addedNs], [1, 1, 0]);
  });

  test("a delay in progress ends with its process's SIGKILL", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", TEN_SECONDS)]);
    const { over } = await rig.program.callsInDelay("f_push", 1);
    await rig.program.kill();
    await over;
    await probe.emptied;
    assertEquals(probe.statistics().cut, 1);
  });

  test("a pool that is closed cuts what is in progress and leaves nothing", async (stage) => {
    await using rig = await PoolRig.open(stage);
    await rig.add([request("f_push", TEN_SECONDS), request("f_mov", 1_000_000)]);
    const { over } = await rig.program.callsInDelay("f_push", 3);
    await rig.pool[Symbol.asyncDispose]();
    await over;
    assertLess(await rig.program.calls("f_mov", 1000), 1000 * 1_000_000);
    await rig.pool[Symbol.asyncDispose]();
  });

  test("two pools of one process have nothing to do with each other", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", 1000)]);
    {
      await using other = stage.openPool();
      const [second] = await other.add([probe.plan], {
        scope: treeOf(rig.program),
        isolation: stage.traits.isolation,
      });
      await rig.program.calls("f_push", 5);
      assertEquals([probe, second].map((each) => each.statistics().hits), [5, 5]);
    }
    await rig.program.calls("f_push", 5);
    assertEquals(probe.statistics().hits, 10);
  });
}
