/** How soon a delay in progress ends, and what it holds up meanwhile, in deterministic time. */
import { type Figure, median } from "../../bench/figure.ts";
import { command, enable, fresh, read, ROOT, shell, targets } from "../kernel_module.ts";
import { Folder, offsetOf, Program } from "../program.ts";
import { check, duration, note } from "./figures.ts";
import { TracefsProbe } from "./tracefs.ts";

const ROUNDS = 11;
/** Rounds after which delays go on, which takes a processor. */
const UNRELATED_ROUNDS = 5;
/** How long a delay has been in progress when it is ended, milliseconds; not a multiple of the tick. */
const PAUSES_MS = [3, 17, 51];
const TEN_SECONDS_NS = 10_000_000_000;
const FIVE_SECONDS_NS = 5_000_000_000;
const STYLES = ["spin", "sleep"] as const;
type Style = (typeof STYLES)[number];

/** What `delay_end` prints. */
interface Ending {
  action_ns: number;
  end_ns: number;
}

/** A program whose child is in a delay when the action comes. */
class Victim implements AsyncDisposable {
  readonly folder: Folder;
  readonly #program: Program;

  private constructor(folder: Folder, program: Program) {
    this.folder = folder;
    this.#program = program;
  }

  static async start(): Promise<Victim> {
    const folder = new Folder();
    return new Victim(folder, await Program.start(folder.copy("delay_end")));
  }

  get path(): string {
    return this.#program.path;
  }

  async end(action: string, pauseMs: number, rest = ""): Promise<Ending> {
    const [ending] = await this.#program.send(`${action} ${pauseMs} ${rest}`.trim());
    return ending as unknown as Ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

/** A way to end a delay. */
interface Action {
  name: string;
  /** The bound, milliseconds of guest time. */
  boundMs: number;
  /** Puts the target in place. */
  prepare(victim: Victim, how: Style): void;
  /** Acts when the delay is in progress. */
  act(victim: Victim, pauseMs: number): Promise<Ending>;
}

function addTarget(victim: Victim, how: Style, options = ""): void {
  enable(true);
  command(`+${victim.path}:f_push ${TEN_SECONDS_NS} how=${how}${options}`);
}

const ACTIONS: readonly Action[] = [
  {
    name: "SIGKILL, to reaped",
    boundMs: 1,
    prepare: addTarget,
    act: (victim, pauseMs) => victim.end("kill", pauseMs),
  },
  {
    name: "removal",
    boundMs: 50,
    prepare: addTarget,
    act: (victim, pauseMs) => victim.end("write", pauseMs, `${ROOT}/targets -${victim.path}:f_push`),
  },
  {
    name: "removal of all",
    boundMs: 50,
    prepare: addTarget,
    act: (victim, pauseMs) => victim.end("write", pauseMs, `${ROOT}/targets -*`),
  },
  {
    name: "enabled=0",
    boundMs: 50,
    prepare: addTarget,
    act: (victim, pauseMs) => victim.end("write", pauseMs, `${ROOT}/enabled 0`),
  },
  {
    name: "on=0",
    boundMs: 50,
    prepare: (victim, how) => addTarget(victim, how, ` owner=${Deno.pid}`),
    act: (victim, pauseMs) => victim.end("write", pauseMs, `${ROOT}/targets =* on=0 owner=${Deno.pid}`),
  },
  {
    name: "rmmod",
    boundMs: 50,
    prepare: addTarget,
    act: async (victim, pauseMs) => {
      const ending = await victim.end("rmmod", pauseMs, "speed_bump");
      shell(`insmod ${Deno.env.get("SB_MODULE")}`);
      return ending;
    },
  },
];

function endFigure(name: string, endings: readonly Ending[], boundMs: number): Figure {
  const ends = endings.map(({ end_ns }) => end_ns < 0 ? Infinity : end_ns);
  const took = median(endings.map(({ action_ns }) => action_ns));
  const detail = `median of ${ends.length}; longest ${duration(Math.max(...ends))}; the call took ${
    duration(took)
  }`;
  return { name, value: median(ends), bound: boundMs * 1e6, unit: "ns", detail };
}

for (const { name, boundMs, prepare, act } of ACTIONS) {
  Deno.test(`a delay of 10 s in progress ends within ${boundMs} ms: ${name}`, async () => {
    await using victim = await Victim.start();
    const figures: Figure[] = [];
    for (const how of STYLES) {
      const endings: Ending[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        using _module = fresh();
        prepare(victim, how);
        endings.push(await act(victim, PAUSES_MS[round % PAUSES_MS.length]));
      }
      figures.push(endFigure(`${name}, ${how}: the delay ends`, endings, boundMs));
    }
    check(figures);
  });
}

Deno.test("a delay of 10 s in progress ends within 50 ms of its owner's death", async () => {
  await using victim = await Victim.start();
  const figures: Figure[] = [];
  for (const how of STYLES) {
    const endings: Ending[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      using _module = fresh();
      const owner = new Deno.Command("sleep", { args: ["1000"] }).spawn();
      command(`+${victim.path}:f_push ${TEN_SECONDS_NS} how=${how} owner=${owner.pid}`);
      endings.push(await victim.end("signal", PAUSES_MS[round % PAUSES_MS.length], `${owner.pid}`));
      await owner.status;
      while (targets().length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    figures.push(endFigure(`the owner is killed, ${how}: the delay ends`, endings, 50));
  }
  check(figures);
});

for (const how of STYLES) {
  Deno.test(`an unrelated uprobe of tracefs goes within 100 ms during a delay of 5 s: ${how}`, async () => {
    using _module = fresh();
    await using victim = await Victim.start();
    const other = victim.folder.copy("bench_target");
    const figures: Figure[] = [];
    for (const [where, path] of [["the same file", victim.path], ["another file", other]]) {
      const endings: Ending[] = [];
      for (let round = 0; round < UNRELATED_ROUNDS; round++) {
        using probe = new TracefsProbe(`other_${how}_${round}`, path, offsetOf(path, "f_nop5"));
        enable(true);
        command(`+${victim.path}:f_push ${FIVE_SECONDS_NS} how=${how}`);
        endings.push(await victim.end("write", PAUSES_MS[round % PAUSES_MS.length], `${probe.switch} 0`));
        command("-*");
      }
      const took = endings.map(({ action_ns }) => action_ns);
      figures.push({
        name: `an unrelated uprobe goes, ${how}, ${where}`,
        value: Math.max(...took) / 1e6,
        bound: 100,
        unit: "ms",
        detail: `longest of ${took.length}; median ${duration(median(took))}`,
      });
      figures.push({
        name: `delays still in progress then, ${how}, ${where}`,
        value: endings.filter(({ end_ns }) => end_ns < 0).length,
        bound: UNRELATED_ROUNDS,
        atLeast: true,
        unit: "count",
        detail: "control",
      });
    }
    check(figures);
  });
}

Deno.test("a removal's write returns when the breakpoints are out: what it takes", async () => {
  using _module = fresh();
  await using victim = await Victim.start();
  for (const how of STYLES) {
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      addTarget(victim, how);
      took.push((await victim.end("write", 3, `${ROOT}/targets -*`)).action_ns);
    }
    note(`removal with a delay in progress, ${how}: the write`, `${duration(median(took))}, median`);
  }
  if (read("targets_list") !== "") throw new Error("targets are left");
});
