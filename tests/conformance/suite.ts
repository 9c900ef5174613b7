/** What every backend must do: one suite over the backend interface, on a real program. */
import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertLess } from "@std/assert";
import type { BackendSession, Delay, ProbePlan, ProbeRequest, Schedule } from "../../src/probe/mod.ts";
import { planProbes } from "../../src/session/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { LineProcess } from "../line_process.ts";

/** How the suite opens a backend. */
export type OpenSession = (plans: readonly ProbePlan[], options: { filter: boolean }) => BackendSession;

interface RequestOptions {
  delay?: Delay;
  schedule?: Partial<Schedule>;
  compensate?: boolean;
}

function request(place: string, ns: number, options: RequestOptions = {}): ProbeRequest {
  return {
    target: `${fixture("bench_target")}:${place}`,
    spec: {
      delayText: `${ns}ns`,
      delay: options.delay ?? { kind: "fixed", ns },
      schedule: { every: 1, probability: 1, times: null, startNs: 0, durationNs: null, ...options.schedule },
      how: "spin",
      compensate: options.compensate ?? true,
    },
  };
}

/** Waits until a process has used 50 ms of CPU: one that only waits for lines does so in a delay alone. */
async function waitSpinning(pid: number): Promise<void> {
  for (;;) {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
    if (Number(fields[11]) + Number(fields[12]) >= 5) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Applies probes to `bench_target wait` and everything it forks. */
class Rig implements AsyncDisposable {
  readonly program: LineProcess;
  readonly session: BackendSession;

  private constructor(program: LineProcess, session: BackendSession) {
    this.program = program;
    this.session = session;
  }

  static async open(open: OpenSession, requests: readonly ProbeRequest[]): Promise<Rig> {
    const program = new LineProcess(fixture("bench_target"), ["wait"]);
    await program.readLine();
    const { probes } = planProbes(requests, { trampoline: false });
    const session = open(probes, { filter: true });
    session.enterTree(() => [program.pid]);
    session.attach(new Map());
    return new Rig(program, session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    await this.program[Symbol.asyncDispose]();
  }
}

/** Registers the suite. @param name of the backend, in every title */
export function conformance(name: string, open: OpenSession): void {
  // A library opened in a test counts as that test's leak: open what sb keeps open before.
  planProbes([request("f_push", 0)], { trampoline: false });

  function test(title: string, run: () => Promise<void>): void {
    Deno.test(`${name}: ${title}`, run);
  }

  test("a probe without delay counts every call and delays none", async () => {
    await using rig = await Rig.open(open, [request("f_push", 0)]);
    await rig.program.send("calls f_push 1000");
    const [{ hits, delayed, addedNs, misses, minNs }] = rig.session.statistics();
    assertEquals([hits, delayed, addedNs, misses, minNs], [1000, 0, 0, 0, null]);
  });

  test("a fixed delay is added to every call, never less than asked", async () => {
    await using rig = await Rig.open(open, [request("f_push", 50_000)]);
    await rig.program.send("calls f_push 500");
    const [statistics] = rig.session.statistics();
    assertEquals([statistics.hits, statistics.delayed, statistics.cut], [500, 500, 0]);
    assertGreaterOrEqual(statistics.minNs as number, 50_000);
    assertEquals(statistics.histogram.reduce((sum, { count }) => sum + count, 0), 500);
    assertGreaterOrEqual(statistics.addedNs, 500 * 50_000);
  });

  test("the program's own clock sees the delays", async () => {
    await using rig = await Rig.open(open, [request("f_push", 1_000_000)]);
    const [{ wall_ns }] = await rig.program.send("calls f_push 50") as { wall_ns: number }[];
    assertGreaterOrEqual(wall_ns, 50 * 1_000_000 * 0.98);
    const [{ addedNs }] = rig.session.statistics();
    assertGreaterOrEqual(wall_ns * 1.02, addedNs);
  });

  test("a process out of the tree is neither delayed nor counted, and is told apart", async () => {
    await using rig = await Rig.open(open, [request("f_push", 10_000_000)]);
    await using other = new LineProcess(fixture("bench_target"), ["wait"]);
    await other.readLine();
    const [{ wall_ns }] = await other.send("calls f_push 100") as { wall_ns: number }[];
    assertLess(wall_ns, 100 * 10_000_000);
    assertEquals(rig.session.statistics()[0].hits, 0);
    assertEquals(rig.session.bystanders().hits, 100);
  });

  test("descendants are in the tree: a chain of forks, threads, a daemon, the program after exec", async () => {
    await using rig = await Rig.open(open, [request("f_push", 0)]);
    await rig.program.send("fork 5 f_push 10");
    assertEquals(rig.session.statistics()[0].hits, 50);
    await rig.program.send("threads 4 f_push 100");
    assertEquals(rig.session.statistics()[0].hits, 450);
    await rig.program.send("daemon f_push 7");
    assertEquals(rig.session.statistics()[0].hits, 457);
    assertEquals(rig.session.untracked, 0);
  });

  test("processes leave the tree when they end", async () => {
    await using rig = await Rig.open(open, [request("f_push", 0)]);
    await rig.program.send("fork 20 f_push 1");
    assertEquals(rig.session.members(), [rig.program.pid]);
  });

  test("every=N delays exactly hits N, 2N, …, over all threads", async () => {
    await using rig = await Rig.open(open, [request("f_push", 5000, { schedule: { every: 10 } })]);
    await rig.program.send("threads 4 f_push 1003");
    const [{ hits, delayed }] = rig.session.statistics();
    assertEquals([hits, delayed], [4012, 401]);
  });

  test("times=N delays N hits and never more, over all threads", async () => {
    await using rig = await Rig.open(open, [request("f_push", 5000, { schedule: { times: 7 } })]);
    await rig.program.send("threads 4 f_push 500");
    const [{ hits, delayed }] = rig.session.statistics();
    assertEquals([hits, delayed], [2000, 7]);
  });

  test("times=0 delays nothing", async () => {
    await using rig = await Rig.open(open, [request("f_push", 5000, { schedule: { times: 0 } })]);
    await rig.program.send("calls f_push 100");
    const [{ hits, delayed }] = rig.session.statistics();
    assertEquals([hits, delayed], [100, 0]);
  });

  test("every comes before times: every=3,times=5 delays hits 3, 6, 9, 12, 15", async () => {
    await using rig = await Rig.open(open, [request("f_push", 5000, { schedule: { every: 3, times: 5 } })]);
    await rig.program.send("calls f_push 14");
    assertEquals(rig.session.statistics()[0].delayed, 4);
    await rig.program.send("calls f_push 100");
    assertEquals(rig.session.statistics()[0].delayed, 5);
  });

  test("probability=0.25 delays about a quarter; 0 delays none", async () => {
    await using rig = await Rig.open(open, [
      request("f_push", 1000, { schedule: { probability: 0.25 } }),
      request("f_nop1", 1000, { schedule: { probability: 0 } }),
    ]);
    await rig.program.send("calls f_push 10000");
    await rig.program.send("calls f_nop1 1000");
    const [quarter, none] = rig.session.statistics();
    // Six standard deviations of a binomial distribution.
    assertGreater(quarter.delayed, 2500 - 6 * 43.4);
    assertLess(quarter.delayed, 2500 + 6 * 43.4);
    assertEquals([none.hits, none.delayed], [1000, 0]);
  });

  test("a window that has not begun, or is over, has no hits", async () => {
    await using rig = await Rig.open(open, [
      request("f_push", 1000, { schedule: { startNs: 3_600e9 } }),
      request("f_nop1", 1000, { schedule: { durationNs: 0 } }),
      request("f_mov", 1000, { schedule: { durationNs: 3_600e9 } }),
    ]);
    for (const name of ["f_push", "f_nop1", "f_mov"]) await rig.program.send(`calls ${name} 10`);
    assertEquals(rig.session.statistics().map(({ hits }) => hits), [0, 0, 10]);
  });

  test("a uniform distribution stays within its bounds; draws below zero are clipped and counted", async () => {
    await using rig = await Rig.open(open, [
      request("f_push", 0, { delay: { kind: "uniform", lowNs: 20_000, highNs: 60_000 } }),
      request("f_nop1", 0, { delay: { kind: "normal", meanNs: 0, deviationNs: 5_000 } }),
    ]);
    await rig.program.send("calls f_push 2000");
    await rig.program.send("calls f_nop1 2000");
    const [uniform, normal] = rig.session.statistics();
    assertGreaterOrEqual(uniform.minNs as number, 20_000);
    assertGreater(uniform.p90Ns as number, 50_000);
    assertLess(uniform.p50Ns as number, 50_000);
    assertEquals([uniform.delayed, uniform.clipped], [2000, 0]);
    assertEquals(normal.delayed, 2000);
    // Half of the draws are below zero: six standard deviations.
    assertGreater(normal.clipped, 1000 - 6 * 22.4);
    assertLess(normal.clipped, 1000 + 6 * 22.4);
  });

  test("two probes on one site both count, and the floor is subtracted once", async () => {
    await using rig = await Rig.open(open, [request("f_push", 20_000), request("f_push", 30_000)]);
    await rig.program.send("calls f_push 200");
    const statistics = rig.session.statistics();
    assertEquals(statistics.map(({ hits }) => hits), [200, 200]);
    assertEquals(rig.session.floors.filter(({ ns }) => ns > 0).length, 1);
  });

  test("a delay in progress is cut by removal, and the program goes on", async () => {
    await using rig = await Rig.open(open, [request("f_push", 10e9)]);
    const call = rig.program.send("calls f_push 3");
    await waitSpinning(rig.program.pid);
    rig.session.cancel();
    await call;
    const [{ cut, delayed, addedNs }] = rig.session.statistics();
    assertEquals([cut, delayed, addedNs], [1, 1, 0]);
  });

  test("a delay in progress ends with its process's SIGKILL", async () => {
    await using rig = await Rig.open(open, [request("f_push", 10e9)]);
    const call = rig.program.send("calls f_push 1").catch(() => []);
    await waitSpinning(rig.program.pid);
    rig.program.kill("SIGKILL");
    await rig.program.ended;
    await call;
    assertEquals(rig.session.statistics()[0].cut, 1);
  });

  test("every site class is hit once a call", async () => {
    const names = [
      "f_push",
      "f_nop1",
      "f_nop5",
      "f_endbr",
      "f_endbr_push",
      "f_mov",
      "f_mov_push",
      "f_sub",
      "f_go",
      "f_compiled",
    ];
    await using rig = await Rig.open(open, names.map((place) => request(place, 0)));
    for (const [index, place] of names.entries()) {
      await rig.program.send(`calls ${place} ${index + 1}`);
    }
    assertEquals(rig.session.statistics().map(({ hits }) => hits), names.map((_, index) => index + 1));
  });

  test("%return is hit once a call", async () => {
    const names = ["f_push", "f_endbr", "f_go", "f_compiled"];
    await using rig = await Rig.open(open, names.map((place) => request(`${place}%return`, 3000)));
    for (const place of names) await rig.program.send(`calls ${place} 25`);
    assertEquals(
      rig.session.statistics().map(({ hits, delayed }) => [hits, delayed]),
      names.map(() => [25, 25]),
    );
  });

  test("nothing is left when the session is closed", async () => {
    const rig = await Rig.open(open, [request("f_push", 1_000_000)]);
    await rig.session[Symbol.asyncDispose]();
    const [{ wall_ns }] = await rig.program.send("calls f_push 1000") as { wall_ns: number }[];
    assert(wall_ns < 1000 * 1_000_000);
    await rig.program[Symbol.asyncDispose]();
  });
}
