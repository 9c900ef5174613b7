/** What a client throws: answers of the server that are errors, and what befalls the connection. */
import type { FaultData } from "../wire/mod.ts";

/** The server's answer to a call was an error. */
export class RpcError extends Error {
  override name = "RpcError";
  /** The number of JSON-RPC: -32001 not found, -32002 not permitted, … */
  readonly code: number;
  /** `data.code` is the stable code, such as `probe.symbol_not_found`; facts stand beside it. */
  readonly data: FaultData;

  constructor(error: { code: number; message: string; data?: Partial<FaultData> }) {
    super(error.message);
    this.code = error.code;
    this.data = { ...error.data, code: error.data?.code ?? "internal", hint: error.data?.hint ?? null };
  }

  /** What to do about it; null where nobody knows. */
  get hint(): string | null {
    return this.data.hint;
  }
}

/**
 * - `server.not_found`: no socket, or nobody listens
 * - `server.untrusted`: the socket belongs to neither root nor oneself
 * - `server.gone`: the connection ended, or was closed
 */
export type ConnectionCode = "server.not_found" | "server.untrusted" | "server.gone";

/** The server cannot be asked. */
export class ConnectionError extends Error {
  override name = "ConnectionError";
  readonly code: ConnectionCode;
  /** What to do about it; null where nobody knows. */
  readonly hint: string | null;

  constructor(code: ConnectionCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? null;
  }
}
