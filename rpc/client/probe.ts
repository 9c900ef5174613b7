/** A probe that the server holds for this client. */
import { type Change, updateParams } from "./asked.ts";
import type { Connection } from "./connection.ts";
import { ConnectionError, RpcError } from "./errors.ts";
import type { Ended, ProbeRow, ResultOf, Stats } from "./protocol.ts";

/** Why a probe is no longer there. */
export type EndReason = Ended["why"] | "detached" | "connection ended";

/** A live probe. Disposing removes it. */
export class RemoteProbe implements AsyncDisposable {
  readonly #connection: Connection;
  #end!: (why: EndReason) => void;
  #hasEnded = false;
  /** `p1`, `p2`, …: what the server calls it. */
  readonly id: string;
  /** The probe as it was when it was added. */
  readonly added: ProbeRow;
  /** Settles when the probe has ended, with why. */
  readonly ended: Promise<EndReason>;

  /** Use {@linkcode Client.probe}. @param tie is given what to call when the server tells of its end */
  constructor(connection: Connection, row: ProbeRow, tie: (end: (why: EndReason) => void) => void) {
    this.#connection = connection;
    this.id = row.id;
    this.added = row;
    this.ended = new Promise((resolve) => {
      this.#end = (why) => {
        this.#hasEnded = true;
        resolve(why);
      };
    });
    tie(this.#end);
  }

  /** The canonical target, `FILE:SYMBOL[%return]`. */
  get target(): string {
    return this.added.target;
  }

  /** @throws RpcError `rpc.params`, `usage.*`, `probe.not_found` */
  async update(change: Change): Promise<void> {
    await this.#connection.request({ method: "probe.update", params: updateParams(this.id, change) });
  }

  async enable(): Promise<void> {
    await this.#connection.request({ method: "probe.enable", params: { probe: this.id } });
  }

  /** Keeps it from delaying and counting; its breakpoints leave. */
  async disable(): Promise<void> {
    await this.#connection.request({ method: "probe.disable", params: { probe: this.id } });
  }

  /** The figures so far. */
  async stats(): Promise<Stats> {
    const { probes } = await this.#connection.request({
      method: "probe.stats",
      params: { probe: this.id },
    }) as ResultOf<"probe.stats">;
    return probes[0];
  }

  /** No further delay starts; those in flight end within 60 ms. @returns the last figures */
  async remove(): Promise<Stats> {
    const figures = await this.#connection.request({ method: "probe.remove", params: { probe: this.id } });
    this.#end("removed");
    return figures as Stats;
  }

  /** Removes it where it is still there. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    try {
      await this.remove();
    } catch (error) {
      const isGone = error instanceof ConnectionError ||
        (error instanceof RpcError && error.data.code === "probe.not_found");
      if (!isGone) throw error;
    }
  }
}
