/** Who is in the scope of a pool's probe. */
import { assert, assertEquals, assertFalse, assertGreater, assertLess, assertRejects } from "@std/assert";
import { SbError } from "../../src/core/mod.ts";
import { planProbes } from "../../src/session/mod.ts";
import { counts, hasSettled, type PoolRegister, PoolRig, treeOf } from "./pool_rig.ts";
import { request } from "./rig.ts";

/** Registers them. */
export function poolScopeCases(test: PoolRegister): void {
  test("each probe has a scope of its own", async (stage) => {
    await using rig = await PoolRig.open(stage);
    await using other = await stage.start();
    const [first] = await rig.add([request("f_push", 1000)]);
    const [second] = await rig.add([request("f_push", 2000)], { scope: treeOf(other) });
    await rig.program.calls("f_push", 30);
    await other.calls("f_push", 40);
    assertEquals([first, second].map((probe) => probe.statistics().hits), [30, 40]);
    await first.remove();
    await rig.program.calls("f_push", 30);
    await other.calls("f_push", 2);
    assertEquals(counts(second.statistics()), [42, 42]);
  });

  test("two probes of one tree both count, with scopes that were named twice", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [first] = await rig.add([request("f_push", 0)]);
    const [second] = await rig.add([request("f_push", 0)]);
    await first.remove();
    await rig.program.calls("f_push", 4);
    assertEquals(second.statistics().hits, 4);
    assertEquals(second.members, 1);
  });

  test("a process out of scope is neither delayed nor counted", async (stage) => {
    await using rig = await PoolRig.open(stage);
    await using other = await stage.start();
    const [probe] = await rig.add([request("f_push", 10_000_000)]);
    assertLess(await other.calls("f_push", 100), 100 * 10_000_000);
    assertEquals(probe.statistics().hits, 0);
    assertEquals(probe.outside, stage.traits.outOfScope === "counted" ? 100 : 0);
    await rig.program.calls("f_push", 1);
    assertEquals(probe.statistics().hits, 1);
  });

  test("threads, forked children and what they execute are in the tree", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", 0)]);
    await rig.program.threads(4, "f_push", 100);
    assertEquals(probe.statistics().hits, 400);
    if (stage.traits.childrenAreExact) {
      await rig.program.forks(5, "f_push", 10);
      await rig.program.daemon("f_push", 7);
      await rig.program.vfork("f_push", 11);
      await rig.program.spawn("f_push", 13);
      assertEquals(probe.statistics().hits, 481);
      return;
    }
    // A child is armed some time after its fork: how long depends on the machine.
    for (let calls = 100_000; probe.statistics().hits === 400; calls *= 4) {
      assertLess(calls, 1e9);
      await rig.program.spawn("f_push", calls);
    }
  });

  test("the root stays in the tree through an exec", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", 0)]);
    await rig.program.calls("f_push", 3);
    await rig.program.exec();
    await rig.program.calls("f_push", 4);
    assertEquals([probe.statistics().hits, probe.members], [7, 1]);
  });

  test("a tree that becomes empty says so, and only then; its figures can be read", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const [probe] = await rig.add([request("f_push", 0)]);
    await using other = await stage.start();
    const [second] = await rig.add([request("f_push", 0)], { scope: treeOf(other) });
    await rig.program.calls("f_push", 5);
    assertFalse(await hasSettled(probe.emptied));
    await rig.program.kill();
    await probe.emptied;
    assertEquals([probe.statistics().hits, probe.members], [5, 0]);
    assertFalse(await hasSettled(second.emptied));
    assertEquals((await probe.remove()).hits, 5);
  });

  test("every process is in scope, or such a scope is refused", async (stage) => {
    await using rig = await PoolRig.open(stage);
    const adding = () => rig.add([request("f_push", 1000)], { scope: { kind: "all" } });
    if (!stage.traits.everyProcess) {
      assertEquals((await assertRejects(adding, SbError)).code, "isolation.unavailable");
      return;
    }
    await using other = await stage.start();
    const [probe] = await adding();
    await using later = await stage.start();
    for (const program of [rig.program, other, later]) await program.calls("f_push", 5);
    await rig.program.forks(1, "f_push", 5);
    assertEquals([...counts(probe.statistics()), probe.outside, probe.members], [20, 20, 0, null]);
  });

  test("a cgroup and those below it are in scope, or such a scope is refused", async (stage) => {
    await using rig = await PoolRig.open(stage);
    await using cgroup = await stage.openCgroup();
    if (!cgroup) return;
    const adding = () => rig.add([request("f_push", 1000)], { scope: { kind: "cgroup", path: cgroup.path } });
    if (!stage.traits.cgroups) {
      const { code } = await assertRejects(adding, SbError);
      assert(code === "scope.unsupported" || code === "isolation.unavailable", code);
      return;
    }
    const [probe] = await adding();
    await rig.program.calls("f_push", 5);
    assertEquals([probe.statistics().hits, probe.outside, probe.members], [0, 5, null]);
    await cgroup.enter(rig.program);
    await rig.program.calls("f_push", 7);
    await rig.program.forks(2, "f_push", 3);
    assertEquals(counts(probe.statistics()), [13, 13]);
  });

  test("a process leaves a guarded tree, and no other, when an exec changes its ids", async (stage) => {
    await using rig = await PoolRig.open(stage);
    await using setuid = await stage.startSetuid();
    const { isolation } = stage.traits;
    const target = `${setuid.file}:f_push`;
    const { probes: plans } = planProbes([{ ...request("f_push", 1000), target }], { trampoline: false });
    const guarding = () =>
      rig.pool.add(plans, { scope: treeOf(setuid.program, { guarded: true }), isolation });
    if (!stage.traits.guards) {
      assertEquals((await assertRejects(guarding, SbError)).code, "scope.unsupported");
      return;
    }
    const [guarded] = await guarding();
    const [open] = await rig.pool.add(plans, { scope: treeOf(setuid.program), isolation });
    await setuid.program.calls("f_push", 3);
    assertFalse(await hasSettled(guarded.emptied));
    await setuid.program.exec();
    await guarded.emptied;
    await setuid.program.calls("f_push", 4);
    assertEquals([guarded.statistics().hits, open.statistics().hits], [3, 7]);
    assertEquals([guarded.members, open.members], [0, 1]);
    assertGreater(open.floor.ns + guarded.floor.ns, 0);
  });
}
