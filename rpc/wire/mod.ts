/** The protocol on the wire: bytes to lines, lines to messages, answers to text. */
export { answerText, batchText, faultText, notificationText } from "./answer.ts";
export { type Fault, type FaultData, NUMBER } from "./fault.ts";
export { JsonError, parseJson, shortened } from "./json.ts";
export { BATCH_ITEMS, LINE_BYTES, NESTING, QUEUED_BYTES } from "./limits.ts";
export { LineSplitter } from "./lines.ts";
export {
  type BadCall,
  type Batch,
  type Call,
  type FatalMessage,
  type Id,
  type Message,
  overlongFault,
  parseMessage,
  typeName,
} from "./message.ts";
