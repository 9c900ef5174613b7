import { assertEquals, assertRejects } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { CellTimes } from "../../../src/sweep/cell_times.ts";
import type { Experiment } from "../../../src/sweep/model.ts";
import { delaysOf, warmUp, warmupsOf } from "../../../src/sweep/preparing.ts";
import { experimentOf, FakeMachine } from "./fake_cells.ts";

const NEVER = new AbortController().signal;

async function warmed(parts: Partial<Experiment>, machine = new FakeMachine()) {
  const times = new CellTimes();
  const pilots = await warmUp(experimentOf(parts), { run: machine.run }, { times, signal: NEVER });
  return { machine, times, pilots };
}

Deno.test("warmUp() runs each target without a delay, as often as it is asked", async () => {
  const { machine, times } = await warmed({ warmups: 2 });
  assertEquals(machine.ran, ["a 0", "a 0", "b 0", "b 0"]);
  assertEquals(times.expect({ target: "a", delayNs: 0 }), 1e9);
  assertEquals((await warmed({ warmups: 0 })).machine.ran, []);
});

Deno.test("warmUp() runs each target once at least where delays are chosen", async () => {
  const auto = { warmups: 0, delaysNs: "auto" } as const;
  assertEquals(warmupsOf(auto), 1);
  const { pilots } = await warmed(auto, new FakeMachine(({ target }) => target === "b" ? { hits: 0 } : {}));
  const delays = delaysOf(experimentOf(auto), pilots);
  assertEquals([delays.a.length, delays.b], [6, [0]]);
});

Deno.test("delaysOf() has for each target what was asked for", () => {
  assertEquals(delaysOf(experimentOf(), new Map()), { a: [0, 1000, 2000], b: [0, 1000, 2000] });
});

Deno.test("warmUp() refuses a command that fails, with its last words", async () => {
  const failing = new FakeMachine(() => ({
    exit: 2,
    result: null,
    failure: "exit 2",
    errors: "no such table",
  }));
  const error = await assertRejects(
    () => warmed({}, failing),
    SbError,
    "exit 2; its last words:\nno such table",
  );
  assertEquals([error.code, failing.ran.length], ["sweep.command", 1]);
});
