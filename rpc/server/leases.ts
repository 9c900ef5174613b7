/** Detached sessions: each waits for its token, of the user that detached it, until its time is over. */
import { SbError } from "../../src/core/mod.ts";
import type { ClientSession } from "./client_session.ts";
import type { Log } from "./log.ts";
import type { Quotas } from "./quota.ts";

const TOKEN_BYTES = 16;

interface Lease {
  token: Uint8Array;
  session: ClientSession;
  expiry: ReturnType<typeof setTimeout>;
}

/** Whether two tokens are the same, in a time that does not tell how much of them is. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < TOKEN_BYTES; index++) difference |= one[index] ^ other[index];
  return difference === 0;
}

/** The detached sessions. Each counts as a connection of its user. */
export class Leases implements AsyncDisposable {
  readonly #leases = new Set<Lease>();
  readonly #quotas: Quotas;
  readonly #log: Log;

  constructor({ quotas, log }: { quotas: Quotas; log: Log }) {
    this.#quotas = quotas;
    this.#log = log;
  }

  /** The sessions that wait. */
  sessions(): ClientSession[] {
    return [...this.#leases].map(({ session }) => session);
  }

  /**
   * Keeps a session.
   *
   * @returns the token, in hexadecimal
   * @throws SbError `quota.connections`
   */
  detach(session: ClientSession, ttlNs: number): string {
    this.#quotas.takeConnection(session.uid);
    const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
    const lease: Lease = { token, session, expiry: setTimeout(() => this.#expire(lease), ttlNs / 1e6) };
    session.onEnd = undefined;
    this.#leases.add(lease);
    this.#log.of(session.uid).info("session.detached", {
      session: session.number,
      uid: session.uid,
      ttl_ns: ttlNs,
    });
    return token.toHex();
  }

  /** Gives a session to who has its token. @throws SbError `session.not_found`, whatever of it is wrong */
  resume(uid: number, text: string): ClientSession {
    const token = Uint8Array.fromHex(text);
    let found: Lease | undefined;
    for (const lease of this.#leases) {
      if (isSame(lease.token, token) && lease.session.uid === uid) found = lease;
    }
    if (found === undefined) {
      throw new SbError("session.not_found", "Cannot resume the session: no session waits for that token", {
        hint: "Detach for longer; a token holds once, and for the user that detached",
      });
    }
    this.#drop(found);
    this.#log.of(uid).info("session.resumed", { session: found.session.number, uid });
    return found.session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#leases].map((lease) => {
      this.#drop(lease);
      return lease.session.close();
    }));
  }

  #expire(lease: Lease): void {
    this.#drop(lease);
    this.#log.of(lease.session.uid).info("session.expired", {
      session: lease.session.number,
      uid: lease.session.uid,
    });
    lease.session.close().catch((error) => this.#log.error("session.close", { message: String(error) }));
  }

  #drop(lease: Lease): void {
    clearTimeout(lease.expiry);
    this.#leases.delete(lease);
    this.#quotas.releaseConnection(lease.session.uid);
  }
}
