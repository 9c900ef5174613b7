import { assertEquals } from "@std/assert";
import { CellTimes } from "../../../src/sweep/cell_times.ts";

Deno.test("CellTimes expects nothing before anything ran", () => {
  assertEquals(new CellTimes().expect({ target: "a", delayNs: 0 }), 0);
});

Deno.test("CellTimes expects the mean of a cell's like", () => {
  const times = new CellTimes();
  times.note({ target: "a", delayNs: 0, hits: 10 }, 100);
  times.note({ target: "a", delayNs: 0, hits: 10 }, 300);
  assertEquals(times.expect({ target: "a", delayNs: 0 }), 200);
  assertEquals(Math.round(times.worst({ target: "a", delayNs: 0 })), 315);
});

Deno.test("CellTimes expects all of the time that a longer delay adds, and no less for a shorter one", () => {
  const times = new CellTimes();
  times.note({ target: "a", delayNs: 1000, hits: 10 }, 20_000);
  assertEquals(times.expect({ target: "a", delayNs: 5000 }), 60_000);
  assertEquals(times.expect({ target: "a", delayNs: 0 }), 20_000);
});

Deno.test("CellTimes expects of an unknown target what the others take", () => {
  const times = new CellTimes();
  times.note({ target: "a", delayNs: 0, hits: 1 }, 100);
  times.note({ target: "b", delayNs: 0, hits: 1 }, 200);
  assertEquals(times.expect({ target: "c", delayNs: 0 }), 150);
});
