/** A count of kernel operations that the server holds for this client. */
import type { Connection } from "./connection.ts";
import { ConnectionError, RpcError } from "./errors.ts";
import type { Counting, CountReading } from "./protocol.ts";

/** Which processes of a tree are read. */
export interface CountReadOptions {
  /** Those with a row above this one: that of the last process that was read before. */
  after?: number;
  /** So many at the most, 1000 without it; up to 10,000. */
  limit?: number;
}

/** A live count. Disposing removes it. */
export class RemoteCount implements AsyncDisposable {
  readonly #connection: Connection;
  #isRemoved = false;
  /** `c1`, `c2`, …: what the server calls it. */
  readonly id: string;
  /** The root of the tree, as the server sees it. */
  readonly pid: number;

  /** Use {@linkcode Client.count}. */
  constructor(connection: Connection, { count, pid }: Counting) {
    this.#connection = connection;
    this.id = count;
    this.pid = pid;
  }

  /** What was counted so far. @throws RpcError `count.not_found` */
  async read(options: CountReadOptions = {}): Promise<CountReading> {
    return await this.#connection.request({
      method: "count.read",
      params: { count: this.id, ...options },
    }) as CountReading;
  }

  /** Ends it. @returns the last figures */
  async remove(): Promise<CountReading> {
    const reading = await this.#connection.request({ method: "count.remove", params: { count: this.id } });
    this.#isRemoved = true;
    return reading as CountReading;
  }

  /** Removes it where it is still there. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRemoved) return;
    try {
      await this.remove();
    } catch (error) {
      const isGone = error instanceof ConnectionError ||
        (error instanceof RpcError && error.data.code === "count.not_found");
      if (!isGone) throw error;
    }
  }
}
