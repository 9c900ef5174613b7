/** The probes that a session holds, and what each of them keeps until it ends. */
import type { EndReason, Probe } from "../../mod.ts";
import { SbError } from "../../src/core/mod.ts";

/** What several probes keep together: given back when the last of them has ended. */
export class Shared {
  #users: number;
  readonly #release: () => void;

  constructor(users: number, release: () => void) {
    this.#users = users;
    this.#release = release;
  }

  /** One of them has ended. */
  leave(): void {
    if (--this.#users === 0) this.#release();
  }
}

/** A probe of a session. */
export interface HeldProbe {
  readonly probe: Probe;
  /** The client that added it. */
  readonly owner: { pid: number; comm: string | null };
  /** Whether its end is no news: the session asked for it. */
  isExpected: boolean;
  isEnded: boolean;
}

/** Figures of ended probes are kept until they are removed, but of so many only. */
const MOST_ENDED = 1000;

/** The probes of a session by id, those that ended among them. */
export class HeldProbes {
  readonly #held = new Map<string, HeldProbe>();
  readonly #ended: (held: HeldProbe, why: EndReason) => void;

  /** @param ended is told of each end, once */
  constructor(ended: (held: HeldProbe, why: EndReason) => void) {
    this.#ended = ended;
  }

  /** Those that have not ended, in the order in which they were added. */
  live(): HeldProbe[] {
    return this.all().filter((held) => !held.isEnded);
  }

  /** All whose figures are there. */
  all(): HeldProbe[] {
    return [...this.#held.values()];
  }

  /** Takes probes in. @param kept what they keep together */
  add(probes: readonly Probe[], { owner, kept }: { owner: HeldProbe["owner"]; kept: Shared }): HeldProbe[] {
    return probes.map((probe) => {
      const held: HeldProbe = { probe, owner, isExpected: false, isEnded: false };
      this.#held.set(probe.id, held);
      probe.ended.then((why) => {
        held.isEnded = true;
        kept.leave();
        this.#ended(held, why);
        this.#forgetOldest();
      });
      return held;
    });
  }

  /** One by its id. @throws SbError `probe.not_found` */
  get(id: string): HeldProbe {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    throw new SbError("probe.not_found", `Cannot find the probe "${id}": the session has none of that id`, {
      hint: "List the session's probes: probe.list",
    });
  }

  /** Whether there is one of that id. */
  has(id: string): boolean {
    return this.#held.has(id);
  }

  /** Drops it, figures and all. */
  forget({ probe }: HeldProbe): void {
    this.#held.delete(probe.id);
  }

  #forgetOldest(): void {
    const ended = this.all().filter((held) => held.isEnded);
    for (const held of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) this.forget(held);
  }
}
