/** Who is in scope. */
import { assertEquals, assertLess } from "@std/assert";
import { openOn, type Register, request, Rig } from "./rig.ts";

/** Registers them. */
export function scopeCases(test: Register): void {
  test("a process out of the tree is neither delayed nor counted", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 10_000_000)]);
    await using other = await stage.start();
    assertLess(await other.calls("f_push", 100), 100 * 10_000_000);
    assertEquals(rig.hits, [0]);
    const { hits } = rig.session.bystanders();
    assertEquals(hits, stage.traits.outOfScope === "counted" ? 100 : 0);
    await rig.program.calls("f_push", 1);
    assertEquals(rig.hits, [1]);
  });

  test("descendants are in the tree: a chain of forks, threads, a daemon", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 0)]);
    await rig.program.forks(5, "f_push", 10);
    assertEquals(rig.hits, [50]);
    await rig.program.threads(4, "f_push", 100);
    assertEquals(rig.hits, [450]);
    await rig.program.daemon("f_push", 7);
    assertEquals(rig.hits, [457]);
    assertEquals(rig.session.untracked, 0);
  });

  test("a child of vfork and a program that a child executes are in the tree", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 0)]);
    await rig.program.vfork("f_push", 11);
    assertEquals(rig.hits, [11]);
    await rig.program.spawn("f_push", 13);
    assertEquals(rig.hits, [24]);
  });

  test("the root stays in the tree through an exec", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 0)]);
    await rig.program.calls("f_push", 3);
    await rig.program.exec();
    await rig.program.calls("f_push", 4);
    assertEquals(rig.hits, [7]);
    assertEquals(rig.session.members(), [rig.program.pid]);
  });

  test("processes leave the tree when they end", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 0)]);
    await rig.program.forks(20, "f_push", 1);
    assertEquals(rig.session.members(), [rig.program.pid]);
    await rig.program.kill();
    assertEquals(rig.session.members(), []);
    assertEquals(rig.hits, [20]);
  });

  test("two sessions on two trees have nothing to do with each other", async (stage) => {
    await using first = await Rig.open(stage, [request("f_push", 1000)]);
    await using second = await Rig.open(stage, [request("f_push", 2000)]);
    await first.program.calls("f_push", 30);
    await second.program.calls("f_push", 40);
    assertEquals([first.hits, second.hits], [[30], [40]]);
  });

  test("two sessions on one tree both count; one that ends leaves the other in place", async (stage) => {
    await using rig = await Rig.open(stage, [request("f_push", 1000)]);
    const other = await openOn(stage, rig.program, [request("f_push", 2000)]);
    await rig.program.calls("f_push", 10);
    assertEquals(other.statistics()[0].hits, 10);
    other.cancel();
    await other[Symbol.asyncDispose]();
    await rig.program.calls("f_push", 10);
    const [{ hits, delayed, cut }] = rig.session.statistics();
    assertEquals([hits, delayed, cut], [20, 20, 0]);
  });
}
