/** `symbols.search`. */
import type { ResultOf } from "../../schema/mod.ts";
import { authorisePid } from "../authorise.ts";
import type { MethodContext, Methods } from "./table.ts";

const DEFAULT_LIMIT = 1000;

/** The methods of symbols; a worker with the peer's rights reads the file. */
export function symbolMethods({ workers }: MethodContext): Methods<"symbols.search"> {
  return {
    async "symbols.search"({ peer }, { limit = DEFAULT_LIMIT, pid, ...asked }) {
      const inWhose = await authorisePid(peer, pid, workers);
      return await workers.symbols(peer, { ...asked, limit, pid: inWhose }) as ResultOf<"symbols.search">;
    },
  };
}
