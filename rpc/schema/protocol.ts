/** The schema at work: parameters, answers and notifications against their shapes. */
import { type Fault, NUMBER, shortened } from "../wire/mod.ts";
import { type Check, compileCheck, type NearestNames, type Problem } from "./check.ts";
import {
  type MethodName,
  METHODS,
  type NotificationName,
  type NotificationParamsOf,
  NOTIFICATIONS,
  type ParamsOf,
  type ResultOf,
} from "./methods.ts";

/** Parameters that have their shape, or what is wrong with them. */
export type Checked<P> = { params: P } | { fault: Fault };

/** What the server asks the schema. */
export interface Protocol {
  /** A fault names the first thing that is wrong by its path in `data.path`. */
  checkParams<M extends MethodName>(
    method: M,
    params: Readonly<Record<string, unknown>>,
  ): Checked<ParamsOf<M>>;
  /** The fault of a method that does not exist; names the nearest. */
  unknownMethod(name: string): Fault;
  /** What is wrong with an answer; a wrong one is a fault of the server, so this is for tests. */
  checkResult<M extends MethodName>(method: M, result: ResultOf<M> | unknown): Problem | undefined;
  /** The same for a notification. */
  checkNotification<N extends NotificationName>(
    name: N,
    params: NotificationParamsOf<N> | unknown,
  ): Problem | undefined;
}

/** @param nearest how unknown names find the ones that were meant */
export function openProtocol(nearest: NearestNames): Protocol {
  const params = new Map<string, Check>();
  const results = new Map<string, Check>();
  const names = Object.keys(METHODS);
  for (const name of names as MethodName[]) params.set(name, compileCheck(METHODS[name].params, nearest));
  return {
    checkParams(method, given) {
      const problem = params.get(method)!(given, "");
      return problem ? { fault: paramsFault(method, problem) } : { params: given as never };
    },
    unknownMethod: (name) => methodFault(name, nearest(shortened(name), names, 1)[0]),
    checkResult(method, result) {
      const check = results.get(method) ?? compileCheck(METHODS[method].result, nearest);
      results.set(method, check);
      return check(result, "");
    },
    checkNotification: (name, given) => compileCheck(NOTIFICATIONS[name].params, nearest)(given, ""),
  };
}

function paramsFault(method: string, { path, seen, hint }: Problem): Fault {
  return {
    code: NUMBER.params,
    message: `Cannot call "${method}": ${seen}`,
    data: { code: "rpc.params", hint, path },
  };
}

function methodFault(name: string, near: string | undefined): Fault {
  return {
    code: NUMBER.method,
    message: `Cannot call "${shortened(name)}": there is no such method`,
    data: {
      code: "rpc.method",
      hint: near === undefined ? "Call rpc.discover for a list" : `Did you mean "${near}"?`,
    },
  };
}
