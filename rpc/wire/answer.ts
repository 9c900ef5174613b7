/** What a server sends, as the text of one line without its end. */
import type { Fault } from "./fault.ts";
import type { Id } from "./message.ts";

/** The answer to a call that was carried out. @param result what JSON can say; not undefined */
export function answerText(id: Id, result: unknown): string {
  return `{"jsonrpc":"2.0","id":${idText(id)},"result":${JSON.stringify(result)}}`;
}

/** The answer to a call that was not. */
export function faultText(id: Id, fault: Fault): string {
  return `{"jsonrpc":"2.0","id":${idText(id)},"error":${JSON.stringify(fault)}}`;
}

/** A notification. */
export function notificationText(method: string, params: unknown): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`;
}

/** The answer to a batch, of the answers to its calls; one of notifications alone gets none. */
export function batchText(answers: readonly string[]): string {
  return `[${answers.join(",")}]`;
}

function idText(id: Id): string {
  return typeof id === "number" ? String(id) : JSON.stringify(id);
}
