/** The configuration file: TOML to the typed plan of a run, with errors that name key and line. Pure. */
import {
  DEFAULT_SETTINGS,
  parseDelay,
  parseSetting,
  type ProbeRequest,
  type ScheduleKey,
  type ScheduleSettings,
  specOf,
} from "../probe/mod.ts";
import { keyPath } from "./lines.ts";
import { type Keys, TomlReader } from "./reader.ts";

/** What carries probes out, as the user asks for it. */
export const BACKENDS = ["auto", "ebpf", "kmod"] as const;

/** How processes out of scope are kept free of the trap, as the user asks for it. */
export const ISOLATIONS = ["auto", "private-file", "per-process", "shared"] as const;

/** A configuration file, read. Options that it leaves out are undefined. */
export interface Config {
  backend?: typeof BACKENDS[number];
  isolation?: typeof ISOLATIONS[number];
  /** Whether uretprobes are accepted where return instructions cannot be decoded. */
  trampoline?: boolean;
  probes: ProbeRequest[];
}

/** Where a configuration comes from and what holds where it says nothing. */
export interface ConfigSource {
  /** The file's path, as errors name it. */
  path: string;
  /** Schedule settings of the command line, for probes that do not set them. */
  defaults?: Partial<ScheduleSettings>;
}

const TOP_KEYS: Keys = {
  version: ["whole number"],
  backend: ["string"],
  isolation: ["string"],
  return: ["string"],
  probe: ["array of tables"],
};

const PROBE_KEYS = {
  target: ["string"],
  delay: ["string", "whole number"],
  every: ["whole number"],
  probability: ["number"],
  times: ["whole number"],
  start: ["string", "whole number"],
  duration: ["string", "whole number"],
  how: ["string"],
  compensate: ["boolean"],
} as const satisfies Record<"target" | "delay" | ScheduleKey, Keys[string]>;

/**
 * Reads a configuration file.
 *
 * @throws SbError `usage.config`: malformed TOML, an unknown key (with the nearest), a wrong type or value
 */
export function parseConfig(text: string, source: ConfigSource): Config {
  const reader = new TomlReader(text, source.path);
  const top = reader.table("", reader.parse("[[probe]] above each probe"), TOP_KEYS, {
    unknown: (key) => Object.hasOwn(PROBE_KEYS, key) ? "Write it below a [[probe]] line" : undefined,
    kind: (key) => key === "probe" ? "Write [[probe]], in two pairs of brackets" : undefined,
  });
  reader.requireVersion(top.version);
  const config: Config = { probes: [] };
  if (top.backend !== undefined) config.backend = reader.word("backend", top.backend as string, BACKENDS);
  if (top.isolation !== undefined) {
    config.isolation = reader.word("isolation", top.isolation as string, ISOLATIONS);
  }
  if (top.return !== undefined) {
    config.trampoline = reader.word("return", top.return as string, ["trampoline"]) === "trampoline";
  }
  for (const [index, table] of ((top.probe ?? []) as unknown[]).entries()) {
    config.probes.push(readProbe(`probe[${index}]`, table, { reader, defaults: source.defaults ?? {} }));
  }
  return config;
}

function readProbe(
  path: string,
  value: unknown,
  { reader, defaults }: { reader: TomlReader; defaults: Partial<ScheduleSettings> },
): ProbeRequest {
  const table = reader.table(path, value, PROBE_KEYS, {
    unknown: (key) =>
      key === "return"
        ? "Write %return at the end of the target"
        : Object.hasOwn(TOP_KEYS, key)
        ? "Write it above the first [[probe]] line"
        : undefined,
  });
  const target = table.target as string | undefined;
  if (target === undefined || target === "") {
    return reader.refuse(keyPath(path, "target"), target === "" ? "it is empty" : "it is missing", {
      hint: 'Write target = "FILE:FUNCTION"',
    });
  }
  const settings: ScheduleSettings = { ...DEFAULT_SETTINGS, ...defaults };
  const delayText = String(table.delay ?? "0");
  const delay = reader.within(keyPath(path, "delay"), () => parseDelay(delayText));
  for (const [key, item] of Object.entries(table)) {
    if (key === "target" || key === "delay") continue;
    const text = typeof item === "boolean" ? (item ? "yes" : "no") : String(item);
    Object.assign(settings, reader.within(keyPath(path, key), () => parseSetting(key, text)));
  }
  return { target, spec: specOf(delayText, delay, settings) };
}
