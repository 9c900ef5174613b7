/** What a method works on, and the type of them all. */
import type {
  MethodName,
  NotificationName,
  NotificationParamsOf,
  ParamsOf,
  ResultOf,
} from "../../schema/mod.ts";
import type { ClientSession, SessionContext } from "../client_session.ts";
import type { Leases } from "../leases.ts";
import type { Peer } from "../peer.ts";
import type { Subscriptions } from "../subscriptions.ts";

/** The server, as its methods see it. */
export interface MethodContext extends SessionContext {
  leases: Leases;
  /** The version of sb. */
  version: string;
  /** All sessions, the detached ones among them. */
  sessions(): Iterable<ClientSession>;
}

/** Who calls. */
export interface Caller {
  readonly peer: Peer;
  /** What its probes are in; another one after it was detached or resumed. */
  readonly session: ClientSession;
  readonly subscriptions: Subscriptions;
  /** Goes on with another session, which hears of its probes' ends from now on. */
  enter(session: ClientSession): void;
  notify<N extends NotificationName>(name: N, params: NotificationParamsOf<N>): void;
}

/** A method: throws SbError. */
export type Method<M extends MethodName> = (
  caller: Caller,
  params: ParamsOf<M>,
) => ResultOf<M> | Promise<ResultOf<M>>;

/** Some of the methods. */
export type Methods<M extends MethodName = MethodName> = { [N in M]: Method<N> };
