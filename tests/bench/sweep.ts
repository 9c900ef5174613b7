/** What running a command again and again costs over the command, that its runs are as others are, and how functions are timed. */
import { openFd, OpenFlags } from "../../ffi/mod.ts";
import { startCommand } from "../../src/command/mod.ts";
import { openRepeated, type RepeatedCommand, timeFunctions } from "../../src/session/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";

const SB = new URL("../../scripts/sb", import.meta.url).pathname;
const QUIET = { stdout: "null", stderr: "null" } as const;
const ROUNDS = 15;
/** Nothing of the machine's usual load comes between: what is measured is the probes. */
const UNDISTURBED = ["chrt", "--fifo", "1"];

interface CellLine {
  wall_ns: number;
}

/** Milliseconds of `sb sweep` with cells of a second, and those of its commands together. */
async function sweepCommand(
  extra: readonly string[],
): Promise<{ wallMs: number; commandsMs: number; cells: number }> {
  const folder = await Deno.makeTempDir();
  try {
    const file = fixture("timed_functions");
    const began = performance.now();
    const { success, stderr } = await new Deno.Command(SB, {
      args: [
        ...["sweep", "--slow", `${file}:sleeps`, "--slow", `${file}:spins`, "--delays", "0,1ms"],
        ...[
          "--repeats",
          "5",
          "--warmups",
          "0",
          "--no-gain",
          "--quiet",
          "--results",
          `${folder}/result`,
          ...extra,
        ],
        ...["--", file, "sleep", "10", "100000000"],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    const wallMs = performance.now() - began;
    if (!success) throw new Error(`sb sweep: ${new TextDecoder().decode(stderr)}`);
    const lines = (await Deno.readTextFile(`${folder}/result.cells.ndjson`)).trim().split("\n");
    const cells = lines.map((line) => JSON.parse(line) as CellLine).filter(({ wall_ns }) => wall_ns > 0);
    return {
      wallMs,
      commandsMs: cells.reduce((sum, { wall_ns }) => sum + wall_ns / 1e6, 0),
      cells: cells.length,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Milliseconds that runs took over what their commands did. */
async function overheads(command: RepeatedCommand): Promise<number[]> {
  const over: number[] = [];
  for (let round = 0; round <= 2 * ROUNDS; round++) {
    const began = performance.now();
    const { wallNs } = await command.run({ delayNs: round % 2 * 1000, ...QUIET });
    if (round > 0) over.push(performance.now() - began - wallNs / 1e6);
  }
  return over;
}

async function* costs(): AsyncIterable<Figure> {
  const probes = [{ target: "libc.so.6:malloc" }];
  await using owned = new AsyncDisposableStack();
  for (const isolation of ["private-file", "shared"] as const) {
    const command = owned.use(await openRepeated({ command: ["true"], probes, isolation }));
    yield {
      name: `a run of an open command minus the command, ${isolation}`,
      value: median(await overheads(command)),
      bound: isolation === "private-file" ? 15 : 200,
      unit: "ms",
      detail: `median of ${2 * ROUNDS}, 1 target in libc`,
    };
  }
  for (let count = 1; count < 20; count++) owned.use(await openRepeated({ command: ["true"], probes }));
  const last = owned.use(await openRepeated({ command: ["true"], probes }));
  yield {
    name: "the same with 20 commands open",
    value: median(await overheads(last)),
    bound: 15,
    unit: "ms",
    detail: "private-file",
  };
  for (const [what, extra] of [["without a report", ["--no-html"]], ["with its report", []]] as const) {
    const { wallMs, commandsMs, cells } = await sweepCommand(extra);
    yield {
      name: `sb sweep over the sum of its commands, ${what}`,
      value: wallMs / commandsMs,
      bound: 1.05,
      unit: "ratio",
      detail: `${(wallMs / 1000).toFixed(2)} s, ${cells} cells of ${
        (commandsMs / cells / 1000).toFixed(2)
      } s`,
    };
  }
}

/** Nanoseconds of a command without probes. */
async function plainNs(command: string[]): Promise<number> {
  using nothing = openFd("/dev/null", OpenFlags.rdwr);
  using running = startCommand({
    command,
    streams: { stdin: nothing.fd, stdout: nothing.fd, stderr: nothing.fd },
  });
  return Number((await running.wait()).endedNs - running.startedNs);
}

/** A cell, less what it says that its probes cost, is as long as the plain command; the last ones are as the first. */
async function* fidelity(): AsyncIterable<Figure> {
  const file = fixture("timed_functions");
  const command = [...UNDISTURBED, file, "spin", "20000", "5000"];
  await using repeated = await openRepeated({ command, probes: [{ target: `${file}:spins` }] });
  const delays = [0, 2000, 10_000];
  const shares = delays.map((): number[] => []);
  const counted: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const bareNs = await plainNs(command);
    for (const [index, delayNs] of delays.entries()) {
      const { wallNs, probes: [{ statistics }] } = await repeated.run({ delayNs, ...QUIET });
      if (round === 0) continue;
      shares[index].push((wallNs - statistics.addedNs - statistics.overheadNs) / bareNs);
      if (delayNs === 0) counted.push(wallNs);
    }
  }
  for (const [index, delayNs] of delays.entries()) {
    for (const atLeast of [false, true]) {
      yield {
        name: `a cell less what its probe added, against plain, ${delayNs} ns`,
        value: median(shares[index]),
        bound: atLeast ? 0.95 : 1.05,
        atLeast,
        unit: "ratio",
        detail: `20,000 hits in 100 ms, median of ${ROUNDS} pairs`,
      };
    }
  }
  const half = counted.length >> 1;
  yield {
    name: "the last cells without a delay against the first",
    value: median(counted.slice(-half)) / median(counted.slice(0, half)),
    bound: 1.05,
    unit: "ratio",
    detail: `${(median(counted) / 1e6).toFixed(1)} ms each`,
  };
}

/** What the program wrote last: it may have run twice. */
function lastNs(text: string): number {
  return JSON.parse(text.trim().split("\n").at(-1) as string).ns;
}

/** What a function took as timed, against the program's own clock, and what that may be wrong by. */
async function* times(): AsyncIterable<Figure> {
  const file = fixture("timed_functions");
  const modes = [
    { what: "50 µs a call", mode: "spin 2000 50000", name: "spins" },
    { what: "1 ms a call", mode: "spin 100 1000000", name: "spins" },
    { what: "waiting, 1 ms a call", mode: "sleep 100 1000000", name: "sleeps" },
    { what: "20 deep, 1 ms", mode: "recurse 50 19 1000000", name: "recurses" },
    { what: "8 threads", mode: "threads 8 10 10000000", name: "sleeps" },
    { what: "half left by longjmp", mode: "jump 1000 50000", name: "jumps" },
  ];
  for (const { what, mode, name } of modes) {
    const shares: number[] = [];
    for (let round = 0; round < 5; round++) {
      const path = await Deno.makeTempFile();
      using written = openFd(path, OpenFlags.rdwr);
      const [{ inclusiveNs }] = await timeFunctions(
        { command: [...UNDISTURBED, file, ...mode.split(" ")], probes: [{ target: `${file}:${name}` }] },
        { stdout: written.fd },
      );
      shares.push((inclusiveNs ?? NaN) / lastNs(await Deno.readTextFile(path)));
      await Deno.remove(path);
    }
    for (const atLeast of [false, true]) {
      yield {
        name: `function time against its own clock, ${what}`,
        value: median(shares),
        bound: atLeast ? 0.95 : 1.05,
        atLeast,
        unit: "ratio",
        detail: `${mode}, median of 5`,
      };
    }
  }
}

async function* all(): AsyncIterable<Figure> {
  yield* costs();
  yield* fidelity();
}

export const sweep: Benchmark = { name: "sweep", run: all };
export const functionTime: Benchmark = { name: "function_time", run: times };
