/** When something that is watched is looked at: at intervals, and at its end, its time's end, or its caller's wish. */
import { monotonicNs } from "../../ffi/mod.ts";

/** How often the end is looked for, milliseconds. */
const END_POLL_MS = 50;

/** Why a watch is over. */
export type WatchEnd = "interrupted" | "time" | "exited";

/** What is watched, and for how long. */
export interface Watched {
  /** Whether there is nothing left to watch. */
  isOver: () => boolean;
  /** CLOCK_MONOTONIC when it began, in nanoseconds. */
  startedNs: bigint;
  /** null is without an end. In nanoseconds. */
  forNs: number | null;
  /** null is at the end only. In nanoseconds. */
  intervalNs: number | null;
  /** Ends it when it is aborted. */
  signal?: AbortSignal;
}

/** Sleeps until a time, a little at the most, or until the abortion. */
async function pause(untilNs: bigint | null, signal: AbortSignal | undefined): Promise<void> {
  const leftMs = untilNs === null ? END_POLL_MS : Number(untilNs - monotonicNs()) / 1e6;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, Math.max(1, Math.min(END_POLL_MS, leftMs)));
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
}

async function waitForEnd({ isOver, signal }: Watched, untilNs: bigint | null): Promise<WatchEnd> {
  for (;;) {
    if (signal?.aborted) return "interrupted";
    if (untilNs !== null && monotonicNs() >= untilNs) return "time";
    if (isOver()) return "exited";
    await pause(untilNs, signal);
  }
}

/** Yields null at each interval, and last why the watch is over. */
export async function* moments(watched: Watched): AsyncGenerator<WatchEnd | null, void> {
  const { startedNs, forNs, intervalNs } = watched;
  const until = forNs === null ? null : startedNs + BigInt(forNs);
  for (let turn = 1n;; turn++) {
    const tick = intervalNs === null ? null : startedNs + turn * BigInt(intervalNs);
    const next = tick !== null && (until === null || tick < until) ? tick : until;
    const ended = await waitForEnd(watched, next);
    const isLast = ended !== "time" || next === until;
    yield isLast ? ended : null;
    if (isLast) return;
  }
}
