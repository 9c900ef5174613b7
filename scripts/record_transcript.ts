/** Records the conversation that the tests of all clients replay: rpc/transcript.md. */
import { ServerProcess } from "../tests/rpc/server_process.ts";
import { holdConversation } from "../tests/transcript/conversation.ts";

await using server = await ServerProcess.start();
const lines = await holdConversation(server.socket);
Deno.writeTextFileSync(
  new URL("../rpc/transcript.jsonl", import.meta.url),
  lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
);
