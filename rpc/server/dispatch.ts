/** From a call to the text of its answer. */
import { nearestNames, SbError } from "../../src/core/mod.ts";
import { isMethod, type MethodName, openProtocol, type ParamsOf } from "../schema/mod.ts";
import { answerText, type Call, type Fault, faultText } from "../wire/mod.ts";
import type { Answer } from "./connection.ts";
import { faultOfThrown } from "./fault.ts";
import type { Caller, Methods } from "./methods/mod.ts";
import type { Log } from "./log.ts";

/** What calls are carried out with. */
export interface DispatchOptions {
  methods: Methods;
  log: Log;
}

/** The classes of faults that an administrator wants to know of. */
const TOLD = ["permission", "quota", "peer", "file.timeout", "file.parser"];

/** Carries out calls. */
export class Dispatcher {
  readonly #protocol = openProtocol(nearestNames);
  readonly #options: DispatchOptions;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  /** Carries out a call; without waiting where the method does not wait. @returns the answer, none for a notification */
  call(caller: Caller, { id, method, params }: Call): Answer | Promise<Answer> {
    const refused = (fault: Fault): Answer => id === undefined ? undefined : faultText(id, fault);
    if (!isMethod(method)) return refused(this.#protocol.unknownMethod(method));
    const checked = this.#protocol.checkParams(method, params);
    if ("fault" in checked) return refused(checked.fault);
    const failed = (thrown: unknown) => refused(this.#faultOf(thrown, { caller, method }));
    try {
      const result = this.#run(method, caller, checked.params);
      if (result instanceof Promise) {
        return result.then((value) => id === undefined ? undefined : answerText(id, value)).catch(failed);
      }
      return id === undefined ? undefined : answerText(id, result);
    } catch (thrown) {
      return failed(thrown);
    }
  }

  #run<M extends MethodName>(method: M, caller: Caller, params: ParamsOf<M>) {
    return this.#options.methods[method](caller, params);
  }

  #faultOf(thrown: unknown, { caller, method }: { caller: Caller; method: string }): Fault {
    const { log } = this.#options;
    const { pid, uid } = caller.peer;
    const fault = faultOfThrown(thrown, (error: SbError) => {
      log.error("request.failed", {
        pid,
        uid,
        method,
        message: error.message,
        stack: String(error.data.stack ?? ""),
      });
    });
    const { code } = fault.data;
    if (TOLD.some((start) => code.startsWith(start))) {
      log.of(uid).warn("request.refused", { pid, uid, method, code, message: fault.message });
    }
    return fault;
  }
}
