/** The one error type of sb, with a stable code, and what is derived from it. Pure. */
import { ERROR_TABLE, type ErrorCode, type ErrorRow } from "./error_table.ts";

/** What may stand beside the message of an {@linkcode SbError}. */
export interface SbErrorOptions {
  /** An imperative with the exact command that gets the user on. */
  hint?: string;
  /** Machine-readable facts: candidates, logs, errno. Must survive JSON. */
  data?: Record<string, unknown>;
  cause?: unknown;
}

/** Every refusal and failure of sb: `Cannot <do> "<thing>": <what was seen>`, a stable code and a way on. */
export class SbError extends Error {
  override name = "SbError";
  /** The stable code, a key of the error table. */
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly data: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: SbErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.data = options.data ?? {};
  }

  /** The row of the error table: exit code, RPC number and sentence. */
  get row(): ErrorRow {
    return ERROR_TABLE[this.code];
  }

  /** The shape of the contract: `{code, message, hint, data}`; `hint` is null when there is none. */
  toJSON(): { code: ErrorCode; message: string; hint: string | null; data: Record<string, unknown> } {
    return { code: this.code, message: this.message, hint: this.hint ?? null, data: this.data };
  }
}

/** Whatever was thrown, as an SbError; a foreign error is `internal`. */
export function asSbError(thrown: unknown): SbError {
  if (thrown instanceof SbError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return new SbError("internal", `Cannot go on: ${message}`, {
    hint: "Report this as a bug, with the output of sb --json …",
    data: stack ? { stack } : {},
    cause: thrown,
  });
}

/** What the system said, without the number that Deno writes behind it. */
export function systemMessage(error: unknown): string {
  return error instanceof Error ? error.message.replace(/ \(os error \d+\).*$/, "") : String(error);
}
