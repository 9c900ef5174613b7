/** Durations and sizes as people write them, and as sb prints them. Pure. */
import { SbError } from "./errors.ts";

/** The longest delay of a hit: 10 s, in nanoseconds (`product.md`). */
export const MAX_DELAY_NS = 10_000_000_000;

/** The longest schedule time: 30 days, in nanoseconds. */
export const MAX_SCHEDULE_NS = 30 * 86_400 * 1_000_000_000;

const UNIT_NS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  "µs": 1_000n, // U+00B5 MICRO SIGN
  "μs": 1_000n, // U+03BC GREEK SMALL LETTER MU
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/** What {@linkcode parseTime} accepts and how it names the value in its errors. */
export interface TimeGrammar {
  /** What is being read, as the error names it: "delay", "start". */
  what: string;
  /** The greatest value accepted, in nanoseconds. */
  maxNs: number;
  /** Whether `m`, `h` and `d` are accepted. */
  longUnits?: boolean;
}

/**
 * Reads a time: `800ns`, `5us`, `1.5ms`, `2s`; a bare integer is nanoseconds.
 *
 * @param text the time as the user wrote it
 * @returns whole nanoseconds, 0 to `grammar.maxNs`
 * @throws SbError `usage.time` when the text is no time, is not a whole number of nanoseconds or is out of range
 */
export function parseTime(text: string, grammar: TimeGrammar): number {
  const units = grammar.longUnits ? "ns, us, ms, s, m, h, d" : "ns, us, ms, s";
  const refuse = (seen: string, hint: string) => {
    throw new SbError("usage.time", `Cannot read the ${grammar.what} "${text}": ${seen}`, { hint });
  };
  const match = /^(\d+)(?:\.(\d+))?([a-zµμ]*)$/u.exec(text);
  if (!match) {
    if (/^-/.test(text)) refuse("it is negative", `Write a time from 0 to ${formatTime(grammar.maxNs)}`);
    return refuse(
      "it is not a number with a unit",
      `Write a number and one of ${units}, for example 5us`,
    ) as never;
  }
  const [, whole, fraction = "", unitText] = match;
  const unit = unitText === "" ? (fraction === "" ? 1n : undefined) : UNIT_NS[unitText];
  if (unit === undefined || (!grammar.longUnits && unit > 1_000_000_000n)) {
    const seen = unitText === "" ? "a fraction needs a unit" : `"${unitText}" is not a unit`;
    return refuse(seen, `Use one of ${units}`) as never;
  }
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * unit;
  if (scaled % scale !== 0n) {
    refuse("it is not a whole number of nanoseconds", "Write an exact number of nanoseconds");
  }
  const ns = scaled / scale;
  if (ns > BigInt(grammar.maxNs)) {
    refuse(
      `it is more than ${formatTime(grammar.maxNs)}`,
      `Write a time from 0 to ${formatTime(grammar.maxNs)}`,
    );
  }
  return Number(ns);
}

/** Reads the delay of a hit, 0 to 10 s, in nanoseconds. @throws SbError `usage.time` */
export function parseDelayTime(text: string): number {
  return parseTime(text, { what: "delay", maxNs: MAX_DELAY_NS });
}

/**
 * The shortest exact form of a time in the grammar of {@linkcode parseTime}.
 *
 * @param ns whole nanoseconds, not negative
 */
export function formatTime(ns: number): string {
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["us", 1e3]] as const) {
    if (ns >= size && (ns * 1000) % size === 0) return `${ns / size}${unit}`;
  }
  return `${ns}ns`;
}

/** A time for people: three significant digits and a unit. @param ns nanoseconds */
export function humanTime(ns: number): string {
  const size = Math.abs(ns);
  for (const [unit, scale] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]] as const) {
    if (size >= scale * 0.9995) return `${Number((ns / scale).toPrecision(3))} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}

/** A u64 from the kernel as a JSON number, saturating at 2^53 − 1 (`cli.md`). */
export function toNumber(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** An address or 64-bit id as the string form of the JSON output. */
export function toHex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** A number that JSON readers keep exact: saturating at 2^53 − 1. */
export function exact(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** The same; null stays null. */
export function exactOrNull(value: number | null): number | null {
  return value === null ? null : exact(value);
}
