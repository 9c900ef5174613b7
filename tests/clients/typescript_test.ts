/** The TypeScript client in Deno and in Node: the recorded conversation, and what it does when things go wrong. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { type Exchange, openReplay, readExchanges } from "../transcript/replay.ts";
import { TREE } from "../transcript/steps.ts";
import { executable, skipUnless } from "../skip.ts";

const DENO = new URL("../../scripts/deno", import.meta.url).pathname;
const DRIVER = new URL("typescript_driver.ts", import.meta.url).pathname;
const NODE = executable("/usr/bin/node");

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

async function converse(command: readonly string[], socket: string): Promise<unknown[]> {
  const [program, ...args] = command;
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args, socket, String(TREE)],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function replayWith(command: readonly string[], folder: string): Promise<void> {
  const socket = `${folder}/sb.sock`;
  await using replay = await openReplay(socket);
  const told = await converse(command, socket);
  assertEquals(replay.differences, []);
  assertEquals(replay.finished, 1);
  assertEquals(told, readExchanges().flatMap(toldOf));
}

Deno.test("in Deno, the client holds the recorded conversation", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await replayWith([DENO, "run", "-A", "--no-check", "--quiet", DRIVER], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  ...skipUnless("in Node 20, the client holds the recorded conversation", NODE),
  fn: async () => {
    const version = new Deno.Command("/usr/bin/node", { args: ["--version"] }).outputSync();
    assertGreaterOrEqual(Number(/^v(\d+)/.exec(new TextDecoder().decode(version.stdout))![1]), 20);
    const folder = await Deno.makeTempDir();
    try {
      const bundle = `${folder}/driver.mjs`;
      const { success, stderr } = await new Deno.Command(DENO, {
        args: ["bundle", "--quiet", "--platform", "deno", "--output", bundle, DRIVER],
        stderr: "piped",
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      await replayWith(["/usr/bin/node", bundle], folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
