/** The protocol as data, and what follows from it: checks, types, the OpenRPC document. */
export type { NearestNames, Problem } from "./check.ts";
export {
  isMethod,
  type MethodName,
  type MethodRow,
  METHODS,
  type NotificationName,
  type NotificationParamsOf,
  type NotificationRow,
  NOTIFICATIONS,
  type ParamsOf,
  type ResultOf,
} from "./methods.ts";
export { EVERYWHERE, type NumberName, type NumberRow, NUMBERS } from "./numbers.ts";
export { openRpcDocument } from "./open_rpc.ts";
export { type Checked, openProtocol, type Protocol } from "./protocol.ts";
export { isOptional, type ObjectShape, type Shape, type ValueOf } from "./shape.ts";
