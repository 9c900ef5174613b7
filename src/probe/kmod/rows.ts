/** The module's files as text, taken apart: targets_list, histograms, scopes, stats. Pure. */
import { SbError, toNumber } from "../../core/mod.ts";
import type { How } from "../model.ts";

/** A line of `targets_list`: what was asked, where it is not the default, and the figures. Times in nanoseconds. */
export interface TargetRow {
  path: string;
  /** The symbol, or the label that stands for it; percent-encoding undone. */
  symbol: string;
  delayNs: number;
  hits: number;
  /** Root of the scope; null is every process; 0 one that this pid namespace cannot see. */
  pid: number | null;
  id: number;
  tag: string | null;
  /** null for a target that outlives its writer. */
  owner: number | null;
  /** An owned target's own switch; null without an owner. */
  isOn: boolean | null;
  at: "entry" | "return";
  how: How;
  /** As written: `0x1234?41=0,0x1300`; null when the module found the site itself. */
  offset: string | null;
  sites: number;
  every: number;
  times: number | null;
  /** Parts in a million. */
  probabilityPpm: number;
  startNs: number;
  durationNs: number | null;
  /** `exp:5000`; null for the fixed delay. */
  dist: string | null;
  /** Of each site, or one for all; empty when none was given. */
  floorsNs: number[];
  compensate: boolean;
  /** Buckets an octave; 0 when none is kept. */
  histogram: number;
  delayed: number;
  cut: number;
  clipped: number;
  misses: number;
  outside: number;
  addedNs: number;
  overheadNs: number;
  /** null before the first whole delay. */
  minNs: number | null;
  maxNs: number | null;
  /** Whether the path names another file by now. */
  isStale: boolean;
}

/** A line of `histograms`. */
export interface HistogramRow {
  id: number;
  perOctave: number;
  /** Bucket → count. */
  counts: Map<number, number>;
}

/** A line of `scopes`. */
export interface ScopeRow {
  /** The root; it may have ended. */
  pid: number;
  targets: number;
  /** Forks that found no memory: their processes are not in the scope. */
  untracked: number;
  members: number[];
}

/** The file `stats`. */
export interface ModuleTotals {
  enabled: boolean;
  targets: number;
  totalHits: number;
  totalDelayNs: number;
  totalMisses: number;
  totalCut: number;
  totalOutside: number;
  untracked: number;
}

function damaged(file: string, line: string): SbError {
  return new SbError("kernel.refused", `Cannot read "${file}" of the kernel module: the line "${line}"`, {
    hint: "Load the module that belongs to this sb: sudo sb module build && sudo sb module load",
    data: { file, line },
  });
}

/** Undoes `%XX`; a byte sequence that is not UTF-8 becomes U+FFFD. */
export function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  const bytes: number[] = [];
  for (const part of text.split(/(%[0-9A-Fa-f]{2})/)) {
    if (/^%[0-9A-Fa-f]{2}$/.test(part)) bytes.push(parseInt(part.slice(1), 16));
    else bytes.push(...encoder.encode(part));
  }
  return decoder.decode(Uint8Array.from(bytes));
}
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `KEY=VALUE` words by key. */
class Fields {
  readonly #values: ReadonlyMap<string, string>;
  readonly #refuse: () => SbError;

