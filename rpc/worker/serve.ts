/** A worker from its start to its end: it loads what it needs as it was started, then takes nearly every right from itself. */
import { asSbError, SbError } from "../../src/core/mod.ts";
import {
  becomeForGood,
  closeInherited,
  closeWritableFiles,
  confineCalls,
  limitProcess,
  readProcessStatus,
  spentProcessorNs,
} from "../../src/sys/mod.ts";
import { READY, type WorkerAnswer, type WorkerRequest } from "./messages.ts";
import type { Worker } from "./worker.ts";

const MIB = 2 ** 20;
/** Beyond what the run time has reserved when it is ready: the symbol tables of a few large files. */
const DATA_BYTES = 768 * MIB;
/** The hard limit, and when the worker asks for its successor. */
const PROCESSOR_SECONDS = 60, SPENT_NS = 30_000_000_000n;
const DESCRIPTORS = 256;
const CHUNK_BYTES = 1 << 16;

/** `UID:GID:GROUP,GROUP…` */
function parseUser(text: string): { uid: number; gid: number; groups: number[] } {
  const match = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/.exec(text);
  if (!match) throw new SbError("usage.option", `Cannot be a worker for "${text}": that is no user`);
  const groups = match[3] === "" ? [] : match[3].split(",").map(Number);
  return { uid: Number(match[1]), gid: Number(match[2]), groups };
}

/** Takes from this process whatever reading files does not need. */
function giveUpRights(user: string): void {
  Deno.chdir("/");
  closeInherited();
  closeWritableFiles();
  const reserved = Number.parseInt(readProcessStatus("self").get("VmData") ?? "0") * 1024;
  limitProcess({
    cpuSeconds: PROCESSOR_SECONDS,
    dataBytes: reserved + DATA_BYTES,
    descriptors: DESCRIPTORS,
    fileBytes: 0,
    coreBytes: 0,
    // No further process, and no further thread: all that it does is done on the first one.
    processes: 0,
  });
  becomeForGood(parseUser(user));
  confineCalls();
}

/** The lines of standard input until its end. */
function* readLines(): Generator<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(CHUNK_BYTES);
  let rest = "";
  for (let count = Deno.stdin.readSync(chunk); count !== null; count = Deno.stdin.readSync(chunk)) {
    const lines = (rest + decoder.decode(chunk.subarray(0, count), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function writeLine(text: string): void {
  let bytes = new TextEncoder().encode(text + "\n");
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

function answer(worker: Worker, line: string): WorkerAnswer {
  const spent = spentProcessorNs() > SPENT_NS;
  try {
    return { spent, result: worker.carryOut(JSON.parse(line) as WorkerRequest) };
  } catch (thrown) {
    return { spent, fault: asSbError(thrown).toJSON() };
  }
}

/**
 * Serves requests on standard input until it ends. What it says first is that it is ready, or why it cannot be.
 *
 * @param user `UID:GID:GROUP,GROUP…`
 * @returns the exit code
 */
export async function serveFiles(user: string): Promise<number> {
  using closing = new DisposableStack();
  let worker: Worker;
  try {
    // Its sources, and those of the run time, may be readable for root only.
    const { Worker } = await import("./worker.ts");
    worker = closing.use(new Worker());
    giveUpRights(user);
  } catch (thrown) {
    const error = asSbError(thrown);
    writeLine(error.message);
    return error.row.exit;
  }
  writeLine(READY);
  for (const line of readLines()) writeLine(JSON.stringify(answer(worker, line)));
  return 0;
}
