/** The TypeScript client in Deno and in Node: the recorded conversation. */
import { assertEquals } from "@std/assert";
import { type Exchange, openReplay, readExchanges } from "../transcript/replay.ts";
import { TREE } from "../transcript/steps.ts";
import { RUNTIMES, runTypeScript } from "./typescript_program.ts";
import { skipUnless } from "../skip.ts";

type Message = Record<string, unknown>;

function ofOne({ result, error }: Message): unknown {
  return result ?? error;
}

/** What the driver tells of an exchange. */
function toldOf({ client, server: [answer, ...after] }: Exchange): unknown[] {
  if (Array.isArray(answer)) return [answer.map(ofOne)];
  const notified = after.map((notification) => (notification as Message).params);
  const { method } = client as Message;
  // Of the ticks that came at once, the newest is left.
  if (method === "stats.subscribe") return notified.slice(-1);
  if (method === "session.detach") return [{ ...answer.result as Message, ended: "detached" }];
  return [ofOne(answer), ...notified];
}

for (const [runtime, need] of Object.entries(RUNTIMES)) {
  Deno.test({
    ...skipUnless(`in ${runtime}, the client holds the recorded conversation`, need),
    fn: async () => {
      const folder = await Deno.makeTempDir();
      const socket = `${folder}/sb.sock`;
      {
        await using replay = await openReplay(socket);
        const told = await runTypeScript(runtime as keyof typeof RUNTIMES, {
          name: "typescript_driver.ts",
          args: [socket, String(TREE)],
        });
        assertEquals(replay.differences, []);
        assertEquals(replay.finished, 1);
        assertEquals(told as unknown[], readExchanges().flatMap(toldOf));
      }
      await Deno.remove(folder, { recursive: true });
    },
  });
}
