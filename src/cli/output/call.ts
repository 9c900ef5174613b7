/** What `sb call` prints: answers and notifications of the server. Pure. */
import { envelope, jsonLine } from "./envelope.ts";

/** An answer for people. */
export function answerText(result: unknown): string {
  return JSON.stringify(result, null, 2) + "\n";
}

/** A notification for people. */
export function notificationText(method: string, params: unknown): string {
  return `${method} ${JSON.stringify(params, null, 2)}\n`;
}

/** `call --json`. */
export function answerJson(method: string, result: unknown): string {
  return jsonLine({ ...envelope(), method, result });
}

/** `call --json`: a line for each notification. */
export function notificationJson(method: string, params: unknown): string {
  return jsonLine({ ...envelope(), method, params });
}
