/** The links of one probe: one set for all processes, or one a process. */
import { type OwnedFd } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import type { AttachPaths } from "../../backend.ts";
import type { ProbePlan } from "../../model.ts";
import { attachInBackground } from "../attach.ts";
import type { EbpfFeatures } from "../features.ts";
import { encodeCookie } from "../layout.ts";
import type { SiteRow } from "../site_rows.ts";
import type { Closing } from "./closing.ts";
import type { Gate } from "./gate.ts";

/** Stands for every process. */
export const EVERYBODY = 0;

/** What the links of a probe are made of. */
export interface LinkSource {
  plan: ProbePlan;
  rows: readonly SiteRow[];
  program: OwnedFd;
  paths: AttachPaths;
  features: EbpfFeatures;
}

/** Whether an error says that a process is gone: ESRCH of BPF_LINK_CREATE. */
function isNoProcess(error: unknown): boolean {
  return error instanceof SbError && error.data.errno === "ESRCH";
}

/** The links of a probe, by process. */
export class ProbeLinks {
  readonly #source: LinkSource;
  readonly #closing: Closing;
  /** Empty while they are being made. */
  readonly #links = new Map<number, OwnedFd[]>();
  /** Closes that are under way. */
  readonly #leaving = new Set<Promise<void>>();
  /** Links that are being made: their slots are in use until they are there, or closed again. */
  readonly #making = new Set<Promise<void>>();

  constructor(source: LinkSource, closing: Closing) {
    this.#source = source;
    this.#closing = closing;
  }

  /**
   * Puts the breakpoints into a process, or into all ({@linkcode EVERYBODY}). Nothing happens when they are there, and when the
   * process has ended.
   *
   * @param epoch of the slots, in which the links count
   * @throws SbError what attaching refuses
   */
  open(pid: number, epoch: number): Promise<void> {
    return this.#open(pid, () => this.#make(pid, epoch));
  }

  /** {@linkcode open} for a process that was forked: those of many forks come one after the other, while they are still there. */
  openLater(pid: number, epoch: number, gate: Gate): Promise<void> {
    return this.#open(
      pid,
      (isWanted) => gate.pass(() => isWanted() ? this.#make(pid, epoch) : Promise.resolve([])),
    );
  }

  async #open(pid: number, make: (isWanted: () => boolean) => Promise<OwnedFd[]>): Promise<void> {
    if (this.#links.has(pid)) return;
    const links: OwnedFd[] = [];
    this.#links.set(pid, links);
    const making = make(() => this.#links.get(pid) === links);
    const settled = making.then(() => {}, () => {});
    this.#making.add(settled);
    try {
      const made = await making;
      // The process has left, or the probe has ended, meanwhile.
      if (this.#links.get(pid) !== links) this.#leave(made);
      else links.push(...made);
    } catch (error) {
      if (this.#links.get(pid) === links) this.#links.delete(pid);
      if (!isNoProcess(error)) throw error;
    } finally {
      this.#making.delete(settled);
    }
  }

  /** Takes the breakpoints out of a process. */
  close(pid: number): void {
    const links = this.#links.get(pid);
    if (!links) return;
    this.#links.delete(pid);
    this.#leave(links);
  }

  /** Takes all breakpoints out. */
  closeAll(): void {
    for (const pid of [...this.#links.keys()]) this.close(pid);
  }

  /** Settles when none is left, neither those that were being made. */
  async gone(): Promise<void> {
    while (this.#making.size > 0 || this.#leaving.size > 0) {
      await Promise.all([...this.#making, ...this.#leaving]);
    }
  }

  #leave(links: readonly OwnedFd[]): void {
    const closed = this.#closing.close(links);
    this.#leaving.add(closed);
    void closed.finally(() => this.#leaving.delete(closed));
  }

  /** One kind after the other; the entries first: a return without its entry would not be a miss. */
  async #make(pid: number, epoch: number): Promise<OwnedFd[]> {
    const { plan, rows, program, paths, features } = this.#source;
    const links: OwnedFd[] = [];
    try {
      for (const isReturn of [false, true]) {
        const group = rows.filter((row) => row.isReturn === isReturn);
        if (group.length === 0) continue;
        links.push(
          ...await attachInBackground(program, {
            file: plan.file.path,
            path: paths.get(plan.file.path) ?? plan.file.openPath,
            isReturn,
            sites: group.map((row) => ({
              fileOffset: row.fileOffset,
              cookie: encodeCookie({ ...row, epoch }),
            })),
            ...(pid === EVERYBODY ? {} : { pid }),
          }, features),
        );
      }
      return links;
    } catch (error) {
      this.#leave(links);
      throw error;
    }
  }
}
