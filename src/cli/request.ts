/** From a command line that was read to what the session is asked for. */
import {
  type AttachRequest,
  isScheduleKey,
  MAX_SCHEDULE_NS,
  parseSetting,
  parseSpec,
  type ProbeRequest,
  type RunRequest,
  SbError,
  type ScheduleSettings,
  type SessionRequest,
  splitSlow,
} from "../../mod.ts";
import { type Config, parseConfig } from "../config/mod.ts";
import { parseTime } from "../core/mod.ts";
import { hasOption, type Invocation, optionValue } from "./parse.ts";
import { readTextFile } from "./text_file.ts";

/** The shortest `--interval`: 10 ms; below it the reports would be the load. */
export const LEAST_INTERVAL_NS = 10_000_000;

/** The request of `sb run`. @throws SbError `usage.*`, `file.*` for a configuration file that cannot be read */
export function runRequest(invocation: Invocation): RunRequest {
  return {
    ...sessionRequest(invocation),
    command: invocation.operands,
    fromOwnArguments: true,
    user: optionValue(invocation, "user") ?? null,
  };
}

/** The request of `sb attach`. @throws SbError `usage.*`, `file.*` */
export function attachRequest(invocation: Invocation): AttachRequest {
  const pidText = optionValue(invocation, "pid");
  const name = optionValue(invocation, "name") ?? null;
  if (pidText === undefined && name === null) {
    throw new SbError("usage.option", 'Cannot start "sb attach": --pid PID or --name COMM is missing');
  }
  if (pidText !== undefined && name !== null) {
    throw new SbError("usage.option", 'Cannot start "sb attach": --pid and --name are both given, give one');
  }
  return {
    ...sessionRequest(invocation),
    pid: pidText === undefined ? null : readPid(pidText),
    name,
    forNs: readTime(invocation, { option: "for", leastNs: 1 }),
    intervalNs: readTime(invocation, { option: "interval", leastNs: LEAST_INTERVAL_NS }),
  };
}

/** A process id as an option has it. @throws SbError `usage.option` */
export function readPid(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) > 0) return Number(text);
  throw new SbError("usage.option", `Cannot read "--pid=${text}": it is not a process id`);
}

/** The time that an option gives, in nanoseconds; null without it. @throws SbError `usage.time` */
export function readTime(invocation: Invocation, what: { option: string; leastNs: number }): number | null {
  const text = optionValue(invocation, what.option);
  if (text === undefined) return null;
  const ns = parseTime(text, { what: `--${what.option}`, maxNs: MAX_SCHEDULE_NS, longUnits: true });
  if (ns >= what.leastNs) return ns;
  throw new SbError("usage.time", `Cannot read the --${what.option} "${text}": it is too short`, {
    hint: what.leastNs === 1 ? "Write a time above 0" : "Write 10ms or more",
  });
}

function sessionRequest(invocation: Invocation): SessionRequest {
  const defaults = scheduleDefaults(invocation);
  const path = optionValue(invocation, "file");
  const config: Config = path === undefined
    ? { probes: [] }
    : parseConfig(readTextFile(path), { path, defaults });
  const probes = [...config.probes, ...readSlow(invocation, defaults)];
  if (probes.length === 0) {
    const where = path === undefined ? "no --slow and no -f were given" : `"${path}" has no [[probe]]`;
    throw new SbError(
      "usage.option",
      `Cannot start "sb ${invocation.command!.name}": nothing to slow, ${where}`,
      {
        hint: "Add --slow TARGET=DELAY, for example --slow libc:malloc=5us",
      },
    );
  }
  // The parser has checked the words against the table's choices.
  const backend = optionValue(invocation, "backend") as SessionRequest["backend"] | undefined;
  const isolation = optionValue(invocation, "isolation") as SessionRequest["isolation"] | undefined;
  return {
    probes,
    backend: backend ?? config.backend ?? "auto",
    isolation: isolation ?? config.isolation ?? "auto",
    trampoline: hasOption(invocation, "return") || config.trampoline === true,
  };
}

function readSlow(invocation: Invocation, defaults: Partial<ScheduleSettings>): ProbeRequest[] {
  return (invocation.options.get("slow") ?? []).map((text) => {
    const { target, spec } = splitSlow(text);
    return { target, spec: parseSpec(spec ?? "0", defaults) };
  });
}

function scheduleDefaults(invocation: Invocation): Partial<ScheduleSettings> {
  const defaults: Partial<ScheduleSettings> = {};
  for (const [long, values] of invocation.options) {
    if (isScheduleKey(long)) Object.assign(defaults, parseSetting(long, values.at(-1)!));
    if (long === "no-compensate") defaults.compensate = false;
  }
  return defaults;
}
