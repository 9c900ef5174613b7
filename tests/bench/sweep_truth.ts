/** Whether sweeps say what is so: programs with known answers, swept again and again, each time with another seed. */
import { fixture } from "../fixtures/build.ts";
import type { Benchmark, Figure } from "./figure.ts";

const SWEEPS = 20;
/** Of that many sweeps: 95 % intervals that hold the truth, classes that are right, bends within a tenth. */
const COVERED = 16;
const RIGHT = 19;
const BEND_SHARE = 0.1;
const BLOCKS = "6";
const SB = new URL("../../scripts/sb", import.meta.url).pathname;
/** sb tells the end of a run when a processor is its own again: on a busy machine it takes real time for that. */
const REAL_TIME = ["chrt", "--fifo", "10"];

interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** What a sweep says of a function, as far as it is looked at here. */
interface Said {
  name: string;
  sensitivity: Estimate | null;
  class: string;
  bend_ns: Estimate | null;
  beyond: Estimate | null;
  hits_per_run: number;
}

/** What `known_answers` prints. */
interface Truth {
  before: number;
  knee_ns: number | null;
  after: number;
}

/** What a sweep should say of a function. */
interface Expected {
  class: string;
  /** Whether its response bends. */
  isBent?: boolean;
}

/** Functions of one mode of `known_answers`, and the delays that show what there is to see. */
interface Case {
  title: string;
  mode: string;
  delays: string;
  functions: Readonly<Record<string, Expected>>;
}

const CASES: readonly Case[] = [
  {
    title: "serial",
    mode: "serial",
    delays: "0,100us,250us,500us,750us,1ms",
    functions: { serial_step: { class: "linear" } },
  },
  {
    title: "hidden",
    mode: "hidden",
    delays: "0,50us,100us,200us,300us,400us",
    functions: { hidden_step: { class: "hidden" } },
  },
  {
    title: "slack",
    mode: "hidden",
    delays: "0,100us,200us,400us,600us,800us,1ms",
    functions: { hidden_step: { class: "threshold", isBent: true } },
  },
  {
    title: "lock",
    mode: "lock",
    delays: "0,50us,100us,250us,400us,600us",
    functions: { locked_step: { class: "linear" } },
  },
  {
    title: "lock free at first",
    mode: "convoy",
    delays: "0,300us,600us,1ms,2ms,2500us,3ms",
    functions: { locked_step: { class: "super-linear", isBent: true } },
  },
  {
    title: "pipeline",
    mode: "pipeline",
    delays: "0,200us,400us,600us,1200us,1600us,2ms",
    functions: { fast_stage: { class: "threshold", isBent: true } },
  },
  {
    title: "pipeline",
    mode: "pipeline",
    delays: "0,100us,250us,500us,750us,1ms",
    functions: { slow_stage: { class: "linear" } },
  },
];

function runProgram(program: string, args: readonly string[]): string {
  const { success, stdout, stderr } = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).outputSync();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** What a breakpoint that only counts adds to a run: the truth of a plain run lies so much further. */
function baseNs(journal: string, name: string): number {
  const bare = Deno.readTextFileSync(journal).trim().split("\n").map((line) => JSON.parse(line)).filter((
    cell,
  ) => cell.target === name && cell.delay_ns === 0);
  return bare.reduce((sum, cell) => sum + cell.overhead_ns, 0) / bare.length;
}

/** How often sweeps of a function were right. */
class Score {
  readonly #label: string;
  readonly #expected: Expected;
  #covered = 0;
  #right = 0;
  #bend = 0;
  #bendCovered = 0;
  readonly #values: number[] = [];

  constructor(label: string, expected: Expected) {
    this.#label = label;
    this.#expected = expected;
  }

  add(said: Said, { truth, baseNs }: { truth: Truth; baseNs: number }): void {
    const { sensitivity, bend_ns: bend } = said;
    const { class: shape, isBent } = this.#expected;
    const before = isBent || shape === "hidden" ? truth.before : truth.after;
    if (sensitivity && sensitivity.low <= before && before <= sensitivity.high) this.#covered++;
    if (said.class === shape) this.#right++;
    if (sensitivity) this.#values.push(sensitivity.value);
    if (!isBent || !bend || truth.knee_ns === null) return;
    const knee = truth.knee_ns - baseNs;
    if (Math.abs(bend.value - knee) <= BEND_SHARE * knee) this.#bend++;
    if (bend.low <= knee && knee <= bend.high) this.#bendCovered++;
  }

  *figures(): Iterable<Figure> {
    const count = (
      name: string,
      value: number,
      { bound, detail }: { bound: number; detail: string },
    ): Figure => ({
      name: `${this.#label}: ${name}`,
      value,
      bound,
      atLeast: true,
      unit: "count",
      detail: `of ${SWEEPS}; ${detail}`,
    });
    const values = [Math.min(...this.#values), Math.max(...this.#values)].map((value) => value.toFixed(3));
    yield count("intervals hold the truth", this.#covered, {
      bound: COVERED,
      detail: `sensitivities ${values.join(" to ")}`,
    });
    yield count("class right", this.#right, { bound: RIGHT, detail: this.#expected.class });
    if (!this.#expected.isBent) return;
    yield count("bend within a tenth", this.#bend, {
      bound: RIGHT,
      detail: `${this.#bendCovered} intervals of it hold the truth`,
    });
  }
}

async function* run(): AsyncIterable<Figure> {
  const program = fixture("known_answers");
  const folder = Deno.makeTempDirSync({ prefix: "truth-" });
  try {
    for (const { title, mode, delays, functions } of CASES) {
      const scores = new Map(
        Object.entries(functions).map(([name, expected]) => [name, new Score(`${title}, ${name}`, expected)]),
      );
      for (let seed = 1; seed <= SWEEPS; seed++) {
        const [chrt, ...real] = REAL_TIME;
        const truth: Truth = JSON.parse(runProgram(chrt, [...real, program, mode]));
        const results = `${folder}/sweep`;
        const slow = Object.keys(functions).flatMap((name) => ["--slow", `${name}=${program}:${name}`]);
        const options = [
          "--delays",
          delays,
          "--repeats",
          BLOCKS,
          "--seed",
          String(seed),
          "--results",
          results,
        ];
        const answer = JSON.parse(runProgram(chrt, [
          ...real,
          SB,
          "sweep",
          "--json",
          "-o",
          "-",
          "--force",
          "--no-html",
          "--no-gain",
          ...options,
          ...slow,
          "--",
          program,
          mode,
        ])) as { targets: Said[] };
        for (const said of answer.targets) {
          const base = baseNs(`${results}.cells.ndjson`, said.name);
          scores.get(said.name)?.add(said, { truth, baseNs: base });
        }
      }
      for (const score of scores.values()) yield* score.figures();
    }
    const slow = ["--slow", `${program}:never_called`, "--delays", "0,1ms", "--repeats", "2"];
    const answer = JSON.parse(
      runProgram(SB, [
        "sweep",
        "--json",
        "-o",
        "-",
        "--no-html",
        "--results",
        `${folder}/never`,
        ...slow,
        "--",
        program,
        "serial",
      ]),
    ) as { targets: Said[] };
    const [never] = answer.targets;
    yield {
      name: "never_called: hits",
      value: never.hits_per_run,
      bound: 0,
      unit: "count",
      detail: never.class,
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

export const sweepTruth: Benchmark = { name: "sweep_truth", run };
