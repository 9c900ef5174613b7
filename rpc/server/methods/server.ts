/** `rpc.discover` and `server.info`. */
import { openRpcDocument, type ResultOf } from "../../schema/mod.ts";
import { BATCH_ITEMS, LINE_BYTES, NESTING, QUEUED_BYTES } from "../../wire/mod.ts";
import type { EngineAbilities } from "../engine.ts";
import type { MethodContext, Methods } from "./table.ts";

/** The version of the protocol: its methods and names are stable. */
const ABI = 1;

/** The methods that tell of the server. */
export function serverMethods(context: MethodContext): Methods<"rpc.discover" | "server.info"> {
  let abilities: EngineAbilities | undefined;
  let document: ResultOf<"rpc.discover"> | undefined;

  function infoFor(uid: number, known: EngineAbilities): ResultOf<"server.info"> {
    const { connections, probes, counts, delayNs } = context.quotas.limitsOf(uid);
    return {
      version: context.version,
      ...known,
      abi: ABI,
      pid: Deno.pid,
      uid: Deno.uid()!,
      limits: {
        line_bytes: LINE_BYTES,
        nesting: NESTING,
        queued_bytes: QUEUED_BYTES,
        batch: BATCH_ITEMS,
        connections,
        probes,
        counts,
        delay_ns: delayNs,
      },
    };
  }

  return {
    "rpc.discover": () => document ??= openRpcDocument(context.version) as ResultOf<"rpc.discover">,
    "server.info": ({ peer }) => {
      if (abilities !== undefined) return infoFor(peer.uid, abilities);
      return context.engine.abilities().then((found) => infoFor(peer.uid, abilities = found));
    },
  };
}
