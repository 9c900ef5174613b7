/** The trackers of a pool: their maps and programs, attached while the pool is open, and what they tell. */
import { type BpfMap, openRawTracepoint, type OwnedFd, RingBuffer, testRun } from "../../../../ffi/mod.ts";
import { toNumber } from "../../../core/mod.ts";
import { readKernelTypes } from "../../../sys/mod.ts";
import type { ConfigMemory } from "../config_memory.ts";
import { loadAssembled } from "../load.ts";
import { readTreeOffsets, seedProgram } from "../tree_programs.ts";
import type { ScopeSets } from "./sets.ts";
import {
  execProgram,
  exitProgram,
  forkProgram,
  moveProgram,
  NEWS,
  NewsKind,
  type TrackerMaps,
} from "./tracker_programs.ts";
import { TreeScopes } from "./tree_scopes.ts";

const NEWS_BYTES = 1 << 18;

/** Where a bit field lies. @param offsetBytes its bits are a fraction */
function bitOf(offsetBytes: number): { byte: number; bit: number } {
  const byte = Math.floor(offsetBytes);
  return { byte, bit: Math.round((offsetBytes - byte) * 8) };
}

/** sb's own id, as programs of the kernel see it. @param header the map whose head is the header */
export function readHolder(header: ConfigMemory): number {
  const fd = header.map.fd.fd;
  using program = loadAssembled(seedProgram({ config: fd, tree: fd }, false), {
    name: "sb_identify",
    type: "raw_tracepoint",
  });
  testRun(program);
  return toNumber(header.header("seen"));
}

/** The trackers, attached. */
export class Trackers implements AsyncDisposable {
  readonly scopes: TreeScopes;
  readonly #owned = new DisposableStack();
  readonly #links: OwnedFd[] = [];
  readonly #header: ConfigMemory;
  readonly #news: RingBuffer;
  readonly #listening: Promise<void>;

  /** @throws SbError `backend.verifier`, `kernel.refused` */
  constructor({ header, tree, sets }: { header: ConfigMemory; tree: BpfMap; sets: ScopeSets }) {
    this.#header = header;
    const news = new RingBuffer("sb_pool_news", NEWS_BYTES);
    try {
      const maps: TrackerMaps = {
        header: header.map.fd.fd,
        tree: tree.fd.fd,
        sets: sets.memory.map.fd.fd,
        news: news.map.fd.fd,
      };
      const holder = toNumber(header.header("holder"));
      const move = this.#owned.use(
        loadAssembled(moveProgram(maps), { name: "sb_pool_move", type: "raw_tracepoint" }),
      );
      this.scopes = this.#owned.use(
        new TreeScopes(sets, {
          tree,
          holder,
          move: (pid, from, to) => testRun(move, [BigInt(pid), BigInt(from), BigInt(to)]) === 1,
        }),
      );
      const offsets = readTreeOffsets();
      const types = readKernelTypes();
      const execOffsets = {
        secureexec: bitOf(types.offsetOf("linux_binprm", "secureexec")),
        interpreterFlags: types.offsetOf("linux_binprm", "interp_flags"),
      };
      const programs = [
        ["sched_process_exit", "sb_pool_exit", exitProgram(maps, offsets)],
        ["sched_process_exec", "sb_pool_exec", execProgram(maps, execOffsets)],
        ["sched_process_fork", "sb_pool_fork", forkProgram(maps, offsets)],
      ] as const;
      for (const [tracepoint, name, assembler] of programs) {
        using program = loadAssembled(assembler, { name, type: "raw_tracepoint" });
        this.#links.push(openRawTracepoint(tracepoint, program));
      }
    } catch (error) {
      for (const link of this.#links) link[Symbol.dispose]();
      this.#owned.dispose();
      void news[Symbol.asyncDispose]();
      throw error;
    }
    this.#news = news;
    this.#listening = this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#news[Symbol.asyncDispose]();
    await Promise.all([this.#listening, ...this.#links.map((link) => link.closeInBackground())]);
    this.#owned.dispose();
  }

  async #listen(): Promise<void> {
    let untracked = 0n;
    while (await this.#news.wait()) {
      for (const record of this.#news.read()) this.#hear(record);
      const now = this.#header.header("untracked");
      if (now !== untracked) this.scopes.reconcile();
      untracked = now;
    }
  }

  #hear(record: Uint8Array<ArrayBuffer>): void {
    const { kind, ...words } = NEWS.read(new DataView(record.buffer));
    const [pid, set, other] = [toNumber(words.pid), toNumber(words.set), toNumber(words.other)];
    switch (toNumber(kind)) {
      case NewsKind.forked:
        return this.scopes.forked(pid, set, words.atNs);
      case NewsKind.exited:
      case NewsKind.left:
        return this.scopes.left(pid, set, other);
      case NewsKind.met:
        return this.scopes.met(pid, set, words.atNs);
      case NewsKind.renewed:
        return this.scopes.renewed(pid, set);
    }
  }
}
