/** Probes and changes as a caller of the library asks for them, checked, and as the layers below take them. */
import { parseDelayTime, SbError } from "../core/mod.ts";
import {
  DEFAULT_SETTINGS,
  type Delay,
  formatDelay,
  parseChange,
  parseDelay,
  parseSetting,
  type ProbeChange,
  type ProbeRequest,
  type ProbeSpec,
  SCHEDULE_KEYS,
  type ScheduleSettings,
  specOf,
} from "../probe/mod.ts";
import type { RunAsked, RunRequest } from "./model.ts";
import type { ChangeAsked, DelayAsked, PlaceAsked, ProbeAsked, ScheduleAsked } from "./probing.ts";
import { checkProperties, checkWord, type Properties } from "./properties.ts";

const CHANGE: Properties = {
  delay: ["string"],
  delayNs: ["number"],
  spec: ["string", "object"],
  every: ["number"],
  probability: ["number"],
  times: ["number", "null"],
  start: ["string"],
  startNs: ["number"],
  duration: ["string", "null"],
  durationNs: ["number", "null"],
  how: ["string"],
  compensate: ["boolean"],
};
const PLACE: Properties = { target: ["string"], at: ["string"], ...CHANGE };
const PROBE: Properties = {
  ...PLACE,
  scope: ["object"],
  pid: ["number"],
  isolation: ["string"],
  trampoline: ["boolean"],
};
const RUN: Properties = {
  command: ["list"],
  probes: ["list"],
  backend: ["string"],
  isolation: ["string"],
  trampoline: ["boolean"],
  user: ["string", "null"],
  fromOwnArguments: ["boolean"],
};
const DELAYS = ["delay", "delayNs", "spec"] as const;

/** Which of several properties are given. */
function given<K extends string>(asked: Partial<Record<K, unknown>>, names: readonly K[]): K[] {
  return names.filter((name) => asked[name] !== undefined);
}

function requireOne(asked: object, names: readonly string[], what: string): void {
  const found = given(asked as Record<string, unknown>, names);
  if (found.length < 2) return;
  throw new SbError(
    "usage.option",
    `Cannot use ${what}: ${found.join(" and ")} are ${found.length === 2 ? "both" : "all"} given, give one`,
  );
}

function wholeNs(ns: number, name: string): string {
  if (Number.isInteger(ns)) return String(ns);
  throw new SbError("usage.time", `Cannot use ${name}: ${ns} is not a whole number of nanoseconds`);
}

/** The settings that are named. */
function namedSettings(asked: ScheduleAsked, what: string): Partial<ScheduleSettings> {
  requireOne(asked, ["start", "startNs"], what);
  requireOne(asked, ["duration", "durationNs"], what);
  const { startNs, durationNs } = asked;
  const settings: Partial<ScheduleSettings> = {};
  for (const key of SCHEDULE_KEYS) {
    const value = asked[key];
    if (value === undefined) continue;
    if (value === null) Object.assign(settings, key === "times" ? { times: null } : { durationNs: null });
    else if (typeof value === "boolean") settings.compensate = value;
    else Object.assign(settings, parseSetting(key, String(value)));
  }
  if (startNs !== undefined) Object.assign(settings, parseSetting("start", wholeNs(startNs, "startNs")));
  if (durationNs === null) settings.durationNs = null;
  else if (durationNs !== undefined) {
    Object.assign(settings, parseSetting("duration", wholeNs(durationNs, "durationNs")));
  }
  return settings;
}

/** The delay that is named, and the settings that a specification names beside it; nothing when none is. */
function namedDelay(asked: DelayAsked, what: string): ReturnType<typeof parseChange> | undefined {
  requireOne(asked, DELAYS, what);
  const { delay, delayNs, spec } = asked;
  if (typeof spec === "string") return parseChange(spec);
  if (spec !== undefined) {
    const { schedule, how, compensate } = spec;
    return { delayText: spec.delayText, delay: spec.delay, settings: { ...schedule, how, compensate } };
  }
  if (delayNs !== undefined) {
    const fixed = fixedDelay(delayNs);
    return { delayText: formatDelay(fixed), delay: fixed, settings: {} };
  }
  if (delay?.includes(",")) {
    throw new SbError("usage.delay", `Cannot read the delay "${delay}": it is a whole specification`, {
      hint: `Write spec: "${delay}"`,
    });
  }
  return delay === undefined ? undefined : { delayText: delay, delay: parseDelay(delay), settings: {} };
}

