/** Everything that a peer names as a file is read by processes with the peer's ids: one a user, while there is need. */
import type { ProbeAsked, ProbePlan, ProbeRequest } from "../../mod.ts";
import { SbError } from "../../src/core/mod.ts";
import { type OwnedFd, ownIds, type ProcessHandle } from "../../src/sys/mod.ts";
import type { PlanAnswer, SymbolsAnswer, WorkerAnswer, WorkerRequest } from "../worker/mod.ts";
import { FairShare } from "./fair_share.ts";
import { type FileHold, HeldFiles, takeTracer } from "./held_files.ts";
import type { Log } from "./log.ts";
import type { Peer } from "./peer.ts";
import { readAdmitted, readPlanAnswer, readSymbolsAnswer, readTracerAnswer } from "./worker_answers.ts";
import { type WorkerJob, WorkerProcess, type WorkerUser } from "./worker_process.ts";

/** A worker that is not asked for so long ends. */
const IDLE_MS = 30_000;
/** Workers of one user, who may have several sets of groups, and of all users but root. */
const MOST_OF_USER = 4, MOST = 16;
/** Requests that wait for one worker. */
const MOST_WAITING = 4096;

/** Who a worker reads for. */
export type FileReader = Pick<Peer, "uid" | "gid" | "groups" | "isRoot" | "pid">;

/** How workers are started. */
export interface FileWorkersOptions {
  log: Log;
  /** What starts sb, but for its arguments; what this process was started with by default. */
  command?: readonly string[];
}

/** Probes that a worker planned. Disposing gives the files back. */
export interface PlannedByWorker extends Disposable {
  plans: ProbePlan[];
  notes: string[];
  /** The plans as the protocol has them. */
  documents: unknown[];
  isolation: "per-process" | "shared";
  /** Canonical path of a plan's file → a path to that very file. */
  paths: ReadonlyMap<string, string>;
}

/** The program and the arguments that this process was started with, but for those that are sb's own. */
function ownCommand(): string[] {
  const words = Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(0, -1);
  return [Deno.execPath(), ...words.slice(1, words.length - Deno.args.length)];
}

/** A worker and when it ends unless it is asked. */
interface Entry {
  process: WorkerProcess;
  idle: ReturnType<typeof setTimeout> | undefined;
}

/** The workers. Disposing ends them. */
export class FileWorkers implements AsyncDisposable {
  readonly #options: FileWorkersOptions;
  readonly #command: readonly string[];
  /** By user, those that were asked last at the end. */
  readonly #workers = new Map<string, Entry>();
  /** Every process that has not ended. */
  readonly #processes = new Set<WorkerProcess>();
  readonly #files = new HeldFiles();
  /** The server's own time that users take. */
  readonly share = new FairShare();
  #isClosed = false;

  constructor(options: FileWorkersOptions) {
    this.#options = options;
    this.#command = options.command ?? ownCommand();
  }

