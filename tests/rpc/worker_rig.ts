/** Workers of a test's own, and peers that are not connected. */
import { Log, type LogRecord } from "../../rpc/server/log.ts";
import { type FileReader, FileWorkers } from "../../rpc/server/workers.ts";
import { openProcess } from "../../src/sys/mod.ts";
import type { Peer } from "../../rpc/server/peer.ts";

// Opens the library before any test: it stays open.
openProcess(Deno.pid)?.[Symbol.dispose]();

const ROOT = new URL("../../", import.meta.url).pathname;

/** What starts sb from this checkout. */
export const SB_COMMAND = [
  `${ROOT}scripts/deno`,
  "run",
  "-A",
  "--no-prompt",
  "--quiet",
  "--config",
  `${ROOT}deno.json`,
  `${ROOT}cli.ts`,
];

/** Workers, and what they logged. */
export class WorkerRig implements AsyncDisposable {
  readonly records: LogRecord[] = [];
  readonly workers = new FileWorkers({
    log: new Log((record) => this.records.push(record)),
    command: SB_COMMAND,
  });

  /** The ids of the processes that were started for a user. */
  started(uid: number): number[] {
    return this.records.filter(({ event, facts }) => event === "worker.started" && facts.uid === uid)
      .map(({ facts }) => Number(facts.pid));
  }

  /** Why the workers of a user ended. */
  ended(uid: number): unknown[] {
    return this.records.filter(({ event, facts }) => event === "worker.ended" && facts.uid === uid)
      .map(({ facts }) => facts.why);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.workers[Symbol.asyncDispose]();
  }
}

/** Who reads files for a process. */
export function reader(uid: number, pid: number = Deno.pid): FileReader {
  return { uid, gid: uid, groups: [], isRoot: uid === 0, pid };
}

/** The peer that a process would be. */
export function peerOf(uid: number, pid: number): Peer {
  const process = openProcess(pid);
  if (process === null) throw new Error(`there is no process ${pid}`);
  return {
    ...reader(uid, pid),
    comm: null,
    foreignPids: false,
    process,
    [Symbol.dispose]: () => process[Symbol.dispose](),
  };
}
