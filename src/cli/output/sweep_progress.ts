/** The progress of a sweep: one line on a terminal, and what failed. */
import { formatTime } from "../../core/mod.ts";
import type { CellFailure, Progress } from "../../sweep/mod.ts";
import { paintFor } from "./colour.ts";
import type { Sink } from "./sink.ts";
import { terminalColumns } from "./terminal.ts";

/** How progress is shown. */
export interface SweepProgressOptions {
  quiet: boolean;
  /** Whether there is a line of progress at all. */
  shows: boolean;
  /** Failures that end the sweep. */
  maxFailures: number;
}

const CLEAR = "\r\x1b[K";

/** A line that is written over again and again. Disposing clears it. */
export class SweepProgress implements Disposable {
  readonly #sink: Sink;
  readonly #options: SweepProgressOptions;
  readonly #isLive: boolean;
  #line = "";
  #failures = 0;

  constructor(sink: Sink, options: SweepProgressOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#isLive = options.shows && !options.quiet && sink.terminal;
  }

  /** What is done before the first cell. */
  stage(text: string): void {
    this.#draw(text);
  }

  /** How far it is. */
  show(progress: Progress): void {
    this.#draw(progressLine(progress));
  }

  /** A sentence that stays. */
  tell(text: string): void {
    if (this.#isLive) this.#sink.write(`${CLEAR}${text}\n${this.#line}`);
  }

  /** A cell failed. */
  failed({ cell, why, errors }: CellFailure): void {
    this.#failures++;
    if (this.#options.quiet) return;
    const warning = paintFor("auto", this.#sink.terminal).caution("warning:");
    const run = `run ${cell.block + 1} of ${cell.target} with ${delayText(cell.delayNs)}`;
    const count = `${this.#failures} of ${this.#options.maxFailures}`;
    const last = errors.split("\n").filter((line) => line !== "").map((line) => `  ${line}\n`).join("");
    const text = `${warning} ${run} failed (${count}): ${why}\n${last}`;
    this.#sink.write(this.#isLive ? `${CLEAR}${text}${this.#line}` : text);
  }

  #draw(text: string): void {
    if (!this.#isLive) return;
    // A line that wraps cannot be written over.
    this.#line = text.slice(0, terminalColumns() - 1);
    this.#sink.write(CLEAR + this.#line);
  }

  [Symbol.dispose](): void {
    if (this.#isLive && this.#line !== "") this.#sink.write(CLEAR);
    this.#line = "";
  }
}

/** `block 3 of 10  malloc with 5us  41 of 120 runs (34 %)  about 2m 10s left`. Pure. */
export function progressLine({ block, blocks, cell, done, planned, leftNs }: Progress): string {
  const share = planned === 0 ? 100 : Math.floor(100 * done / planned);
  return [
    `block ${block} of ${blocks}`,
    ...(cell === null ? [] : [`${cell.target} with ${delayText(cell.delayNs)}`]),
    `${done} of ${planned} runs (${share} %)`,
    ...(leftNs > 0 ? [`about ${roughTime(leftNs)} left`] : []),
  ].join("  ");
}

function delayText(ns: number): string {
  return ns === 0 ? "no delay" : formatTime(ns);
}

/** `45s`, `2m 10s`, `3h 5m`. @param ns not negative */
export function roughTime(ns: number): string {
  const seconds = Math.ceil(ns / 1e9);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m ${seconds % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
