/** Reports of a session, on the fake backend: no kernel is needed. */
import { assertEquals } from "@std/assert";
import { FakeMachine } from "../../../src/probe/fake/machine.ts";
import { openFakeSession } from "../../../src/probe/fake/session.ts";
import {
  lateNote,
  lossNotes,
  reportBystanders,
  reportProbes,
  type ReportSource,
} from "../../../src/session/report.ts";
import { parseSpec } from "../../../src/probe/mod.ts";
import { planFor, programFile } from "../../conformance/program.ts";

function sourceOf(machine: FakeMachine, isolation: ReportSource["isolation"]): ReportSource {
  const plans = planFor([
    { target: `${programFile()}:f_push`, spec: parseSpec("10us") },
    { target: `${programFile()}:f_mov`, spec: parseSpec("0") },
  ]);
  const session = openFakeSession(machine, plans, { filter: true, windowsStart: "now" });
  return { session, plans, isolation, bystanderProcesses: 1 };
}

// A library opened in a test counts as that test's leak: open what sb keeps open before.
sourceOf(new FakeMachine(), "shared");

Deno.test("reportProbes() has a report a plan, in their order, with floors and figures", async () => {
  const machine = new FakeMachine();
  const source = sourceOf(machine, "per-process");
  const pid = machine.start();
  source.session.enterTree(() => [pid]);
  source.session.attach(new Map());
  for (let call = 0; call < 3; call++) await machine.call(pid, "f_push");
  await machine.call(pid, "f_mov");
  const reports = reportProbes(source);
  assertEquals(reports.map(({ plan }) => plan.symbol), ["f_push", "f_mov"]);
  assertEquals(reports.map(({ statistics: { hits, delayed, addedNs } }) => [hits, delayed, addedNs]), [
    [3, 3, 30_000],
    [1, 0, 0],
  ]);
  assertEquals(reports.map(({ floor }) => floor.ns > 0), [true, true]);
  assertEquals(reports.map(({ replaced }) => replaced), [false, false]);
  await source.session[Symbol.asyncDispose]();
});

Deno.test("reportBystanders() tells what others paid with shared isolation, and nothing with the others", async () => {
  const machine = new FakeMachine();
  const shared = sourceOf(machine, "shared");
  shared.session.attach(new Map());
  const other = machine.start();
  for (let call = 0; call < 4; call++) await machine.call(other, "f_push");
  const cost = reportBystanders(shared);
  assertEquals([cost?.processes, cost?.hits], [1, 4]);
  assertEquals(cost?.costNs, 4 * shared.session.floors[0].ns);
  assertEquals(reportBystanders({ ...shared, isolation: "per-process" }), undefined);
  assertEquals(lossNotes(shared), []);
  await shared.session[Symbol.asyncDispose]();
});

Deno.test("lateNote() says what late breakpoints missed, and what misses nothing", () => {
  const late = { processes: 12, medianNs: 1_200_000, longestNs: 15_000_000 };
  assertEquals(
    lateNote(late, { tree: 77, remedy: 'isolation: "shared"' }),
    "12 processes were forked meanwhile in the tree of 77 and armed 1.2 ms (median; at most 15 ms) after their fork; what " +
      'they called before was neither delayed nor counted (to miss nothing: isolation: "shared")',
  );
});
