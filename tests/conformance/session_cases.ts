/** Sessions and attachments. */
import { assertEquals } from "@std/assert";
import { planFor } from "./program.ts";
import { type Register, request, Rig } from "./rig.ts";

/** Registers them. */
export function sessionCases(test: Register): void {
  test("an attachment that is taken back counts no more", async (stage) => {
    await using program = await stage.start();
    await using session = stage.open(planFor([request("f_push", 0)]), { filter: true });
    session.enterTree(() => [program.pid]);
    const attachment = session.attach(new Map());
    await program.calls("f_push", 4);
    assertEquals(session.statistics()[0].hits, 4);
    await attachment.detach();
    await program.calls("f_push", 4);
    assertEquals(session.statistics()[0].hits, 4);
  });

  test("a session that is closed twice is closed once", async (stage) => {
    const rig = await Rig.open(stage, [request("f_push", 0)]);
    await rig.session[Symbol.asyncDispose]();
    await rig[Symbol.asyncDispose]();
  });

  test("probes of one session are told apart", async (stage) => {
    await using rig = await Rig.open(stage, [
      request("f_push", 0),
      request("f_nop1", 2000),
      request("f_mov", 0),
    ]);
    await rig.program.calls("f_nop1", 6);
    await rig.program.calls("f_mov", 2);
    assertEquals(rig.session.statistics().map(({ hits, delayed }) => [hits, delayed]), [[0, 0], [6, 6], [
      2,
      0,
    ]]);
  });
}
