/** `session.*`: a session that outlives its connection for a while. */
import { SbError } from "../../../src/core/mod.ts";
import { ClientSession } from "../client_session.ts";
import { sessionRows } from "./probes.ts";
import type { MethodContext, Methods } from "./table.ts";

/** The methods of sessions. */
export function sessionMethods(context: MethodContext): Methods<"session.detach" | "session.resume"> {
  return {
    "session.detach"(caller, { ttl_ns }) {
      const token = context.leases.detach(caller.session, ttl_ns);
      caller.subscriptions[Symbol.dispose]();
      caller.enter(new ClientSession(caller.peer.uid, context));
      return { token };
    },
    async "session.resume"(caller, { token }) {
      if (caller.session.probes.all().length + caller.session.counts.size > 0) {
        throw new SbError(
          "session.busy",
          "Cannot resume a session: the connection's own session has probes or counts",
          {
            hint: "Remove them (probe.clear, count.remove), or connect anew and resume first",
          },
        );
      }
      const resumed = context.leases.resume(caller.peer.uid, token);
      const left = caller.session;
      caller.enter(resumed);
      await left.close();
      return { probes: await sessionRows(context, resumed) };
    },
  };
}
