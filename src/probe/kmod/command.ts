/** Lines for the module's file `targets`, made of plans. Pure. */
import { MAX_SCHEDULE_NS, SbError } from "../../core/mod.ts";
import type { Site } from "../../symbols/mod.ts";
import type { Delay, ProbePlan, ProbeSpec } from "../model.ts";
import { DEFAULT_SETTINGS, type ScheduleSettings } from "../schedule.ts";

/** The longest write, in bytes, newline included. */
const MAX_LINE_BYTES = 4095;
const MAX_SYMBOL_BYTES = 1023;
const MILLION = 1_000_000;
/** `times` without a limit: the greatest that the module takes. */
const FOREVER = (1n << 63n) - 1n;
const SETTINGS = ["how", "every", "times", "probability", "startNs", "durationNs", "compensate"] as const;

/** What an add names beside the plan. */
export interface AddOptions {
  /** An absolute path without space and control bytes: `/proc/self/fd/N` stands for any file. */
  path: string;
  /** Root of the scope, in sb's pid namespace; without one every process. */
  pid?: number;
  /** The target goes when this process ends. */
  owner?: number;
  /** Unique: letters, digits, `.`, `_`, `-`, at most 64. */
  tag?: string;
  /** Floors of the sites in nanoseconds, one for all or one each; none when unknown. */
  floorsNs: readonly number[];
  /** Buckets an octave; 0 keeps no histogram. */
  histogram: 0 | 2 | 16;
}

const encoder = new TextEncoder();