  /**
   * Resolves what a peer asks for, as the process of its scope would, or as its own.
   *
   * @param most probes that the peer may have; null is no limit
   * @throws SbError
   */
  async plan(
    peer: FileReader,
    asked: ProbeAsked,
    { most = null }: { most?: number | null } = {},
  ): Promise<PlannedByWorker> {
    const { scope, ...rest } = asked;
    const { requestOfProbe } = await import("../../mod.ts");
    const request = requestOfProbe(rest);
    const isolation = await chooseIsolation(peer, asked);
    const pid = scope && "tree" in scope && scope.tree !== undefined ? scope.tree : peer.pid;
    const question = { do: "plan", request, trampoline: asked.trampoline ?? false, pid, most } as const;
    return await this.#ask(peer, question, {
      what: `resolve "${asked.target}"`,
      read: (result, process) => ({
        ...this.#takeOver(readPlanAnswer(result), { process, request, pid, isTrusted: peer.isRoot }),
        isolation,
      }),
    });
  }

  /** Lists symbols of a file as a process would find it. @param asked.pid the peer itself by default @throws SbError */
  async symbols(
    peer: FileReader,
    { file, pattern, limit, pid }: { file: string; pattern?: string; limit: number; pid?: number },
  ): Promise<SymbolsAnswer> {
    const question = { do: "symbols", file, pattern: pattern ?? null, limit, pid: pid ?? peer.pid } as const;
    return await this.#ask(peer, question, {
      what: `list the symbols of "${file}"`,
      read: readSymbolsAnswer,
    });
  }

  /** The tracer as the peer would have opened it. @throws SbError `module.not_loaded`, `file.unreadable`, `file.parser` */
  async openTracer(peer: FileReader): Promise<OwnedFd> {
    return await this.#ask(peer, { do: "tracer" }, {
      what: "open the tracer",
      read: (result, process) => takeTracer(process, readTracerAnswer(result)),
    });
  }

  /** Those of the processes that the kernel lets the peer read. */
  async admit(peer: FileReader, pids: readonly number[]): Promise<number[]> {
    return await this.#ask(peer, { do: "admit", pids }, {
      what: "ask which processes may be looked into",
      read: (result) => readAdmitted(result, pids),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { idle } of this.#workers.values()) clearTimeout(idle);
    await Promise.all([...this.#processes].map((process) => process.end()));
  }

  #takeOver(
    answer: PlanAnswer,
    { request, ...from }: { request: ProbeRequest; process: ProcessHandle; isTrusted: boolean; pid: number },
  ): Omit<PlannedByWorker, "isolation"> {
    using undo = new DisposableStack();
    const holds: FileHold[] = answer.files.map((file) => undo.use(this.#files.take(file, from)));
    const files = answer.files.map(({ fd: _, inode, modifiedNs, ...facts }, index) => ({
      ...facts,
      openPath: holds[index].path,
      inode: BigInt(inode),
      modifiedNs: BigInt(modifiedNs),
    }));
    const held = undo.move();
    return {
      plans: answer.plans.map((plan) => ({ ...plan, file: files[plan.file], spec: request.spec })),
      notes: answer.notes,
      documents: answer.documents,
      paths: new Map(files.map(({ path, openPath }) => [path, openPath])),
      [Symbol.dispose]: () => held[Symbol.dispose](),
    };
  }

  /** @param how.read makes the answer of what the worker said, which may be anything */
  #ask<T>(
    peer: FileReader,
    question: WorkerRequest,
    { what, read }: { what: string; read: (result: unknown, process: ProcessHandle) => T },
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const take = (answer: WorkerAnswer, process: ProcessHandle) => {
      try {
        if ("fault" in answer) {
          const { code, message, hint, data } = answer.fault;
          throw new SbError(code, message, { ...(hint === null ? {} : { hint }), data });
        }
        resolve(read(answer.result, process));
      } catch (error) {
        reject(error);
      }
    };
    const user = userOf(peer);
    try {
      this.#give(user, { line: JSON.stringify(question), what, take, fail: reject });
    } catch (error) {
      reject(error);
    }
    return promise;
  }

  #give(user: WorkerUser, job: WorkerJob): void {
    if (this.#isClosed) throw new SbError("internal", `Cannot ${job.what}: the server ends`);
    const key = `${user.uid}:${user.gid}:${user.groups.join(",")}`;
    let entry = this.#workers.get(key);
    if (entry === undefined) {
      if (user.uid !== ownIds().uid) this.#makeRoom(user, job);
      entry = { process: this.#start(user, key), idle: undefined };
    }
    if (entry.process.waiting >= MOST_WAITING) {
      throw new SbError(
        "file.timeout",
        `Cannot ${job.what}: ${MOST_WAITING} requests of user ${user.uid} wait already`,
      );
    }
    // Asked last: at the end.
    this.#workers.delete(key);
    this.#workers.set(key, entry);
    clearTimeout(entry.idle);
    const { process } = entry;
    entry.idle = setTimeout(() => this.#retireIdle(key, process), IDLE_MS);
    Deno.unrefTimer(entry.idle);
    process.ask(job);
  }

  #start(user: WorkerUser, key: string): WorkerProcess {
    const process: WorkerProcess = new WorkerProcess({
      command: this.#command,
      user,
      log: this.#options.log,
      ended: (left) => {
        this.#processes.delete(process);
        if (this.#workers.get(key)?.process === process) {
          clearTimeout(this.#workers.get(key)?.idle);
          this.#workers.delete(key);
        }
        for (const job of left) {
          try {
            this.#give(user, job);
          } catch (error) {
            job.fail(error as SbError);
          }
        }
      },
    });
    this.#processes.add(process);
    return process;
  }

  #retireIdle(key: string, process: WorkerProcess): void {
    const entry = this.#workers.get(key);
    if (entry?.process !== process) return;
    if (!process.isIdle) {
      entry.idle = setTimeout(() => this.#retireIdle(key, process), IDLE_MS);
      Deno.unrefTimer(entry.idle);
      return;
    }
    clearTimeout(entry.idle);
    this.#workers.delete(key);
    process.retire();
  }

  /** Ends the worker that was idle longest where there are too many. @throws SbError `file.timeout` when all are busy */
  #makeRoom({ uid }: WorkerUser, { what }: WorkerJob): void {
    const own = ownIds().uid;
    const others = [...this.#workers].filter(([, { process }]) => process.user.uid !== own);
    const ofUser = others.filter(([, { process }]) => process.user.uid === uid);
    const crowd = ofUser.length >= MOST_OF_USER ? ofUser : others.length >= MOST ? others : [];
    if (crowd.length === 0) return;
    const idle = crowd.find(([, { process }]) => process.isIdle);
    if (idle === undefined) {
      throw new SbError("file.timeout", `Cannot ${what}: ${crowd.length} workers are busy already`, {
        hint: "Try again",
      });
    }
    this.#retireIdle(idle[0], idle[1].process);
  }
}

/** Root, and whoever is served by a server of its own, reads with the server's own ids. */
function userOf({ uid, gid, groups, isRoot }: FileReader): WorkerUser {
  const own = ownIds();
  if (isRoot) return own;
  return { uid, gid, groups: [...new Set(groups)].sort((a, b) => a - b) };
}

/**
 * Breakpoints of who is not root stay in the processes of the scope, so that nobody else ever traps. Where the kernel cannot
 * do that, the pool refuses.
 *
 * @throws SbError `isolation.unavailable`
 */
async function chooseIsolation(
  { isRoot, uid }: FileReader,
  { isolation = "auto", scope }: Pick<ProbeAsked, "isolation" | "scope">,
): Promise<"per-process" | "shared"> {
  if (!isRoot) {
    if (isolation !== "shared") return "per-process";
    throw new SbError(
      "isolation.unavailable",
      `Cannot share breakpoints: those of user ${uid} may not stand in processes of others`,
      { hint: "Leave the isolation out" },
    );
  }
  if (isolation !== "auto") return isolation;
  if (scope === undefined || !("tree" in scope)) return "shared";
  const { probeFeatures } = await import("../../mod.ts");
  try {
    return probeFeatures().uprobeMulti ? "per-process" : "shared";
  } catch {
    // No eBPF: the kernel module puts breakpoints into processes only.
    return "per-process";
  }
}
