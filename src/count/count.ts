/** A count: a process tree whose kernel operations the tracer module counts for as long as the count is open. */
import { Errno, systemError } from "../../ffi/mod.ts";
import { toNumber } from "../core/mod.ts";
import { scanTree } from "../scope/mod.ts";
import type { TracerDevice } from "./device.ts";
import { refusedRead, refusedTree } from "./errors.ts";
import { figuresOf, READ, READ_MORE, READ_VERSION, readRow, Request, ROW } from "./interface.ts";
import type { CountedProcess, CountReading, ReadOptions } from "./model.ts";

/** Rows that are read by one call. */
const PAGE_ROWS = 512;

/** What one call answers. */
type Page = ReturnType<typeof READ.read>;

/** Counts a tree. Disposing ends it and forgets the figures; the end of this process does so, too. */
export class TreeCount implements Disposable, AsyncDisposable {
  readonly #device: TracerDevice;
  readonly #rows = new Uint8Array(PAGE_ROWS * ROW.sizeBytes);
  #root: number | undefined;

  /** Takes the device over. @throws SbError `module.abi` when it speaks another version of its interface */
  constructor(device: TracerDevice) {
    this.#device = device;
    try {
      this.#call({ after: 0n, capacity: 0 });
    } catch (error) {
      device[Symbol.dispose]();
      throw error;
    }
  }

  /** The root of the tree; undefined before it was named. */
  get root(): number | undefined {
    return this.#root;
  }

  /**
   * Counts a process and its descendants from now on, but for this process and what it started where it descends from the root.
   *
   * @param pid a process, not a thread of one
   * @throws SbError `process.not_found`, `permission.process`, `scope.too_many`, `kernel.refused`
   */
  async add(pid: number): Promise<void> {
    const result = await this.#device.callInBackground(Request.addTree, pid);
    // What found it watched on its way to its errno had done what was asked.
    if (result < 0 && result !== -Errno.EEXIST) throw refusedTree(-result, pid);
    this.#root = pid;
    this.#leaveOut();
  }

  /** The figures as they are now. @throws SbError `module.abi`, `kernel.refused` */
  read({ after = 0, limit = Infinity }: ReadOptions = {}): CountReading {
    const head = this.#call({ after: 0n, capacity: 0 });
    const processes: CountedProcess[] = [];
    const view = new DataView(this.#rows.buffer);
    let last = BigInt(after);
    let hasMore = toNumber(head.processes) > 0;
    while (hasMore && processes.length < limit) {
      const capacity = Math.min(PAGE_ROWS, limit - processes.length);
      const page = this.#call({ after: last, capacity });
      for (let row = 0; row < page.count; row++) {
        processes.push(readRow(view, row * ROW.sizeBytes, page.now_ns));
      }
      hasMore = (page.flags & READ_MORE) !== 0 && page.count > 0;
      last = BigInt(processes.at(-1)?.id ?? after);
    }
    return {
      atNs: toNumber(head.now_ns),
      processes,
      hasMore,
      known: toNumber(head.processes),
      live: toNumber(head.live),
      total: figuresOf(head),
      dropped: toNumber(head.dropped),
      missed: toNumber(head.missed),
      untracked: toNumber(head.untracked),
    };
  }

  /** Processes of the tree that have not ended. @throws SbError `kernel.refused` */
  get live(): number {
    return toNumber(this.#call({ after: 0n, capacity: 0 }).live);
  }

  [Symbol.dispose](): void {
    this.#device[Symbol.dispose]();
  }

  /** Does not hold up this thread: when nobody is watched any more the kernel patches its functions back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#device[Symbol.asyncDispose]();
  }

  #call({ after, capacity }: { after: bigint; capacity: number }): Page {
    const head = READ.encode({ version: READ_VERSION, capacity, after });
    const result = this.#device.read(head, this.#rows);
    if (result < 0) throw refusedRead(-result);
    return READ.read(new DataView(head.buffer));
  }

  /** Takes this process, and what it started, out of a tree that it is in itself. */
  #leaveOut(): void {
    const live = this.read().processes.filter(({ state }) => state === "live");
    const counted = new Set(live.map(({ pid }) => pid));
    if (!counted.has(Deno.pid)) return;
    // Only those that have a row here: the request would take others off the module's own list.
    for (const pid of scanTree(Deno.pid).filter((pid) => counted.has(pid))) {
      const result = this.#device.call(Request.removeProcess, pid);
      if (result < 0 && result !== -Errno.ESRCH && result !== -Errno.ENOENT) {
        throw systemError("ioctl(TRACER_REMOVE_PROCESS)", -result, `leave process ${pid} out of the count`);
      }
    }
  }
}
