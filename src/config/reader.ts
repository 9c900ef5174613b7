/** Reads tables of a TOML text: every key known and of its kind, and errors that name key and line. */
import { nearestNames, SbError } from "../core/mod.ts";
import { parse as parseToml } from "@std/toml";
import { findKeyLines, type KeyLines, keyPath } from "./lines.ts";

/** What a value may be. */
export type Kind =
  | "string"
  | "whole number"
  | "number"
  | "boolean"
  | "table"
  | "array of tables"
  | "array of strings";

/** The keys of a table, and what each may be. */
export type Keys = Readonly<Record<string, readonly Kind[]>>;

/** A value of the wrong kind, or a key that is not known, may have a better hint than the nearest name. */
export interface TableHints {
  /** For a key that is not known. */
  unknown?: (key: string) => string | undefined;
  /** For a key whose value is of another kind. */
  kind?: (key: string) => string | undefined;
}

/** A TOML text that is being read. */
export class TomlReader {
  readonly #text: string;
  readonly #path: string;
  #lines: KeyLines | undefined;

  /** @param path of the file, as errors name it */
  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
  }

  /** Throws the error of a key. The line is looked up unless it is given. @throws SbError `usage.config` */
  refuse(path: string, seen: string, options: { hint?: string; line?: number } = {}): never {
    this.#lines ??= findKeyLines(this.#text);
    const line = options.line ?? this.#lines.get(path) ?? this.#lines.get(path.replace(/\.[^.]*$/, "")) ?? 1;
    throw new SbError("usage.config", `Cannot read "${path}" in "${this.#path}", line ${line}: ${seen}`, {
      ...(options.hint === undefined ? {} : { hint: options.hint }),
      data: { path: this.#path, key: path, line },
    });
  }

  /** The whole text. @param example how the file is written, for errors @throws SbError `usage.config` */
  parse(example: string): Record<string, unknown> {
    try {
      return parseToml(this.#text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const { line, seen } = syntaxFailure(error);
      const where = line === null ? "" : `, line ${line}`;
      throw new SbError("usage.config", `Cannot read "${this.#path}"${where}: ${seen}`, {
        hint: `Write TOML: key = value, strings in quotes, ${example}`,
        data: { path: this.#path, line },
        cause: error,
      });
    }
  }

  /** Refuses a text that is not of version 1. */
  requireVersion(version: unknown): void {
    if (version === undefined) {
      this.refuse("version", "it is missing", { line: 1, hint: "Begin the file with: version = 1" });
    }
    if (version !== 1) {
      this.refuse("version", `${version} is not a known version`, { hint: "Write version = 1" });
    }
  }

  /** The table itself, once each key is known and of its kind. */
  table(path: string, value: unknown, keys: Keys, hints: TableHints = {}): Record<string, unknown> {
    const table = value as Record<string, unknown>;
    for (const [key, item] of Object.entries(table)) {
      const at = keyPath(path, key);
      if (!Object.hasOwn(keys, key)) {
        const [nearest] = nearestNames(key, Object.keys(keys), 1);
        this.refuse(at, "there is no such key", {
          hint: hints.unknown?.(key) ??
            (nearest ? `Did you mean ${nearest}?` : `Use one of ${Object.keys(keys).join(", ")}`),
        });
      }
      if (!keys[key].some((kind) => isKind(item, kind))) {
        const hint = hints.kind?.(key);
        this.refuse(at, `it is ${describe(item)}, not ${keys[key].map(withArticle).join(" or ")}`, {
          ...(hint === undefined ? {} : { hint }),
        });
      }
    }
    return table;
  }

  word<const T extends string>(path: string, value: string, words: readonly T[]): T {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    const [nearest] = nearestNames(value, words, 1);
    return this.refuse(path, `"${value}" is not one of ${words.join(", ")}`, {
      ...(nearest ? { hint: `Did you mean "${nearest}"?` } : {}),
    });
  }

  /** Puts key and line in front of what is wrong with a value. */
  within<T>(path: string, read: () => T): T {
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
    case "table":
      return isTable(value);
    case "array of tables":
      return Array.isArray(value) && value.every(isTable);
    case "array of strings":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
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