/** A fixed delay. @param delayNs 0 to 10^10, whole @throws SbError `usage.time` */
export function fixedDelay(delayNs: number): Delay & { kind: "fixed" } {
  return { kind: "fixed", ns: parseDelayTime(wholeNs(delayNs, "delayNs")) };
}

function readSpec(asked: PlaceAsked, what: string): ProbeSpec {
  const named = namedDelay(asked, what);
  if (!named) {
    throw new SbError("usage.delay", `Cannot use ${what}: it has no delay`, {
      hint: 'Add delay: "5us"; "0" counts only',
    });
  }
  return specOf(named.delayText, named.delay, {
    ...DEFAULT_SETTINGS,
    ...namedSettings(asked, what),
    ...named.settings,
  });
}

/** The target with its side. */
function readTarget({ target, at }: PlaceAsked, what: string): string {
  const isReturn = target.endsWith("%return");
  if (at === "entry" && isReturn) {
    throw new SbError("usage.option", `Cannot use ${what}: at is "entry", and the target says %return`, {
      hint: "Leave one of both out",
    });
  }
  return at === "return" && !isReturn ? `${target}%return` : target;
}

function readRequest(asked: PlaceAsked, properties: Properties): ProbeRequest {
  checkProperties(asked, properties, "the probe");
  if (asked.target === undefined) {
    throw new SbError("usage.target", "Cannot use the probe: it has no target", {
      hint: 'Add target: "FILE:FUNCTION", for example "libc.so.6:malloc"',
    });
  }
  const what = `the probe of "${asked.target}"`;
  checkWord(asked.at, ["entry", "return"], { name: "at", what });
  return { target: readTarget(asked, what), spec: readSpec(asked, what) };
}

/** What a place for a command asks for. @throws SbError `usage.*` */
export function requestOfPlace(asked: PlaceAsked): ProbeRequest {
  return readRequest(asked, PLACE);
}

/** What a probe asks for, but for its scope. @throws SbError `usage.*` */
export function requestOfProbe(asked: ProbeAsked): ProbeRequest {
  const request = readRequest(asked, PROBE);
  checkWord(asked.isolation, ["auto", "per-process", "shared"], {
    name: "isolation",
    what: `the probe of "${asked.target}"`,
  });
  return request;
}

/** What a change asks for. @throws SbError `usage.*`, also when it names nothing */
export function changeOf(asked: ChangeAsked): ProbeChange {
  const what = "the change";
  checkProperties(asked, CHANGE, what);
  if (given(asked as Record<string, unknown>, Object.keys(CHANGE)).length === 0) {
    throw new SbError("usage.option", "Cannot use the change: it names nothing", {
      hint: 'Name what changes: update({ delay: "10us" })',
    });
  }
  const { settings, ...delay } = namedDelay(asked, what) ?? { settings: {} };
  return { ...delay, settings: { ...namedSettings(asked, what), ...settings } };
}

/** What a run asks for, its defaults filled in. @throws SbError `usage.*` */
export function requestOfRun(asked: RunAsked): RunRequest {
  const what = "the run";
  checkProperties(asked, RUN, what);
  const { command = [], probes = [], backend = "auto", isolation = "auto", user = null, ...rest } = asked;
  checkWord(backend, ["auto", "ebpf", "kmod"], { name: "backend", what });
  checkWord(isolation, ["auto", "private-file", "per-process", "shared"], { name: "isolation", what });
  if (command.length === 0 || !command.every((word) => typeof word === "string")) {
    throw new SbError("usage.option", `Cannot use ${what}: its command is not a list of at least one word`, {
      hint: 'Write command: ["PROGRAM", "ARGUMENT"]',
    });
  }
  return {
    ...rest,
    command,
    probes: probes.map(requestOfPlace),
    backend,
    isolation,
    trampoline: asked.trampoline === true,
    user,
  };
}
