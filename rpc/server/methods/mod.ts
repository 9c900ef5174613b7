/** All methods. */
import { countMethods } from "./counts.ts";
import { probeMethods } from "./probes.ts";
import { serverMethods } from "./server.ts";
import { sessionMethods } from "./sessions.ts";
import { statisticsMethods } from "./statistics.ts";
import { symbolMethods } from "./symbols.ts";
import type { MethodContext, Methods } from "./table.ts";

export type { Caller, MethodContext, Methods } from "./table.ts";

/** The methods of a server. */
export function methodsOf(context: MethodContext): Methods {
  return {
    ...serverMethods(context),
    ...probeMethods(context),
    ...statisticsMethods(context),
    ...countMethods(context),
    ...symbolMethods(context),
    ...sessionMethods(context),
  };
}
