/** The TypeScript client when a server is not there, is not to be trusted, goes away, or says odd things. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, ConnectionError, RpcError } from "../../rpc/client.ts";
import { openSocket, socketPlaces } from "../../rpc/client/socket.ts";
import { root, skipUnless } from "../skip.ts";
import { readExchanges } from "../transcript/replay.ts";
import { openScriptedServer, type Peer } from "./scripted_server.ts";

type Message = Record<string, unknown>;

const ADDED = readExchanges().find(({ client }) => (client as Message).method === "probe.add")!
  .server[0] as { result: { probes: Message[] } };
const TARGET = { target: "libc.so.6:getppid", delayNs: 1000 };

function answer({ id }: Message, result: unknown): Message {
  return { jsonrpc: "2.0", id, result };
}

async function goneCode(call: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => call, ConnectionError)).code;
}

/** Never answers. */
async function swallow(peer: Peer): Promise<void> {
  await peer.next();
}

Deno.test("the places of the socket: the one that is named, $SB_SOCKET alone, or the two usual ones", () => {
  const environment = { SB_SOCKET: "/a", XDG_RUNTIME_DIR: "/run/user/1" };
  assertEquals(socketPlaces("/x", environment), ["/x"]);
  assertEquals(socketPlaces(undefined, environment), ["/a"]);
  assertEquals(socketPlaces(undefined, { ...environment, SB_SOCKET: "" }), [
    "/run/sb/sb.sock",
    "/run/user/1/sb.sock",
  ]);
  assertEquals(socketPlaces(undefined, {}), ["/run/sb/sb.sock"]);
});

Deno.test("no server: the error names each place and why, and how to start one", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  const error = await assertRejects(() => openSocket([`${folder}/none`, `${folder}/file`]), ConnectionError);
  assertEquals([error.code, error.hint], ["server.not_found", "Start a server: sb serve"]);
  assert(error.message.includes(`${folder}/none: there is no such file`), error.message);
  assert(error.message.includes(`${folder}/file: `), error.message);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the first place where a server listens is taken", async () => {
  await using server = await openScriptedServer(swallow);
  const { socket, path } = await openSocket(["/nonexistent/sb.sock", server.path]);
  assertEquals(path, server.path);
  socket.destroy();
});

Deno.test({
  ...skipUnless("a server of another user is refused, root's and one's own are not", root()),
  fn: async () => {
    await using server = await openScriptedServer(swallow);
    Deno.chownSync(server.path, 12001, 12001);
    const error = await assertRejects(() => openSocket([server.path], { user: 12002 }), ConnectionError);
    assertEquals(error.code, "server.untrusted");
    await assertRejects(() => connect({ socket: server.path }), ConnectionError, "belongs to user 12001");
    (await openSocket([server.path], { user: 12001 })).socket.destroy();
    Deno.chownSync(server.path, 0, 0);
    (await openSocket([server.path], { user: 12002 })).socket.destroy();
  },
});

Deno.test("calls of one turn leave together, and their answers may come in any order", async () => {
  await using server = await openScriptedServer(async (peer) => {
    const asked = [await peer.next(), await peer.next(), await peer.next()];
    const chunks = peer.chunks;
    peer.send(...asked.toReversed().map((request) => answer(request, { method: request.method, chunks })));
  });
  await using client = await connect({ socket: server.path });
  const calls = (["probe.list", "rpc.discover", "probe.stats"] as const).map((method) => client.call(method));
  assertEquals(await Promise.all(calls) as unknown[], [
    { method: "probe.list", chunks: 1 },
    { method: "rpc.discover", chunks: 1 },
    { method: "probe.stats", chunks: 1 },
  ]);
});

Deno.test("an error of the server has its number, its stable code, its hint and its facts", async () => {
  await using server = await openScriptedServer(async (peer) => {
    const data = { code: "probe.symbol_not_found", hint: "Did you mean f?", nearest: ["f"] };
    peer.send({
      jsonrpc: "2.0",
      id: (await peer.next()).id,
      error: { code: -32001, message: "Cannot …", data },
    });
    peer.send({ jsonrpc: "2.0", id: (await peer.next()).id, error: { code: -32000, message: "bare" } });
  });
  await using client = await connect({ socket: server.path });
  const error = await assertRejects(() => client.add(TARGET), RpcError);
  assertEquals([error.code, error.message, error.hint], [-32001, "Cannot …", "Did you mean f?"]);
  assertEquals(error.data, { code: "probe.symbol_not_found", hint: "Did you mean f?", nearest: ["f"] });
  const bare = await assertRejects(() => client.call("server.info"), RpcError);
  assertEquals(bare.data, { code: "internal", hint: null });
});

Deno.test("when the server goes away, pending calls, probes and subscriptions end, and later calls are refused", async () => {
  await using server = await openScriptedServer(async (peer) => {
    peer.send(answer(await peer.next(), ADDED.result));
    peer.send(answer(await peer.next(), { subscription: "s1" }));
    await peer.next();
    peer.cut();
  });
  const client = await connect({ socket: server.path });
  const probe = await client.probe(TARGET);
  const ticks = await client.subscribe({ intervalNs: 10_000_000 });
  const [tick, code] = await Promise.all([ticks.next(), goneCode(client.call("server.info"))]);
  assertEquals(code, "server.gone");
  assertEquals(tick.done, true);
  assertEquals(await probe.ended, "connection ended");
  assertEquals(await goneCode(client.call("server.info")), "server.gone");
  assertEquals(await goneCode(probe.stats()), "server.gone");
  await probe[Symbol.asyncDispose]();
  await ticks[Symbol.asyncDispose]();
  await client.closed;
  await client.close();
});

