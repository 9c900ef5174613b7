/** The numbers of errors: classes, of which the stable codes in `data.code` are the members. */

/** A class of errors. */
export interface NumberRow {
  code: number;
  sentence: string;
}

/** Name → class; the first five are those of JSON-RPC 2.0. */
export const NUMBERS = {
  parse: { code: -32700, sentence: "The line is no JSON text, or not one that the server takes." },
  request: { code: -32600, sentence: "The JSON text is no request." },
  method: { code: -32601, sentence: "There is no such method." },
  params: { code: -32602, sentence: "A parameter is wrong, unknown or missing." },
  internal: { code: -32603, sentence: "The server is at fault." },
  not_found: { code: -32001, sentence: "Something named does not exist." },
  not_permitted: { code: -32002, sentence: "The peer may not do that." },
  unsupported: { code: -32003, sentence: "This machine, or this file, cannot do that." },
  busy: { code: -32004, sentence: "Something stands in the way that is there already." },
  quota: { code: -32005, sentence: "A bound of the server is reached." },
  refused: { code: -32006, sentence: "The kernel refused, or something failed below the server." },
} as const satisfies Readonly<Record<string, NumberRow>>;

/** The name of a class. */
export type NumberName = keyof typeof NUMBERS;

/** The classes that any method may answer. */
export const EVERYWHERE: readonly NumberName[] = ["params", "internal"];
