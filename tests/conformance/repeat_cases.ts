/** Runs that follow each other in one session. */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { BackendSession } from "../../src/probe/mod.ts";
import { planFor, type Program, type Stage } from "./program.ts";
import { type Register, request, type RequestOptions } from "./rig.ts";

/** A program and a session whose runs it is in. */
class RepeatRig implements AsyncDisposable {
  readonly program: Program;
  readonly session: BackendSession;
  #isAttached = false;

  private constructor(program: Program, session: BackendSession) {
    this.program = program;
    this.session = session;
  }

  static async open(stage: Stage, options: RequestOptions = {}): Promise<RepeatRig> {
    const program = await stage.start();
    try {
      const plans = planFor([request("f_push", 1000, options)]);
      return new RepeatRig(program, stage.open(plans, { filter: true, repeats: true }));
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Begins a run of a program. Breakpoints that hang on processes come anew with each. */
  async begin(delayNs: number, program: Program = this.program): Promise<void> {
    await this.session.begin(delayNs);
    this.session.enterTree(() => [program.pid]);
    if (!this.#isAttached || this.session.backend === "kmod") this.session.attach(new Map());
    this.#isAttached = true;
  }

  get figures() {
    return this.session.statistics()[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    await this.program[Symbol.asyncDispose]();
  }
}

/** Registers them. */
export function repeatCases(test: Register): void {
  test("each run has its own delay and its own figures; without a delay hits are counted", async (stage) => {
    await using rig = await RepeatRig.open(stage);
    await rig.begin(20_000);
    await rig.program.calls("f_push", 9);
    const slow = rig.figures;
    assertEquals([slow.hits, slow.delayed, slow.overheadNs], [9, 9, 0]);
    assertGreaterOrEqual(slow.minNs ?? 0, 20_000);
    await rig.begin(0);
    await rig.program.calls("f_push", 7);
    const { overheadNs, histogram, ...counted } = rig.figures;
    assertEquals(counted, {
      ...{ hits: 7, delayed: 0, cut: 0, misses: 0, clipped: 0, addedNs: 0 },
      ...{ minNs: null, meanNs: null, p50Ns: null, p90Ns: null, p99Ns: null, maxNs: null },
    });
    assertEquals([overheadNs, histogram], [7 * rig.session.floors[0].ns, []]);
    await rig.begin(40_000);
    await rig.program.calls("f_push", 5);
    const { hits, delayed, minNs, histogram: again } = rig.figures;
    assertEquals([hits, delayed, again.reduce((sum, { count }) => sum + count, 0)], [5, 5, 5]);
    assertGreaterOrEqual(minNs ?? 0, 40_000);
  });

  test("schedules begin anew with each run", async (stage) => {
    await using rig = await RepeatRig.open(stage, { schedule: { every: 3, times: 2 } });
    for (let run = 0; run < 3; run++) {
      await rig.begin(2000);
      await rig.program.calls("f_push", 5);
      assertEquals([rig.figures.hits, rig.figures.delayed], [5, 1]);
      await rig.program.calls("f_push", 20);
      assertEquals([rig.figures.hits, rig.figures.delayed], [25, 2]);
    }
  });

  test("a window is open in each run", async (stage) => {
    await using rig = await RepeatRig.open(stage, { schedule: { durationNs: 3_600e9 } });
    for (let run = 0; run < 2; run++) {
      await rig.begin(2000);
      await rig.program.calls("f_push", 4);
      assertEquals([rig.figures.hits, rig.figures.delayed], [4, 4]);
    }
  });

  test("processes of the run before are in no tree, nor are their children", async (stage) => {
    await using rig = await RepeatRig.open(stage);
    await using next = await stage.start();
    await rig.begin(1000);
    await rig.program.calls("f_push", 2);
    await rig.begin(1000, next);
    await rig.program.calls("f_push", 8);
    await rig.program.forks(2, "f_push", 8);
    await next.calls("f_push", 3);
    assertEquals([rig.figures.hits, rig.figures.delayed], [3, 3]);
    assertEquals(rig.session.members(), [next.pid]);
  });

  test("a delay of the run before ends with the next, and is not in its figures", async (stage) => {
    await using rig = await RepeatRig.open(stage);
    await using next = await stage.start();
    await rig.begin(10e9);
    const { over } = await rig.program.callsInDelay("f_push", 3);
    await rig.begin(10e9, next);
    await over;
    assertEquals([rig.figures.hits, rig.figures.cut], [0, 0]);
  });

  test("between a cancellation and the next run nothing is counted", async (stage) => {
    await using rig = await RepeatRig.open(stage);
    await rig.begin(1000);
    await rig.program.calls("f_push", 4);
    rig.session.cancel();
    await rig.session.begin(1000);
    await rig.program.calls("f_push", 4);
    await rig.begin(1000);
    await rig.program.calls("f_push", 6);
    assertEquals([rig.figures.hits, rig.figures.delayed], [6, 6]);
  });

  test("floors are measured again between runs and within them", async (stage) => {
    await using rig = await RepeatRig.open(stage);
    for (const delayNs of [0, 50_000]) {
      await rig.begin(delayNs);
      rig.session.recalibrate();
      await rig.program.calls("f_push", 3);
      rig.session.recalibrate();
      await rig.program.calls("f_push", 3);
      const [{ ns, source }] = rig.session.floors;
      assertEquals([rig.figures.hits, ns > 0, source], [6, true, "calibrated"]);
    }
  });
}