/** The label of a plan in the module's list: bytes that could end it, and `%` and `:`, as `%XX`. */
function label({ symbol, at }: ProbePlan): string {
  const bytes = encoder.encode(at === "return" ? `${symbol}%return` : symbol).subarray(0, MAX_SYMBOL_BYTES);
  let text = "";
  for (const byte of bytes) {
    const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x25 && byte !== 0x3a;
    text += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

function siteText({ fileOffset, condition }: Pick<Site, "fileOffset" | "condition">): string {
  const offset = `0x${fileOffset.toString(16)}`;
  if (!condition) return offset;
  return `${offset}?${condition.mask.toString(16)}=${condition.when === "set" ? 1 : 0}`;
}

/** The module counts probabilities in millionths. @throws SbError `usage.delay` for one that is not a whole number of them */
export function probabilityPpm(probability: number): number {
  const ppm = Math.round(probability * MILLION);
  if (ppm / MILLION === probability) return ppm;
  throw new SbError(
    "usage.delay",
    `Cannot use probability=${probability}: the kernel module has probabilities in millionths`,
    { hint: `Use probability=${ppm / MILLION}, or --backend=ebpf` },
  );
}

function distOption(delay: Delay): string[] {
  switch (delay.kind) {
    case "fixed":
      return [];
    case "uniform":
      return [`dist=uniform:${delay.lowNs}:${delay.highNs}`];
    case "normal":
      return [`dist=normal:${delay.meanNs}:${delay.deviationNs}`];
    case "exp":
      return [`dist=exp:${delay.meanNs}`];
  }
}

const OPTIONS: { readonly [K in keyof ScheduleSettings]: (value: ScheduleSettings[K]) => string } = {
  every: (value) => `every=${value}`,
  probability: (value) => `probability=${probabilityPpm(value)}`,
  times: (value) => `times=${value ?? FOREVER}`,
  startNs: (value) => `start=${value}`,
  durationNs: (value) => `duration=${value ?? MAX_SCHEDULE_NS}`,
  how: (value) => `how=${value}`,
  compensate: (value) => `compensate=${value ? 1 : 0}`,
};

/** `DELAY OPTION…`, with the settings that are named. @throws SbError `usage.delay` */
function delayWords(delay: Delay, settings: Partial<ScheduleSettings>): string[] {
  const option = <K extends keyof ScheduleSettings>(key: K) => {
    const value = settings[key];
    return value === undefined ? [] : [OPTIONS[key](value as ScheduleSettings[K])];
  };
  return [
    delay.kind === "fixed" ? String(delay.ns) : "0",
    ...distOption(delay),
    ...SETTINGS.flatMap((key) => option(key)),
  ];
}

/** What a specification sets that is not the default anyway. */
function ownSettings({ schedule, how, compensate }: ProbeSpec): Partial<ScheduleSettings> {
  const all: ScheduleSettings = { ...schedule, how, compensate };
  return Object.fromEntries(
    SETTINGS.filter((key) => all[key] !== DEFAULT_SETTINGS[key]).map((key) => [key, all[key]]),
  );
}

/**
 * The command that adds a plan's target, at the sites that sb resolved.
 *
 * @throws SbError `usage.delay` for a probability that is no whole number of millionths, `probe.too_many` for a
 *   function with more sites than one command holds
 */
export function addCommand(plan: ProbePlan, options: AddOptions): string {
  const isReturn = plan.attach === "trampoline";
  const sites = isReturn ? [{ fileOffset: plan.functionOffset }] : plan.sites;
  const words = [
    `+${options.path}:${label(plan)}`,
    ...delayWords(plan.spec.delay, ownSettings(plan.spec)),
    `offset=${sites.map(siteText).join(",")}`,
  ];
  if (isReturn) words.push("at=return");
  if (options.pid !== undefined) words.push(`pid=${options.pid}`);
  if (options.owner !== undefined) words.push(`owner=${options.owner}`);
  if (options.tag !== undefined) words.push(`tag=${options.tag}`);
  if (options.floorsNs.length > 0) words.push(`floor=${options.floorsNs.join(",")}`);
  if (options.histogram !== 0) words.push(`histogram=${options.histogram}`);
  const command = words.join(" ");
  if (encoder.encode(command).length <= MAX_LINE_BYTES) return command;
  throw new SbError(
    "probe.too_many",
    `Cannot slow "${plan.target}" with the kernel module: its ${sites.length} sites do not fit one command of ${MAX_LINE_BYTES} bytes`,
    { hint: "Use --backend=ebpf, or a uretprobe: --return=trampoline", data: { sites: sites.length } },
  );
}

/** Which targets a removal or an update means. */
export type Selector = { id: number } | { tag: string };

function selectorText(selector: Selector): string {
  return "id" in selector ? `#${selector.id}` : `@${selector.tag}`;
}

/** The command that removes targets: one, all of an owner, or all without an owner. */
export function removeCommand(selector: Selector | { owner: number } | "unowned"): string {
  if (selector === "unowned") return "-*";
  return "owner" in selector ? `-* owner=${selector.owner}` : `-${selectorText(selector)}`;
}

/** What an update names beside the delay. */
export interface UpdateOptions {
  settings?: Partial<ScheduleSettings>;
  floorsNs?: readonly number[];
  /** A new root of the scope; 0 is every process. */
  pid?: number;
  /** An owned target's own switch. */
  isOn?: boolean;
}

/**
 * The command that gives a target a delay and what else is named; it keeps everything else. Naming a counter or the window
 * restarts it.
 *
 * @throws SbError `usage.delay`
 */
export function updateCommand(selector: Selector, delay: Delay, options: UpdateOptions = {}): string {
  const words = [`=${selectorText(selector)}`, ...delayWords(delay, options.settings ?? {})];
  if (options.pid !== undefined) words.push(`pid=${options.pid}`);
  if (options.isOn !== undefined) words.push(`on=${options.isOn ? 1 : 0}`);
  if (options.floorsNs && options.floorsNs.length > 0) words.push(`floor=${options.floorsNs.join(",")}`);
  return words.join(" ");
}

/** The command that makes all of an owner's targets live, or not. */
export function switchCommand(on: boolean, owner: number): string {
  return `=* on=${on ? 1 : 0} owner=${owner}`;
}
