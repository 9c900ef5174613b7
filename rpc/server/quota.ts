/** What one user may have at a time; root has no limits. */
import { formatTime, MAX_DELAY_NS, SbError } from "../../src/core/mod.ts";
import { QUEUED_BYTES } from "../wire/mod.ts";

/** The limits of a user who is not root. */
export interface Limits {
  /** Connections, detached sessions among them. */
  connections: number;
  /** Live probes, over all sessions. */
  probes: number;
  /** Counts of kernel operations, over all sessions. */
  counts: number;
  /** The longest delay of a hit, in nanoseconds. */
  delayNs: number;
}

/** The limits where the administrator says nothing. */
export const DEFAULT_LIMITS: Limits = { connections: 16, probes: 64, counts: 16, delayNs: 10_000_000 };

/** What a peer is told of its limits; null is none. */
export interface LimitsOfUser {
  connections: number | null;
  probes: number | null;
  counts: number | null;
  delayNs: number;
}

/** What one user has. */
interface Held {
  connections: number;
  probes: number;
  counts: number;
}

/** Bytes that may wait for all connections of a user who is not root: what one may, twice. */
const QUEUED_BYTES_OF_USER = 2 * QUEUED_BYTES;

/** Counts what each user has. */
export class Quotas {
  readonly #limits: Limits;
  readonly #held = new Map<number, Held>();
  /** User → connection → bytes that wait for it; only where some do. */
  readonly #queued = new Map<number, Map<object, number>>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The limits of a user. */
  limitsOf(uid: number): LimitsOfUser {
    if (uid === 0) return { connections: null, probes: null, counts: null, delayNs: MAX_DELAY_NS };
    return this.#limits;
  }

  /** Takes one connection. @throws SbError `quota.connections` */
  takeConnection(uid: number): void {
    const limit = this.#limits.connections;
    if (uid !== 0 && this.#of(uid).connections >= limit) {
      throw new SbError("quota.connections", `Cannot connect: user ${uid} has ${limit} connections already`, {
        hint: "Close one; detached sessions count too, until they are resumed or expire",
        data: { limit },
      });
    }
    this.#of(uid).connections++;
  }

  /** Gives one connection back. */
  releaseConnection(uid: number): void {
    this.#change(uid, "connections", -1);
  }

  /** Takes probes, before they are applied. @throws SbError `quota.probes` */
  takeProbes(uid: number, count: number): void {
    const limit = this.#limits.probes;
    const { probes } = this.#of(uid);
    if (uid !== 0 && probes + count > limit) {
      throw new SbError(
        "quota.probes",
        `Cannot add ${count === 1 ? "a probe" : `${count} probes`}: user ${uid} has ${probes} of ${limit}`,
        {
          hint: "Remove probes that are no longer needed, or name fewer functions",
          data: { limit, probes, count },
        },
      );
    }
    this.#change(uid, "probes", count);
  }

  /** Gives probes back. */
  releaseProbes(uid: number, count: number): void {
    this.#change(uid, "probes", -count);
  }

  /** Takes one count. @throws SbError `quota.counts` */
  takeCount(uid: number): void {
    const limit = this.#limits.counts;
    if (uid !== 0 && this.#of(uid).counts >= limit) {
      throw new SbError("quota.counts", `Cannot count: user ${uid} has ${limit} counts already`, {
        hint: "Remove one: count.remove",
        data: { limit },
      });
    }
    this.#change(uid, "counts", 1);
  }

  /** Gives one count back. */
  releaseCount(uid: number): void {
    this.#change(uid, "counts", -1);
  }

  /** Refuses what could delay a hit for longer than the user may. @throws SbError `quota.delay` */
  checkDelay(uid: number, greatestNs: number): void {
    const limit = this.limitsOf(uid).delayNs;
    if (greatestNs <= limit) return;
    throw new SbError(
      "quota.delay",
      `Cannot delay a hit for up to ${formatTime(Math.ceil(greatestNs))}: user ${uid} may delay one for ${
        formatTime(limit)
      } at the most`,
      {
        hint: "Ask for a shorter delay, or for a distribution with a shorter tail",
        data: { limit_ns: limit },
      },
    );
  }

  /**
   * Notes how much waits for a connection to read it.
   *
   * @param connection whatever stands for it
   * @returns whether it may be so much, with what waits for the user's other connections
   */
  mayQueue(uid: number, connection: object, bytes: number): boolean {
    if (bytes > QUEUED_BYTES) return false;
    if (uid === 0) return true;
    let queued = this.#queued.get(uid);
    if (bytes === 0) {
      if (queued?.delete(connection) && queued.size === 0) this.#queued.delete(uid);
      return true;
    }
    if (queued === undefined) this.#queued.set(uid, queued = new Map());
    queued.set(connection, bytes);
    return queued.values().reduce((sum, each) => sum + each, 0) <= QUEUED_BYTES_OF_USER;
  }

  #of(uid: number): Held {
    let held = this.#held.get(uid);
    if (held === undefined) this.#held.set(uid, held = { connections: 0, probes: 0, counts: 0 });
    return held;
  }

  #change(uid: number, what: keyof Held, by: number): void {
    const held = this.#of(uid);
    held[what] += by;
    if (Object.values(held).every((count) => count === 0)) this.#held.delete(uid);
  }
}
