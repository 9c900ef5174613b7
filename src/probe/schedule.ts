/** The schedule half of a delay specification: its KEY=VALUE pairs, their ranges and their defaults. Pure. */
import { formatTime, MAX_SCHEDULE_NS, nearestNames, parseTime, SbError } from "../core/mod.ts";
import type { How, Schedule } from "./model.ts";

/** The greatest count that `every` and `times` accept: 2^53, the last of the exact integers. */
export const MAX_COUNT = 2 ** 53;

/** What the keys of a specification set, flat; also the command's defaults for all probes. */
export interface ScheduleSettings extends Schedule {
  how: How;
  compensate: boolean;
}

/** What holds where neither the specification nor the command says otherwise. */
export const DEFAULT_SETTINGS: Readonly<ScheduleSettings> = {
  every: 1,
  probability: 1,
  times: null,
  startNs: 0,
  durationNs: null,
  how: "spin",
  compensate: true,
};

function readCount(text: string, options: { key: string; least: number }): number {
  const refuse = (seen: string) => {
    throw new SbError("usage.delay", `Cannot read ${options.key}="${text}": ${seen}`, {
      hint: `Write a whole number from ${options.least} to ${MAX_COUNT}`,
    });
  };
  if (!/^-?\d+$/.test(text)) refuse("it is not a whole number");
  const value = BigInt(text);
  if (value < BigInt(options.least)) refuse(`it is less than ${options.least}`);
  if (value > BigInt(MAX_COUNT)) refuse(`it is more than ${MAX_COUNT}`);
  return Number(value);
}

function readProbability(text: string): number {
  const refuse = (seen: string) => {
    throw new SbError("usage.delay", `Cannot read probability="${text}": ${seen}`, {
      hint: "Write a number from 0 to 1, for example probability=0.1",
    });
  };
  if (!/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) refuse("it is not a number");
  const value = Number(text);
  if (value < 0 || value > 1) refuse("it is not within 0 and 1");
  return value;
}

function readWord<const T extends string>(text: string, options: { key: string; words: readonly T[] }): T {
  const word = options.words.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  throw new SbError(
    "usage.delay",
    `Cannot read ${options.key}="${text}": it is not one of ${options.words.join(", ")}`,
    {
      hint: `Write ${options.words.map((candidate) => `${options.key}=${candidate}`).join(" or ")}`,
    },
  );
}

type Reader = (text: string) => Partial<ScheduleSettings>;

const READERS: Readonly<Record<ScheduleKey, Reader>> = {
  every: (text) => ({ every: readCount(text, { key: "every", least: 1 }) }),
  probability: (text) => ({ probability: readProbability(text) }),
  times: (text) => ({ times: readCount(text, { key: "times", least: 0 }) }),
  start: (text) => ({ startNs: readScheduleTime(text, "start") }),
  duration: (text) => ({ durationNs: readScheduleTime(text, "duration") }),
  how: (text) => ({ how: readWord(text, { key: "how", words: ["spin", "sleep"] }) }),
  compensate: (text) => ({
    compensate: readWord(text, { key: "compensate", words: ["yes", "no"] }) === "yes",
  }),
};

/** The keys of a specification, in the order in which they are written back. */
export const SCHEDULE_KEYS = [
  "every",
  "probability",
  "times",
  "start",
  "duration",
  "how",
  "compensate",
] as const;

/** A key of `DELAY{,KEY=VALUE}`. */
export type ScheduleKey = typeof SCHEDULE_KEYS[number];

function readScheduleTime(text: string, what: string): number {
  return parseTime(text, { what, maxNs: MAX_SCHEDULE_NS, longUnits: true });
}

/** Whether `key` is a key of a specification. */
export function isScheduleKey(key: string): key is ScheduleKey {
  return (SCHEDULE_KEYS as readonly string[]).includes(key);
}

/**
 * Reads the value of one key.
 *
 * @param key every (1 to 2^53), probability (0 to 1), times (0 to 2^53), start and duration (0 to 30 d),
 *   how (spin, sleep), compensate (yes, no)
 * @returns the one setting that the key sets
 * @throws SbError `usage.delay`, `usage.time` for start and duration
 */
export function parseSetting(key: string, value: string): Partial<ScheduleSettings> {
  if (isScheduleKey(key)) return READERS[key](value);
  const [nearest] = nearestNames(key, SCHEDULE_KEYS, 1);
  throw new SbError("usage.delay", `Cannot read the key "${key}": there is no such key`, {
    hint: nearest ? `Did you mean ${nearest}?` : `Use one of ${SCHEDULE_KEYS.join(", ")}`,
  });
}

/** The pairs that differ from the defaults, in the grammar of {@linkcode parseSetting}: `every=10`. */
export function formatSettings(settings: ScheduleSettings): string[] {
  const pairs: string[] = [];
  if (settings.every !== 1) pairs.push(`every=${settings.every}`);
  if (settings.probability !== 1) pairs.push(`probability=${settings.probability}`);
  if (settings.times !== null) pairs.push(`times=${settings.times}`);
  if (settings.startNs !== 0) pairs.push(`start=${formatTime(settings.startNs)}`);
  if (settings.durationNs !== null) pairs.push(`duration=${formatTime(settings.durationNs)}`);
  if (settings.how !== "spin") pairs.push(`how=${settings.how}`);
  if (!settings.compensate) pairs.push("compensate=no");
  return pairs;
}
