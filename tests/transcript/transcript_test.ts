/** The transcript against the schema, and against a live server. */
import { assert, assertEquals } from "@std/assert";
import { isMethod, METHODS, openProtocol } from "../../rpc/schema/mod.ts";
import { nearestNames } from "../../src/core/mod.ts";
import { ServerProcess } from "../rpc/server_process.ts";
import { root, skipUnless } from "../skip.ts";
import { essenceOf, holdConversation } from "./conversation.ts";
import { readExchanges, readTranscript } from "./replay.ts";
import { STEPS } from "./steps.ts";

type Message = Record<string, unknown>;

const protocol = openProtocol(nearestNames);

/** What the schema says against an answer or a notification. */
function problem(request: Message, message: Message): unknown {
  if (typeof message.method === "string") {
    return protocol.checkNotification(message.method as "probe.ended", message.params);
  }
  if ("error" in message) return undefined;
  assert(isMethod(request.method as string));
  return protocol.checkResult(request.method as "server.info", message.result);
}

Deno.test("every answer and notification of the transcript follows the schema", () => {
  for (const { client, server } of readExchanges()) {
    const requests = [client].flat();
    for (const [index, message] of server.flat().entries()) {
      const request = requests[Math.min(index, requests.length - 1)];
      assertEquals(problem(request, message), undefined, String(request.method));
    }
  }
});

Deno.test("the transcript has what the steps send, and each method but rpc.discover", () => {
  const exchanges = readExchanges();
  assertEquals(exchanges.map(({ client }) => client) as unknown[], STEPS.map(({ send }) => send));
  const called = new Set(exchanges.flatMap(({ client }) => [client].flat()).map(({ method }) => method));
  assertEquals(Object.keys(METHODS).filter((method) => !called.has(method)), ["rpc.discover"]);
});

Deno.test({
  ...skipUnless("a live server holds the conversation of the transcript, but for figures", root()),
  fn: async () => {
    await using server = await ServerProcess.start();
    assertEquals(essenceOf(await holdConversation(server.socket)), essenceOf(readTranscript()));
  },
});
