import { assert, assertEquals } from "@std/assert";
import { chooseDelays, type Pilot } from "../../../src/sweep/delays.ts";

Deno.test("chooseDelays() has only 0 for what is never called", () => {
  assertEquals(chooseDelays({ hits: 0, wallNs: 1e9, floorNs: 700 }), [0]);
});

/** Usual and extreme pilots. */
const PILOTS: Record<string, Pilot> = {
  "100,000 hits a second": { hits: 100_000, wallNs: 1e9, floorNs: 700 },
  "one hit": { hits: 1, wallNs: 1e9, floorNs: 700 },
  "hits by the million": { hits: 5_000_000, wallNs: 4e9, floorNs: 700 },
  "a short run": { hits: 300, wallNs: 5e6, floorNs: 900 },
  "a single-stepped site": { hits: 20_000, wallNs: 2e9, floorNs: 6000 },
  "one hit in a minute": { hits: 1, wallNs: 60e9, floorNs: 700 },
  "an unknown floor": { hits: 1000, wallNs: 1e9, floorNs: 0 },
};
for (const [name, pilot] of Object.entries(PILOTS)) {
  Deno.test(`chooseDelays() spans a run in equal ratios, above the floor: ${name}`, () => {
    const [zero, ...delays] = chooseDelays(pilot);
    assertEquals(zero, 0);
    assert(delays.length === 4 || delays.length === 5, `${delays}`);
    assert(delays.every((ns) => Number.isInteger(ns) && ns > pilot.floorNs && ns <= 10e9), `${delays}`);
    const nets = delays.map((ns) => ns - pilot.floorNs);
    for (const [index, net] of nets.slice(1).entries()) {
      assert(net / nets[index] >= 1.2 && net / nets[index] <= 6, `${delays}`);
    }
    // Bounded by what floors vary by, and by the longest delay.
    const share = (net: number) => net * pilot.hits / pilot.wallNs;
    assert(share(nets[0]) <= 0.03 || nets[0] <= Math.max(0.5 * pilot.floorNs, 150), `${delays}`);
    assert(share(nets.at(-1)!) >= 0.5 || delays.at(-1) === 10e9, `${delays}`);
    assert(share(nets.at(-1)!) <= 1.1 || nets[0] > 0.02 * pilot.wallNs / pilot.hits, `${delays}`);
  });
}

Deno.test("chooseDelays() chooses numbers that a person would", () => {
  assertEquals(chooseDelays({ hits: 100_000, wallNs: 1e9, floorNs: 700 }), [
    0,
    900,
    1200,
    2000,
    4000,
    10_000,
  ]);
  assertEquals(chooseDelays({ hits: 1, wallNs: 1e9, floorNs: 700 }), [0, 20e6, 50e6, 100e6, 300e6, 800e6]);
});
