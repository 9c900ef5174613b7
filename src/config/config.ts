/** The configuration file: TOML to the typed plan of a run, with errors that name key and line. Pure. */
import { nearestNames, SbError } from "../core/mod.ts";
import {
  DEFAULT_SETTINGS,
  parseDelay,
  parseSetting,
  type ProbeRequest,
  type ScheduleKey,
  type ScheduleSettings,
  specOf,
} from "../probe/mod.ts";
import { parse as parseToml } from "@std/toml";
import { findKeyLines, type KeyLines, keyPath } from "./lines.ts";

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

type Kind = "string" | "whole number" | "number" | "boolean" | "array of tables";

const TOP_KEYS: Readonly<Record<string, readonly Kind[]>> = {
  version: ["whole number"],
  backend: ["string"],
  isolation: ["string"],
  return: ["string"],
  probe: ["array of tables"],
};

const PROBE_KEYS: Readonly<Record<"target" | "delay" | ScheduleKey, readonly Kind[]>> = {
  target: ["string"],
  delay: ["string", "whole number"],
  every: ["whole number"],
  probability: ["number"],
  times: ["whole number"],
  start: ["string", "whole number"],
  duration: ["string", "whole number"],
  how: ["string"],
  compensate: ["boolean"],
};

/**
 * Reads a configuration file.
 *
 * @throws SbError `usage.config`: malformed TOML, an unknown key (with the nearest), a wrong type or value
 */
export function parseConfig(text: string, source: ConfigSource): Config {
  const reader = new ConfigReader(text, source);
  const top = reader.table("", reader.parse(), TOP_KEYS);
  if (top.version === undefined) {
    reader.refuse("version", "it is missing", { line: 1, hint: "Begin the file with: version = 1" });
  }
  if (top.version !== 1) {
    reader.refuse("version", `${top.version} is not a known version`, { hint: "Write version = 1" });
  }
  const config: Config = { probes: [] };
  if (top.backend !== undefined) config.backend = reader.word("backend", top.backend as string, BACKENDS);
  if (top.isolation !== undefined) {
    config.isolation = reader.word("isolation", top.isolation as string, ISOLATIONS);
  }
  if (top.return !== undefined) {
    config.trampoline = reader.word("return", top.return as string, ["trampoline"]) === "trampoline";
  }
  for (const [index, table] of ((top.probe ?? []) as unknown[]).entries()) {
    config.probes.push(reader.probe(`probe[${index}]`, table));
  }
  return config;
}

class ConfigReader {
  readonly #text: string;
  readonly #source: ConfigSource;
  #lines: KeyLines | undefined;

  constructor(text: string, source: ConfigSource) {
    this.#text = text;
    this.#source = source;
  }

