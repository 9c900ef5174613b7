/** The client, in parts. */
export type { Change, Delay, ProbeOptions, Schedule } from "./asked.ts";
export {
  type BatchCall,
  type BatchOutcome,
  type CallOptions,
  Client,
  connect,
  type ConnectOptions,
} from "./client.ts";
export { type CountReadOptions, RemoteCount } from "./count.ts";
export { type ConnectionCode, ConnectionError, RpcError } from "./errors.ts";
export { type EndReason, RemoteProbe } from "./probe.ts";
export type * from "./protocol.ts";
export { Subscription } from "./subscription.ts";
