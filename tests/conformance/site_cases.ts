/** Where breakpoints sit: every class of instruction, entries and returns. */
import { assertEquals } from "@std/assert";
import { planFor } from "./program.ts";
import { type Register, request, Rig } from "./rig.ts";

const ENTRIES = [
  "f_push",
  "f_nop1",
  "f_nop5",
  "f_endbr",
  "f_endbr_push",
  "f_mov",
  "f_mov_push",
  "f_sub",
  "f_go",
  "f_indirect",
  "f_compiled",
];
const RETURNS = ["f_push", "f_endbr", "f_go", "f_compiled"];

/** Registers them. */
export function siteCases(test: Register): void {
  test("every site class is hit once a call", async (stage) => {
    await using rig = await Rig.open(stage, ENTRIES.map((place) => request(place, 0)));
    for (const [index, place] of ENTRIES.entries()) await rig.program.calls(place, index + 1);
    assertEquals(rig.hits, ENTRIES.map((_, index) => index + 1));
  });

  test("%return is hit once a call", async (stage) => {
    await using rig = await Rig.open(stage, RETURNS.map((place) => request(`${place}%return`, 3000)));
    for (const place of RETURNS) await rig.program.calls(place, 25);
    assertEquals(
      rig.session.statistics().map(({ hits, delayed }) => [hits, delayed]),
      RETURNS.map(() => [25, 25]),
    );
  });

  test("a return trampoline is hit once a call and misses nothing", async (stage) => {
    const requests = [request("f_indirect%return", 3000)];
    assertEquals(planFor(requests, { trampoline: true })[0].attach, "trampoline");
    await using rig = await Rig.open(stage, requests, true);
    await rig.program.calls("f_indirect", 25);
    await rig.program.threads(3, "f_indirect", 25);
    const [{ hits, delayed, misses }] = rig.session.statistics();
    assertEquals([hits, delayed, misses], [100, 100, 0]);
  });
}
