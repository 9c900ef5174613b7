/** What starting sb costs, and how fast it lists symbols. */
import { writeManySymbols } from "../fixtures/many_symbols.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const SB = `${ROOT}scripts/sb`;
const ROUNDS = 21;

/** Milliseconds of one run of a command. */
export function timeCommand(command: string, args: string[]): number {
  const before = performance.now();
  const result = new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "piped" })
    .outputSync();
  const took = performance.now() - before;
  if (!result.success) {
    throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(result.stderr)}`);
  }
  return took;
}

/** Pairs of times, interleaved. */
export function timePairs(
  first: [string, string[]],
  second: [string, string[]],
  rounds = ROUNDS,
): [number, number][] {
  timeCommand(...first);
  timeCommand(...second);
  return Array.from({ length: rounds }, () => [timeCommand(...first), timeCommand(...second)]);
}

async function* start(): AsyncIterable<Figure> {
  const folder = await Deno.makeTempDir();
  try {
    const empty = `${folder}/empty.ts`;
    await Deno.writeTextFile(empty, "");
    const deno = Deno.execPath();
    const version = timePairs([SB, ["--version"]], [deno, ["run", empty]]);
    yield {
      name: "sb --version against an empty deno run",
      value: median(version.map(([sb, deno]) => sb / deno)),
      bound: 1.5,
      unit: "ratio",
      detail: `${median(version.map(([sb]) => sb)).toFixed(1)} ms, deno ${
        median(version.map(([, deno]) => deno)).toFixed(1)
      } ms`,
    };
    const slow = ["run", "-o", "/dev/null", "--slow", "libc.so.6:malloc=5us", "--", "true"];
    const run = timePairs([SB, slow], ["true", []]);
    yield {
      name: "sb run … -- true minus true, 1 target in libc",
      value: median(run.map(([sb, bare]) => sb - bare)),
      bound: 200,
      unit: "ms",
      detail: `median of ${ROUNDS}`,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** nm prints names as they stand, `nm -C` demangled as sb does: C++ names are compared with both. */
async function* list(): AsyncIterable<Figure> {
  const folder = await Deno.makeTempDir();
  try {
    const count = 300_000;
    const plain = `${folder}/plain`;
    const mixed = `${folder}/mixed`;
    await writeManySymbols(plain, count, Infinity);
    await writeManySymbols(mixed, count);
    const rows = [
      { what: "C names, against nm", file: plain, nm: [] },
      { what: "one in five C++, against nm -C", file: mixed, nm: ["-C"] },
      { what: "one in five C++, against nm", file: mixed, nm: [] },
    ];
    for (const { what, file, nm } of rows) {
      const pairs = timePairs([SB, ["symbols", file]], ["nm", [...nm, file]], 9);
      yield {
        name: `listing ${count} symbols, ${what}`,
        value: median(pairs.map(([sb, nm]) => sb / nm)),
        bound: 0.5,
        unit: "ratio",
        detail: `${median(pairs.map(([sb]) => sb)).toFixed(0)} ms, nm ${
          median(pairs.map(([, nm]) => nm)).toFixed(0)
        } ms`,
      };
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const startup: Benchmark = { name: "startup", run: start };
export const symbols: Benchmark = { name: "symbols", run: list };
