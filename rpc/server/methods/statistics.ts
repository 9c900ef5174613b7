/** `stats.*`: figures at an interval. */
import { monotonicNs } from "../../../src/sys/mod.ts";
import { toNumber } from "../../../src/core/mod.ts";
import { figuresOf } from "./probes.ts";
import type { MethodContext, Methods } from "./table.ts";

/** The methods of subscriptions. */
export function statisticsMethods(
  { engine, log, workers: { share } }: MethodContext,
): Methods<"stats.subscribe" | "stats.unsubscribe"> {
  return {
    async "stats.subscribe"(caller, { interval_ns }) {
      const library = await engine.library();
      const id = caller.subscriptions.add(interval_ns, (subscription) => {
        const { uid } = caller.peer;
        // Figures of many probes take a while to make: who asks for too many gets fewer ticks.
        if (!share.isFree(uid)) return;
        try {
          share.charge(uid, () => {
            const at = toNumber(monotonicNs());
            const probes = caller.session.probes.live().map((held) => figuresOf(library, held));
            caller.notify("stats.tick", { subscription, at_ns: at, probes });
          });
        } catch (error) {
          caller.subscriptions.remove(subscription);
          log.error("stats.tick", { session: caller.session.number, message: String(error) });
        }
      });
      return { subscription: id };
    },
    "stats.unsubscribe"({ subscriptions }, { subscription }) {
      subscriptions.remove(subscription);
      return {};
    },
  };
}
