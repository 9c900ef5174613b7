/** The part of `@std/cli/parse-args` that sb uses, over minimist, for machines that cannot reach JSR. */
import minimist from "minimist";

export interface ParseOptions {
  string?: readonly string[];
  boolean?: readonly string[];
  collect?: readonly string[];
  alias?: Record<string, string | readonly string[]>;
  default?: Record<string, unknown>;
  stopEarly?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export type Args = Record<string, unknown> & { _: (string | number)[] };

export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const { collect = [], ...rest } = options;
  const result = (minimist as (args: string[], options: unknown) => Args)(args, {
    ...rest,
    string: [...(options.string ?? []), "_"],
  });
  for (const name of collect) {
    const value = result[name];
    result[name] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  }
  return result;
}
