/** The program under measurement, obeying lines, and probes on its functions. */
import { type BackendSession, type Delay, openEbpfSession, type ProbeRequest } from "../../src/probe/mod.ts";
import { planProbes } from "../../src/session/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { LineProcess } from "../line_process.ts";

/** What `bench` prints. */
export interface CallTimes {
  p50_ns: number;
  mean_ns: number;
  min_ns: number;
  p99_ns: number;
}

/** `bench_target wait`, on one CPU. */
export class BenchTarget extends LineProcess {
  /** Starts the program and waits until it obeys. */
  static async start(cpu = 1): Promise<BenchTarget> {
    const target = new BenchTarget("taskset", ["-c", String(cpu), fixture("bench_target"), "wait"]);
    await target.readLine();
    return target;
  }

  /** Times `count` calls of a function. */
  async bench(name: string, count: number, warmup = 200): Promise<CallTimes> {
    return (await this.send(`bench ${name} ${count} ${warmup}`))[0] as CallTimes;
  }
}

/** A probe with a fixed delay, every hit, compensated. @param ns 0 counts only */
export function request(target: string, ns: number, delay: Delay = { kind: "fixed", ns }): ProbeRequest {
  return {
    target,
    spec: {
      delayText: `${ns}ns`,
      delay,
      schedule: { every: 1, probability: 1, times: null, startNs: 0, durationNs: null },
      how: "spin",
      compensate: true,
    },
  };
}

/** Puts probes in place, for everybody who runs the file or, with `filter`, for the tree that is entered later. */
export function openProbes(requests: readonly ProbeRequest[], filter = false): BackendSession {
  const plan = planProbes(requests, { trampoline: false });
  const session = openEbpfSession(plan.probes, { filter, windowsStart: "now" });
  session.attach(new Map());
  return session;
}
