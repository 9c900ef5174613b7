/** What is wrong with a message: the `error` member of its answer. */

/** The numbers of JSON-RPC 2.0 for messages that cannot be carried out. */
export const NUMBER = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
} as const;

/** The `error` member of an answer. */
export interface Fault {
  /** The number: a class of faults. */
  code: number;
  /** `Cannot <do> "<thing>": <what was seen>` */
  message: string;
  data: FaultData;
}

/** What is there for programs. */
export interface FaultData {
  /** The stable code, one of docs/errors.md. */
  code: string;
  /** What to do about it. */
  hint: string | null;
  /** Facts of this fault: the path of a parameter, the number of an error of the kernel. */
  [fact: string]: unknown;
}

/** A text that is no message. @param facts what was seen where */
export function parseFault(seen: string, facts: Record<string, unknown> = {}): Fault {
  return {
    code: NUMBER.parse,
    message: `Cannot read the message: ${seen}`,
    data: { code: "rpc.parse", hint: "Send one JSON text in UTF-8 a line", ...facts },
  };
}

/** A JSON text that is no request. */
export function requestFault(seen: string, hint: string = REQUEST_HINT): Fault {
  return {
    code: NUMBER.request,
    message: `Cannot read the request: ${seen}`,
    data: { code: "rpc.request", hint },
  };
}

const REQUEST_HINT = 'Send {"jsonrpc":"2.0","id":1,"method":"server.info"}';
