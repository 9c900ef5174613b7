/** 4,096 targets at once: adding, listing and removing them all while processes map the file. */
import type { Figure } from "../bench/figure.ts";
import { command, enable, read, targets } from "./kernel_module.ts";
import { BREAKPOINT, Folder, offsetOf, Program, readMapped } from "./program.ts";

const COUNT = 4096;
/** The bound of each step, milliseconds of guest time. */
const BOUND_MS = 10_000;
const NAMES = Array.from({ length: COUNT }, (_, index) => `many_${index}`);

function timed(name: string, step: () => void, detail = ""): Figure {
  const start = performance.now();
  step();
  return { name, value: performance.now() - start, bound: BOUND_MS, unit: "ms", detail };
}

function exact(name: string, value: number, expected: number): Figure {
  return { name, value: Math.abs(value - expected), bound: 0, unit: "count", detail: `${value}` };
}

/** Bytes from one function to the next. */
const STRIDE = 16;

function breakpoints({ pid, path }: Program): number {
  const offset = offsetOf(path, NAMES[0]);
  const bytes = readMapped(pid, path, { offset, size: COUNT * STRIDE });
  if (!bytes) throw new Error(`${path} is not mapped`);
  return NAMES.filter((_, index) => bytes[index * STRIDE] === BREAKPOINT).length;
}

/** The symbols in the list. */
function listed(): Set<string> {
  const lines = read("targets_list").split("\n").filter((line) => line !== "");
  return new Set(lines.map((line) => /:(\S+) /.exec(line)?.[1] ?? line));
}

/** How targets are named: by symbols that the module looks up, or at offsets, as sb does. */
export type Naming = "symbols" | "offsets";

function commands(path: string, naming: Naming): string[] {
  const first = offsetOf(path, NAMES[0]);
  return NAMES.map((name, index) => {
    const offset = naming === "offsets" ? ` offset=0x${(first + index * STRIDE).toString(16)}` : "";
    return `+${path}:${name} 0${offset}`;
  });
}

/** The figures of one file with 4,096 functions, mapped by `processes` processes. */
export async function manyTargets(processes: number, naming: Naming): Promise<Figure[]> {
  using folder = new Folder();
  const path = folder.copy("many_functions");
  await using programs = new AsyncDisposableStack();
  const each: Program[] = [];
  for (let index = 0; index < processes; index++) each.push(programs.use(await Program.start(path)));
  enable(true);
  const label = `${COUNT} targets by ${naming}, ${processes} processes`;
  const lines = commands(path, naming);
  let list = new Set<string>();
  const figures = [
    timed(`${label}: add all`, () => command(...lines)),
    timed(`${label}: list all`, () => list = listed()),
  ];
  figures.push(
    exact(`${label}: targets that are not listed`, NAMES.filter((name) => !list.has(name)).length, 0),
    exact(`${label}: targets listed`, list.size, COUNT),
    exact(`${label}: breakpoints`, breakpoints(each[0]), COUNT),
  );
  await each[0].send("calls 1");
  figures.push(
    exact(`${label}: hits`, targets().reduce((sum, row) => sum + row.hits, 0), COUNT),
    timed(`${label}: remove all`, () => command("-*")),
    exact(`${label}: targets left`, targets().length, 0),
    exact(`${label}: breakpoints left`, breakpoints(each[0]), 0),
  );
  return figures;
}