  constructor(words: readonly string[], refuse: () => SbError) {
    this.#refuse = refuse;
    this.#values = new Map(words.map((word) => {
      const equals = word.indexOf("=");
      if (equals <= 0) throw refuse();
      return [word.slice(0, equals), word.slice(equals + 1)];
    }));
  }

  text(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  optional(key: string): number | null {
    const text = this.text(key);
    if (text === null) return null;
    if (!/^\d+$/.test(text)) throw this.#refuse();
    return toNumber(BigInt(text));
  }

  /** @param absent what the field is when it is left out; without it the field must be there */
  number(key: string, absent?: number): number {
    const value = this.optional(key) ?? absent;
    if (value === undefined) throw this.#refuse();
    return value;
  }
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function parseTarget(line: string): TargetRow {
  const refuse = () => damaged("targets_list", line);
  const [target, ...words] = line.split(" ");
  const colon = target.lastIndexOf(":");
  if (colon <= 0) throw refuse();
  const fields = new Fields(words, refuse);
  const owner = fields.optional("owner");
  const on = fields.optional("on");
  return {
    path: percentDecode(target.slice(0, colon)),
    symbol: percentDecode(target.slice(colon + 1)),
    delayNs: fields.number("delay_ns"),
    hits: fields.number("hits"),
    pid: fields.optional("pid"),
    id: fields.number("id"),
    tag: fields.text("tag"),
    owner,
    isOn: owner === null ? null : on !== 0,
    at: fields.text("at") === "return" ? "return" : "entry",
    how: fields.text("how") === "sleep" ? "sleep" : "spin",
    offset: fields.text("offset"),
    sites: fields.number("sites", 1),
    every: fields.number("every", 1),
    times: fields.optional("times"),
    probabilityPpm: fields.number("probability", 1_000_000),
    startNs: fields.number("start", 0),
    durationNs: fields.optional("duration"),
    dist: fields.text("dist"),
    floorsNs: (fields.text("floor") ?? "").split(",").filter((text) => text !== "").map(Number),
    compensate: fields.number("compensate", 1) !== 0,
    histogram: fields.number("histogram", 0),
    delayed: fields.number("delayed"),
    cut: fields.number("cut"),
    clipped: fields.number("clipped"),
    misses: fields.number("misses"),
    outside: fields.number("outside"),
    addedNs: fields.number("added_ns"),
    overheadNs: fields.number("overhead_ns"),
    minNs: fields.optional("min_ns"),
    maxNs: fields.optional("max_ns"),
    isStale: fields.number("stale", 0) !== 0,
  };
}

/** The rows of `targets_list`. @throws SbError `kernel.refused` when a line is not of this interface */
export function parseTargets(text: string): TargetRow[] {
  return lines(text).map(parseTarget);
}

/** The rows of `histograms`. @throws SbError `kernel.refused` */
export function parseHistograms(text: string): HistogramRow[] {
  return lines(text).map((line) => {
    const refuse = () => damaged("histograms", line);
    const words = line.split(" ");
    const fields = new Fields(words.filter((word) => word.includes("=")), refuse);
    const counts = words.filter((word) => !word.includes("=")).map((word): [number, number] => {
      const match = /^(\d+):(\d+)$/.exec(word);
      if (!match) throw refuse();
      return [Number(match[1]), toNumber(BigInt(match[2]))];
    });
    return { id: fields.number("id"), perOctave: fields.number("per_octave"), counts: new Map(counts) };
  });
}

/** The rows of `scopes`. @throws SbError `kernel.refused` */
export function parseScopes(text: string): ScopeRow[] {
  return lines(text).map((line) => {
    const fields = new Fields(line.split(" "), () => damaged("scopes", line));
    const members = (fields.text("members") ?? "").split(",").filter((pid) => pid !== "").map(Number);
    return {
      pid: fields.number("pid"),
      targets: fields.number("targets"),
      untracked: fields.number("untracked"),
      members,
    };
  });
}

/** The totals of `stats`. @throws SbError `kernel.refused` */
export function parseTotals(text: string): ModuleTotals {
  const words = lines(text).map((line) => line.replace(": ", "="));
  const fields = new Fields(words, () => damaged("stats", text));
  return {
    enabled: fields.number("enabled") !== 0,
    targets: fields.number("targets"),
    totalHits: fields.number("total_hits"),
    totalDelayNs: fields.number("total_delay_ns"),
    totalMisses: fields.number("total_misses"),
    totalCut: fields.number("total_cut"),
    totalOutside: fields.number("total_outside"),
    untracked: fields.number("untracked"),
  };
}
