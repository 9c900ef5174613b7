/** The process tree of a session: the map of its members, the programs that keep it, and the news of forks. */
import {
  BpfMap,
  Errno,
  MapType,
  openRawTracepoint,
  type OwnedFd,
  RingBuffer,
  systemCall,
  testRun,
  testRunAttribute,
} from "../../../ffi/mod.ts";
import { SbError, toNumber } from "../../core/mod.ts";
import type { EntryCall, ForkNews } from "../backend.ts";
import type { ConfigMemory } from "./config_memory.ts";
import { loadAssembled } from "./load.ts";
import {
  execProgram,
  exitProgram,
  FORK_NEWS,
  forkProgram,
  readTreeOffsets,
  seedProgram,
  type TreeMaps,
} from "./tree_programs.ts";

/** Processes that a tree may have at once. */
export const MAX_TREE = 65_536;
const FORK_NEWS_BYTES = 1 << 18;

function wordBytes(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

/** How a tree is followed. */
export interface TreeOptions {
  /** Windows start when the root executes a command. */
  windowsStartAtExec: boolean;
  /** Whether somebody listens to {@linkcode ProcessTree.nextForks}. */
  tellForks: boolean;
}

/** A tree, followed from construction on. */
export class ProcessTree implements AsyncDisposable {
  /** Global process id → 1. */
  readonly map: BpfMap;
  /** sb's own id, as the kernel's programs see it. */
  readonly holder: number;
  readonly #config: ConfigMemory;
  readonly #owned = new DisposableStack();
  readonly #trackers: OwnedFd[] = [];
  readonly #forks: RingBuffer | undefined;
  readonly #enter: OwnedFd;

  /** Loads and attaches the trackers. @throws SbError */
  constructor(config: ConfigMemory, options: TreeOptions) {
    this.#config = config;
    try {
      this.map = this.#owned.use(
        new BpfMap("sb_tree", { type: MapType.hash, keyBytes: 4, valueBytes: 4, entries: MAX_TREE }),
      );
      this.#forks = options.tellForks ? new RingBuffer("sb_forks", FORK_NEWS_BYTES) : undefined;
      const maps: TreeMaps = { config: config.map.fd.fd, tree: this.map.fd.fd };
      if (this.#forks) maps.forks = this.#forks.map.fd.fd;
      const offsets = readTreeOffsets();
      using identify = loadAssembled(seedProgram(maps, false), {
        name: "sb_identify",
        type: "raw_tracepoint",
      });
      testRun(identify);
      this.holder = toNumber(config.header("seen"));
      config.setHeader("holder", BigInt(this.holder));
      if (options.tellForks) this.#requireGlobalIds();
      const programs = [
        ["sched_process_exit", "sb_exit", exitProgram(maps, offsets)],
        ["sched_process_fork", "sb_fork", forkProgram(maps, offsets)],
        ...(options.windowsStartAtExec
          ? [["sched_process_exec", "sb_exec", execProgram(maps)] as const]
          : []),
      ] as const;
      for (const [tracepoint, name, assembler] of programs) {
        using program = loadAssembled(assembler, { name, type: "raw_tracepoint" });
        this.#trackers.push(openRawTracepoint(tracepoint, program));
      }
      this.#enter = this.#owned.use(
        loadAssembled(seedProgram(maps, true), { name: "sb_enter", type: "raw_tracepoint" }),
      );
    } catch (error) {
      for (const tracker of this.#trackers) tracker[Symbol.dispose]();
      this.#owned.dispose();
      throw error;
    }
  }

  /** The system call by which a process makes itself the root. Valid while the tree is open. */
  get entryCall(): EntryCall {
    const { command, attribute } = testRunAttribute(this.#enter);
    return { call: "bpf", args: [command, attribute, attribute.length], descriptors: [this.#enter.fd] };
  }

  /** Processes that found no room, or whose fork could not be told. */
  get untracked(): number {
    return toNumber(this.#config.header("untracked"));
  }

  /** Enters running processes until a look finds nobody new. @param scan the tree's ids, as /proc has them now @throws SbError `isolation.unavailable` */
  enter(scan: () => readonly number[]): void {
    this.#requireGlobalIds();
    const entered = new Set<number>();
    for (;;) {
      const fresh = scan().filter((pid) => !entered.has(pid));
      if (fresh.length === 0) return;
      for (const pid of fresh) {
        entered.add(pid);
        this.map.update(wordBytes(pid), wordBytes(1));
        // Whoever ended before the update was not taken out by the exit program.
        if (systemCall("kill", pid, 0) === -Errno.ESRCH) this.map.delete(wordBytes(pid));
      }
    }
  }

  /** Lets everybody go, children that are forked meanwhile too. @returns whether there was anybody */
  clear(): boolean {
    let wasInhabited = false;
    for (let keys = this.map.keys(); keys.length > 0; keys = this.map.keys()) {
      wasInhabited = true;
      for (const key of keys) this.map.delete(key);
    }
    return wasInhabited;
  }

  /** The kernel's programs see global ids; the ids that sb knows are those only in the first pid namespace. */
  #requireGlobalIds(): void {
    if (this.holder === Deno.pid) return;
    throw new SbError(
      "isolation.unavailable",
      "Cannot follow a tree by its process ids: sb runs in a pid namespace of its own",
      { hint: "Run sb outside the container, or start the command with it: sb run …" },
    );
  }

  /** The ids of the processes in the tree now. */
  members(): number[] {
    return this.map.keys().map((key) => new DataView(key.buffer).getUint32(0, true));
  }

  /** The processes forked in the tree since the last call; null when the tree is closed. */
  async nextForks(): Promise<ForkNews[] | null> {
    if (!this.#forks || !await this.#forks.wait()) return null;
    return this.#forks.read().map((record) => {
      const { pid, atNs } = FORK_NEWS.read(new DataView(record.buffer));
      return { pid: toNumber(pid), atNs };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.#forks?.[Symbol.asyncDispose](),
      ...this.#trackers.map((fd) => fd.closeInBackground()),
    ]);
    this.#owned.dispose();
  }
}
