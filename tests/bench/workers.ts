/** What it costs the server to have files read by a process with the client's rights. */
import { FileWorkers } from "../../rpc/server/workers.ts";
import { Log } from "../../rpc/server/log.ts";
import { ALICE, UserProcess } from "../rpc/users.ts";
import { reader, SB_COMMAND } from "../rpc/worker_rig.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";

const ROUNDS = 2000;
/** Functions of the C library that no two rounds share. */
const FUNCTIONS = [
  "calloc",
  "free",
  "getenv",
  "getppid",
  "memccpy",
  "open",
  "qsort",
  "rand",
  "read",
  "realloc",
  "setenv",
  "strtol",
];

async function timeMs(act: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await act();
  return performance.now() - before;
}

async function times(rounds: number, act: (round: number) => Promise<unknown>): Promise<number[]> {
  const measured: number[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await timeMs(() => act(round)));
  return measured;
}

async function* run(): AsyncIterable<Figure> {
  await using workers = new FileWorkers({ log: new Log(() => {}), command: SB_COMMAND });
  await using process = await UserProcess.idle(ALICE);
  const peer = reader(ALICE, process.pid);
  const plan = async (name: string) => {
    const asked = { target: `libc.so.6:${name}`, delayNs: 1000, scope: { tree: process.pid } };
    using _ = await workers.plan(peer, asked);
  };
  const startMs = await timeMs(() => workers.admit(peer, [process.pid]));
  const firstMs = await timeMs(() => plan("malloc"));
  const others = await times(FUNCTIONS.length, (round) => plan(FUNCTIONS[round]));
  const again = await times(ROUNDS, () => plan("malloc"));
  const admitted = await times(ROUNDS, () => workers.admit(peer, [process.pid]));
  const worst = (measured: number[]) =>
    measured.toSorted((x, y) => x - y)[Math.floor(measured.length * 0.99)];
  yield {
    name: "a function that was resolved before: planned by the worker",
    value: median(again),
    bound: 1,
    unit: "ms",
    detail: `p99 ${worst(again).toFixed(2)} ms; another function of the file ${
      median(others).toFixed(2)
    } ms; the first ${firstMs.toFixed(0)} ms; starting a worker ${startMs.toFixed(0)} ms`,
  };
  yield {
    name: "whether a process may be slowed: asked of the worker",
    value: median(admitted),
    bound: 1,
    unit: "ms",
    detail: `p99 ${worst(admitted).toFixed(2)} ms`,
  };
}

/** Workers of an ordinary user. */
export const workers: Benchmark = { name: "workers", run };