Deno.test("what the server says of the whole connection stands in the error", async () => {
  await using server = await openScriptedServer(async (peer) => {
    await peer.next();
    const error = { code: -32700, message: "Cannot read the message: it is not UTF-8", data: {} };
    peer.send({ jsonrpc: "2.0", id: null, error });
    peer.cut();
  });
  await using client = await connect({ socket: server.path });
  await assertRejects(() => client.call("server.info"), ConnectionError, "it is not UTF-8");
});

Deno.test("a line that is no JSON ends the connection", async () => {
  await using server = await openScriptedServer(async (peer) => {
    await peer.next();
    peer.write("{nonsense\n");
  });
  await using client = await connect({ socket: server.path });
  await assertRejects(() => client.call("server.info"), ConnectionError, "no JSON");
});

Deno.test("a call that was given up rejects with the signal's reason; what it added is removed again", async () => {
  const removed = Promise.withResolvers<Message>();
  await using server = await openScriptedServer(async (peer) => {
    const asked = await peer.next();
    await peer.next().then((request) => peer.send(answer(request, {})));
    peer.send(answer(asked, ADDED.result));
    removed.resolve(await peer.next());
  });
  await using client = await connect({ socket: server.path });
  const controller = new AbortController();
  const call = client.add(TARGET, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => call, Error, "enough");
  await client.call("probe.clear");
  assertEquals(await removed.promise, { jsonrpc: "2.0", method: "probe.remove", params: { probe: "p1" } });
});

Deno.test("a signal that was aborted before sends nothing", async () => {
  await using server = await openScriptedServer(async (peer) => {
    const request = await peer.next();
    peer.send(answer(request, { method: request.method }));
  });
  await using client = await connect({ socket: server.path });
  const signal = AbortSignal.abort(new Error("before"));
  await assertRejects(() => client.call("server.info", {}, { signal }), Error, "before");
  assertEquals(await client.call("probe.list") as unknown, { method: "probe.list" });
  await assertRejects(() => connect({ socket: server.path, signal }), Error, "before");
});

Deno.test("one probe for a target that names several: all are removed again", async () => {
  await using server = await openScriptedServer(async (peer) => {
    const [row] = ADDED.result.probes;
    peer.send(answer(await peer.next(), { probes: [row, { ...row, id: "p2" }] }));
    for (const probe of ["p1", "p2"]) {
      const request = await peer.next();
      assertEquals([request.method, request.params], ["probe.remove", { probe }]);
      peer.send(answer(request, {}));
    }
  });
  await using client = await connect({ socket: server.path });
  const error = await assertRejects(() => client.probe({ ...TARGET, target: "libc.so.6:get*" }), RpcError);
  assertEquals(error.data.code, "usage.target");
});

Deno.test("the end of a probe that follows at once on its addition is not lost", async () => {
  await using server = await openScriptedServer(async (peer) => {
    const ended = { jsonrpc: "2.0", method: "probe.ended", params: { probe: "p1", why: "scope empty" } };
    peer.send(answer(await peer.next(), ADDED.result), ended);
  });
  await using client = await connect({ socket: server.path });
  const probe = await client.probe(TARGET);
  assertEquals(await probe.ended, "scope empty");
  // It is gone: disposing it asks nothing.
  await probe[Symbol.asyncDispose]();
});

Deno.test("a reader that is too slow finds the newest tick, and how many were dropped", async () => {
  const tick = (at_ns: number) => ({
    jsonrpc: "2.0",
    method: "stats.tick",
    params: { subscription: "s1", at_ns, probes: [] },
  });
  await using server = await openScriptedServer(async (peer) => {
    peer.send(answer(await peer.next(), { subscription: "s1" }), tick(1), tick(2), tick(3));
    const request = await peer.next();
    assertEquals([request.method, request.params], ["stats.unsubscribe", { subscription: "s1" }]);
    peer.send(answer(request, {}), tick(4));
  });
  await using client = await connect({ socket: server.path });
  const seen: number[] = [];
  const ticks = await client.subscribe({ intervalNs: 10_000_000 });
  for await (const { at_ns } of ticks) {
    seen.push(at_ns);
    break;
  }
  assertEquals([seen, ticks.dropped], [[3], 2]);
  assertEquals(await ticks.next(), { done: true, value: undefined });
});

Deno.test("names of TypeScript become those of the protocol; both pid and scope are refused", async () => {
  const asked: unknown[] = [];
  await using server = await openScriptedServer(async (peer) => {
    for (;;) {
      const request = await peer.next();
      asked.push(request.params);
      peer.send(answer(request, ADDED.result));
    }
  });
  await using client = await connect({ socket: server.path });
  await client.add({
    target: "x:f",
    delay: "5us",
    pid: 7,
    startNs: 1,
    durationNs: null,
    every: undefined,
    isolation: "shared",
  });
  await client.add({ target: "x:f", delayNs: 5, pid: null, scope: { system: true } });
  await client.add({ target: "x:f", delayNs: 5 });
  assertEquals(asked, [
    { target: "x:f", spec: "5us", scope: { tree: 7 }, start_ns: 1, duration_ns: null, isolation: "shared" },
    { target: "x:f", delay_ns: 5, scope: { system: true } },
    { target: "x:f", delay_ns: 5 },
  ]);
  await assertRejects(() => client.add({ target: "x:f", delayNs: 5, pid: 7, scope: { tree: 7 } }), TypeError);
});

Deno.test("an answer of several megabytes arrives whole", async () => {
  const text = "é".repeat(4_000_000);
  await using server = await openScriptedServer(async (peer) =>
    peer.send(answer(await peer.next(), { text }))
  );
  await using client = await connect({ socket: server.path });
  assert((await client.call("server.info") as unknown as { text: string }).text === text);
});
