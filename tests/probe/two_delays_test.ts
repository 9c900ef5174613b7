/** Delays of one program at the same time on one CPU: each keeps what it was about, while they let each other run. */
import { assert, assertEquals } from "@std/assert";
import { openEbpfPool, openEbpfSession, probeFeatures, type ProbeStatistics } from "../../src/probe/mod.ts";
import { BenchTarget } from "../bench/target.ts";
import { planFor } from "../conformance/program.ts";
import { request } from "../conformance/rig.ts";

const LONG_NS = 1_500_000_000, SHORT_NS = 50_000_000;
// Libraries that are opened in a test would count as leaks.
const PLANS = planFor([request("f_push", LONG_NS), request("f_nop1", SHORT_NS)]);
probeFeatures();

/** A long delay in f_push of one process, in which short ones in f_nop1 of the other begin and end. */
async function delayBoth(long: BenchTarget, short: BenchTarget): Promise<void> {
  const over = long.send("calls f_push 1");
  for (let round = 0; round < 5; round++) await short.send("calls f_nop1 1");
  await over;
}

function assertApart(long: ProbeStatistics, short: ProbeStatistics): void {
  assertEquals([long.hits, long.delayed, long.cut], [1, 1, 0]);
  assertEquals([short.hits, short.delayed, short.cut], [5, 5, 0]);
  assert(long.addedNs >= LONG_NS);
  assert((short.minNs ?? 0) >= SHORT_NS);
}

Deno.test("two delays of a session on one CPU keep their deadlines and their probes", async () => {
  await using long = await BenchTarget.start();
  await using short = await BenchTarget.start();
  await using session = openEbpfSession(PLANS, { filter: false, windowsStart: "now" });
  session.attach(new Map());
  await delayBoth(long, short);
  const [first, second] = session.statistics();
  assertApart(first, second);
});

Deno.test("two delays of different trees of a pool on one CPU keep their deadlines and their probes", async () => {
  await using long = await BenchTarget.start();
  await using short = await BenchTarget.start();
  await using pool = openEbpfPool();
  const added = [];
  for (const [index, target] of [long, short].entries()) {
    added.push(
      ...await pool.add([PLANS[index]], {
        scope: { kind: "tree", pid: target.pid, scan: () => [target.pid], guarded: false },
        isolation: "per-process",
      }),
    );
  }
  await delayBoth(long, short);
  assertApart(added[0].statistics(), added[1].statistics());
});
