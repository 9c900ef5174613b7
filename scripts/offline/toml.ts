/** The part of `@std/toml` that sb uses, over smol-toml, for machines that cannot reach JSR. */
import { parse as parseToml, stringify as stringifyToml } from "smol-toml";

/** smol-toml's tables have a null prototype; std's are plain objects. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}

export function parse(text: string): Record<string, unknown> {
  try {
    return plain(parseToml(text)) as Record<string, unknown>;
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

export function stringify(value: Record<string, unknown>): string {
  return stringifyToml(value);
}
