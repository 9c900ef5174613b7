/** What a probe is asked for, in the names of TypeScript, to the parameters of the protocol. */
import type { ParamsOf } from "./protocol.ts";

/** What a delay is: one of the three. */
export type Delay =
  | {
    /** A time or a distribution: `"5us"`, `"exp:10us"`. */
    delay: string;
    delayNs?: undefined;
    spec?: undefined;
  }
  | {
    delay?: undefined;
    /** A fixed delay, 0 to 10^10 nanoseconds. */
    delayNs: number;
    spec?: undefined;
  }
  | {
    delay?: undefined;
    delayNs?: undefined;
    /** The whole specification: `"5us,every=10"`. */
    spec: string;
  };

/** When a hit is delayed; what `spec` names itself goes before. */
export interface Schedule {
  how?: "spin" | "sleep";
  /** Every Nth hit. */
  every?: number;
  /** 0 to 1. */
  probability?: number;
  /** Delays at the most; null is no limit. */
  times?: number | null;
  /** Start of the window after the probe became live. */
  startNs?: number;
  /** Length of the window; null is for ever. */
  durationNs?: number | null;
  /** Whether the floor is subtracted; true by default. */
  compensate?: boolean;
}

/** A probe as it is asked for. Without `pid` and `scope` it applies to this process and its descendants. */
export type ProbeOptions = Delay & Schedule & {
  /** `FILE:PLACE[%return]`; a glob or `/regex/` names several functions. */
  target: string;
  /** The root of a process tree: short for `scope: { tree: pid }`. */
  pid?: number | null;
  scope?: { tree: number } | { cgroup: string } | { system: true };
  at?: "entry" | "return";
  isolation?: "auto" | "per-process" | "shared";
};

/** A change of a probe; what is not named is kept. */
export type Change = (Delay | { delay?: undefined; delayNs?: undefined; spec?: undefined }) & Schedule;

/** @throws TypeError when both `pid` and `scope` are given */
export function addParams({ pid, ...options }: ProbeOptions): ParamsOf<"probe.add"> {
  if (pid === undefined || pid === null) return params(options) as ParamsOf<"probe.add">;
  if (options.scope !== undefined) {
    throw new TypeError("Cannot ask for a probe: pid and scope exclude each other");
  }
  return params({ ...options, scope: { tree: pid } }) as ParamsOf<"probe.add">;
}

export function updateParams(probe: string, change: Change): ParamsOf<"probe.update"> {
  return { probe, ...params(change) };
}

/** Unknown names go along, so that the server can name the nearest. */
function params(options: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined).map(([name, value]) => [
      name === "delay" ? "spec" : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
