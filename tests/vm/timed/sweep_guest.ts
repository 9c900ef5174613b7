/** What a sweep says of programs whose answers are known, in deterministic time. */
import type { BackendRequest, SweepResult } from "../../../mod.ts";
import { sweep } from "../../../mod.ts";
import type { Figure } from "../../bench/figure.ts";
import { Folder } from "../program.ts";
import { check } from "./figures.ts";

const BOUND = 0.02;
const DELAYS = ["0", "200us", "500us", "1ms"];
const BLOCKS = 6;

/** Sweeps functions of one mode of `known_answers`. */
async function sweepOf(
  mode: string,
  { functions, backend }: { functions: string[]; backend: BackendRequest },
) {
  using folder = new Folder();
  const program = folder.copy("known_answers");
  return await sweep({
    command: [program, mode],
    targets: functions.map((name) => ({ name, target: `${program}:${name}` })),
    delays: DELAYS,
    repeats: BLOCKS,
    backend,
    gain: false,
  });
}

function targetOf({ targets }: SweepResult, name: string) {
  const target = targets.find((target) => target.name === name);
  if (!target) throw new Error(`nothing is said of ${name}`);
  return target;
}

/** How far from 1 the sensitivity is, and that it is called linear. */
function fullFigures(result: SweepResult, name: string): Figure[] {
  const { sensitivity, class: shape } = targetOf(result, name);
  const { value = NaN, low, high } = sensitivity ?? {};
  return [
    {
      name: `${name}: sensitivity, off by`,
      value: Math.abs(value - 1),
      bound: BOUND,
      unit: "ratio",
      detail: `${value.toFixed(4)} [${low?.toFixed(4)}, ${high?.toFixed(4)}], ${shape}`,
    },
    {
      name: `${name}: linear`,
      value: shape === "linear" ? 1 : 0,
      bound: 1,
      atLeast: true,
      unit: "count",
      detail: shape,
    },
  ];
}

for (const backend of ["ebpf", "kmod"] as const) {
  // A library opened in a test counts as that test's leak: open what a sweep keeps open before.
  await sweepOf("serial", { functions: ["never_called"], backend });

  Deno.test(`${backend}: of a function that is all there is every nanosecond counts; another is never called`, async () => {
    const result = await sweepOf("serial", { functions: ["serial_step", "never_called"], backend });
    const never = targetOf(result, "never_called");
    check([
      ...fullFigures(result, "serial_step"),
      {
        name: "never_called: hits",
        value: never.levels.reduce((sum, { hits }) => sum + hits, 0),
        bound: 0,
        unit: "count",
        detail: never.warnings.join("; "),
      },
    ]);
  });

  Deno.test(`${backend}: of a function in a lock that threads share every nanosecond counts, summed over them`, async () => {
    check(fullFigures(await sweepOf("lock", { functions: ["locked_step"], backend }), "locked_step"));
  });
}