  /** Throws the error of a key. The line is looked up unless it is given. */
  refuse(path: string, seen: string, options: { hint?: string; line?: number } = {}): never {
    this.#lines ??= findKeyLines(this.#text);
    const line = options.line ?? this.#lines.get(path) ?? this.#lines.get(path.replace(/\.[^.]*$/, "")) ?? 1;
    throw new SbError(
      "usage.config",
      `Cannot read "${path}" in "${this.#source.path}", line ${line}: ${seen}`,
      {
        ...(options.hint === undefined ? {} : { hint: options.hint }),
        data: { path: this.#source.path, key: path, line },
      },
    );
  }

  parse(): Record<string, unknown> {
    try {
      return parseToml(this.#text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const { line, seen } = syntaxFailure(error);
      const where = line === null ? "" : `, line ${line}`;
      throw new SbError("usage.config", `Cannot read "${this.#source.path}"${where}: ${seen}`, {
        hint: "Write TOML: key = value, strings in quotes, [[probe]] above each probe",
        data: { path: this.#source.path, line },
        cause: error,
      });
    }
  }

  /** The table itself, once each key is known and of its kind. */
  table(
    path: string,
    value: Record<string, unknown>,
    keys: Readonly<Record<string, readonly Kind[]>>,
  ): Record<string, unknown> {
    for (const [key, item] of Object.entries(value)) {
      const at = keyPath(path, key);
      if (!Object.hasOwn(keys, key)) {
        const [nearest] = nearestNames(key, Object.keys(keys), 1);
        const misplaced = path === ""
          ? Object.hasOwn(PROBE_KEYS, key) && "Write it below a [[probe]] line"
          : key === "return"
          ? "Write %return at the end of the target"
          : Object.hasOwn(TOP_KEYS, key) && "Write it above the first [[probe]] line";
        this.refuse(at, "there is no such key", {
          hint: misplaced ||
            (nearest ? `Did you mean ${nearest}?` : `Use one of ${Object.keys(keys).join(", ")}`),
        });
      }
      if (!keys[key].some((kind) => isKind(item, kind))) {
        this.refuse(at, `it is ${describe(item)}, not ${keys[key].map(withArticle).join(" or ")}`, {
          ...(key === "probe" ? { hint: "Write [[probe]], in two pairs of brackets" } : {}),
        });
      }
    }
    return value;
  }

  word<const T extends string>(path: string, value: string, words: readonly T[]): T {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    const [nearest] = nearestNames(value, words, 1);
    return this.refuse(path, `"${value}" is not one of ${words.join(", ")}`, {
      ...(nearest ? { hint: `Did you mean "${nearest}"?` } : {}),
    });
  }

  probe(path: string, value: unknown): ProbeRequest {
    const table = this.table(path, value as Record<string, unknown>, PROBE_KEYS);
    const target = table.target as string | undefined;
    if (target === undefined || target === "") {
      this.refuse(keyPath(path, "target"), target === "" ? "it is empty" : "it is missing", {
        hint: 'Write target = "FILE:FUNCTION"',
      });
    }
    const settings: ScheduleSettings = { ...DEFAULT_SETTINGS, ...this.#source.defaults };
    const delayText = String(table.delay ?? "0");
    const delay = this.#within(keyPath(path, "delay"), () => parseDelay(delayText));
    for (const [key, item] of Object.entries(table)) {
      if (key === "target" || key === "delay") continue;
      const text = typeof item === "boolean" ? (item ? "yes" : "no") : String(item);
      Object.assign(settings, this.#within(keyPath(path, key), () => parseSetting(key, text)));
    }
    return { target, spec: specOf(delayText, delay, settings) };
  }

  /** Puts key and line in front of what is wrong with a value. */
  #within<T>(path: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SbError)) throw error;
      const seen = error.message.replace(/^Cannot read [^"]*("[^"]*": )/, "$1");
      return this.refuse(path, seen, error.hint === undefined ? {} : { hint: error.hint });
    }
  }
}

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number" || typeof value === "bigint";
    case "whole number":
      return typeof value === "bigint" || Number.isInteger(value);
    case "array of tables":
      return Array.isArray(value) && value.every(isTable);
  }
}

function withArticle(kind: Kind): string {
  return `${kind.startsWith("a") ? "an" : "a"} ${kind}`;
}

function isTable(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (value instanceof Date) return "a date";
  if (isTable(value)) return "a table";
  if (typeof value === "bigint") return "a whole number";
  if (typeof value === "number") {
    return Number.isInteger(value) ? "a whole number" : "a number with a fraction";
  }
  return `a ${typeof value}`;
}

/** The line and the reason in a TOML parser's error; std/toml writes "Parse error on line N, column N: …". */
function syntaxFailure(error: SyntaxError): { line: number | null; seen: string } {
  const written = /\bline (\d+)/i.exec(error.message)?.[1];
  const carried = (error.cause as { line?: unknown } | undefined)?.line;
  const line = written !== undefined ? Number(written) : typeof carried === "number" ? carried : null;
  const seen = error.message.split("\n", 1)[0].replace(
    /^(Parse error on line \d+, column \d+|[^:]*TOML[^:]*): /i,
    "",
  );
  return { line, seen: seen || "it is not TOML" };
}
