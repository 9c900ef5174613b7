/** A line to a message of JSON-RPC 2.0. What is wrong is part of the result: nothing here throws. */
import { type Fault, NUMBER, parseFault, requestFault } from "./fault.ts";
import { JsonError, parseJson, shortened } from "./json.ts";
import { BATCH_ITEMS, LINE_BYTES } from "./limits.ts";

/** What an answer is matched by. */
export type Id = string | number | null;

/** A request, or a notification. */
export interface Call {
  kind: "call";
  /** undefined: a notification, which gets no answer whatever becomes of it. */
  id: Id | undefined;
  method: string;
  /** By name; empty where there were none. */
  params: Record<string, unknown>;
}

/** What is answered with a fault before anything is called. */
export interface BadCall {
  kind: "bad";
  /** null where none could be read; undefined: it was a notification, which gets no answer. */
  id: Id | undefined;
  fault: Fault;
}

/** Several at once; answered with one array, in this order, without the notifications. */
export interface Batch {
  kind: "batch";
  items: (Call | BadCall)[];
}

/** The stream cannot be trusted any more: the fault is answered with id null, and the connection ends. */
export interface FatalMessage {
  kind: "fatal";
  fault: Fault;
}

export type Message = Call | BadCall | Batch | FatalMessage;

/** Throws on what is not UTF-8, and keeps a byte order mark, which no JSON text may begin with. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const MEMBERS: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params"]);

/** Reads one line, without its end. */
export function parseMessage(line: Uint8Array): Message {
  let text: string;
  try {
    text = UTF8.decode(line);
  } catch {
    return { kind: "fatal", fault: parseFault("it is not UTF-8") };
  }
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const fault = parseFault(`${error.message}, at character ${error.at + 1}`, { at: error.at });
    return error.isTooDeep ? { kind: "fatal", fault } : bad(null, fault);
  }
  return Array.isArray(value) ? parseBatch(value) : parseCall(value);
}

/** What a line over the cap is answered with, before the connection ends. */
export function overlongFault(): Fault {
  return parseFault(`the line is longer than ${LINE_BYTES} bytes`, { limit: LINE_BYTES });
}

function bad(id: Id | undefined, fault: Fault): BadCall {
  return { kind: "bad", id, fault };
}

function parseBatch(items: readonly unknown[]): Batch | BadCall {
  if (items.length === 0) return bad(null, requestFault("the batch is empty"));
  if (items.length > BATCH_ITEMS) {
    const seen = `the batch has ${items.length} requests`;
    return bad(null, requestFault(seen, `Send at most ${BATCH_ITEMS} requests in a batch`));
  }
  return { kind: "batch", items: items.map(parseCall) };
}

function isId(value: unknown): value is Id {
  return value === null || typeof value === "string" || typeof value === "number";
}

/** A value of the wrong type as a message names it. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "bigint") return "an integer beyond 2^53";
  return `a ${typeof value}`;
}

function parseCall(value: unknown): Call | BadCall {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return bad(null, requestFault(`it is ${typeName(value)}, not an object`));
  }
  const request = value as Record<string, unknown>;
  const has = (name: string) => Object.hasOwn(request, name);
  const id = has("id") ? request.id : undefined;
  if (id !== undefined && !isId(id)) {
    return bad(null, requestFault(`"id" is ${typeName(id)}`, "Use a string or a number up to 2^53"));
  }
  const refuse = (fault: Fault) => bad(id ?? null, fault);
  // Inherited members do not count: "constructor" is as unknown as any.
  if (!has("jsonrpc") || request.jsonrpc !== "2.0") return refuse(requestFault('"jsonrpc" is not "2.0"'));
  if (!has("method")) return refuse(requestFault('"method" is missing'));
  if (typeof request.method !== "string") {
    return refuse(requestFault(`"method" is ${typeName(request.method)}, not a string`));
  }
  const unknown = unknownMember(request);
  if (unknown !== undefined) {
    const seen = `it has an unknown member ${JSON.stringify(shortened(unknown))}`;
    return refuse(requestFault(seen, `A request has ${[...MEMBERS].join(", ")}`));
  }
  const params = has("params") ? request.params : {};
  if (typeof params !== "object" || params === null) {
    return refuse(requestFault(`"params" is ${typeName(params)}, not an object`));
  }
  if (Array.isArray(params)) return bad(id, positionalFault(request.method));
  return { kind: "call", id, method: request.method, params: params as Record<string, unknown> };
}

function unknownMember(request: Record<string, unknown>): string | undefined {
  for (const name in request) if (!MEMBERS.has(name)) return name;
  return undefined;
}

function positionalFault(method: string): Fault {
  return {
    code: NUMBER.params,
    message: `Cannot call "${shortened(method)}": "params" is an array, not an object`,
    data: { code: "rpc.params", hint: "Give parameters by name: an object", path: "" },
  };
}
