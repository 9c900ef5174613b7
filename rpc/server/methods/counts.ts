/** `count.*`. */
import type { CountReading } from "../../../mod.ts";
import type { ResultOf } from "../../schema/mod.ts";
import type { HeldCount } from "../held_counts.ts";
import type { MethodContext, Methods } from "./table.ts";

const DEFAULT_LIMIT = 1000;

/** The methods of counts. */
export function countMethods(
  { engine }: MethodContext,
): Methods<"count.add" | "count.remove" | "count.read"> {
  async function answer({ id, pid }: HeldCount, reading: CountReading): Promise<ResultOf<"count.read">> {
    const { readingDocument } = await engine.library();
    return { count: id, pid, ...readingDocument(reading) };
  }

  return {
    async "count.add"({ peer, session }, asked) {
      const { id, pid } = await session.counts.add(peer, asked.pid);
      return { count: id, pid };
    },
    async "count.remove"({ session }, { count }) {
      const held = session.counts.get(count);
      const reading = session.counts.read(count, { limit: DEFAULT_LIMIT });
      await session.counts.remove(count);
      return await answer(held, reading);
    },
    async "count.read"({ session }, { count, after = 0, limit = DEFAULT_LIMIT }) {
      return await answer(session.counts.get(count), session.counts.read(count, { after, limit }));
    },
  };
}
