/** The pools of this process, one a backend: opened with the first session that needs it, closed with the last. */
import { openPool, type ProbePool, type RealBackend } from "../probe/mod.ts";

/** A pool, and how many hold it. */
interface SharedPool {
  pool: ProbePool;
  holders: number;
}

const pools = new Map<RealBackend, SharedPool>();
/** Pools that are being closed: their breakpoints leave. */
const closing = new Map<RealBackend, Promise<void>>();

/** A holder's part in a pool. Disposing gives it back; the last one waits until the breakpoints have left. */
export class PoolLease implements AsyncDisposable {
  readonly pool: ProbePool;
  readonly #release: () => Promise<void>;
  #released: Promise<void> | undefined;

  constructor(pool: ProbePool, release: () => Promise<void>) {
    this.pool = pool;
    this.#release = release;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#released ??= this.#release();
  }
}

/** Takes part in the backend's pool; opens it where it is the first. @throws SbError what opening refuses */
export async function leasePool(backend: RealBackend): Promise<PoolLease> {
  await closing.get(backend);
  const shared = pools.get(backend) ?? { pool: openPool(backend), holders: 0 };
  shared.holders++;
  pools.set(backend, shared);
  return new PoolLease(shared.pool, () => release(backend, shared));
}

async function release(backend: RealBackend, shared: SharedPool): Promise<void> {
  if (--shared.holders > 0) return;
  pools.delete(backend);
  const closed = Promise.resolve(shared.pool[Symbol.asyncDispose]());
  // Whoever opens next waits, and learns nothing of a failure that is not its own.
  closing.set(backend, closed.catch(() => {}).finally(() => closing.delete(backend)));
  await closed;
}
