/** The server's stream: framing, batches, and what happens to a peer that breaks the rules. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { root, skipUnless } from "../skip.ts";
import { LineClient } from "./line_client.ts";
import { ServerProcess } from "./server_process.ts";

const INFO = '{"jsonrpc":"2.0","id":1,"method":"server.info"}\n';
const QUEUED_BYTES = 8_388_608;

function test(title: string, body: (server: ServerProcess, client: LineClient) => Promise<void>): void {
  Deno.test({
    ...skipUnless(title, root()),
    async fn() {
      await using server = await ServerProcess.start();
      using client = await LineClient.connect(server.socket);
      await body(server, client);
    },
  });
}

test("server.info tells the limits, and a line may come in pieces and with CRLF", async (_, client) => {
  for (const piece of ['{"jsonrpc":"2.0",', '"id":"a","method":', '"server.info"}\r', "\n"]) {
    await client.send(piece);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { id, result } = await client.next();
  assertEquals(id, "a");
  assertEquals(result.limits.line_bytes, 1_048_576);
  assertEquals(result.limits.connections, null);
});

test("a batch is answered with one array in its order, without notifications", async (_, client) => {
  await client.send(
    '[{"jsonrpc":"2.0","id":2,"method":"probe.list"},{"jsonrpc":"2.0","method":"probe.list"},' +
      '{"jsonrpc":"2.0","id":1,"method":"nonsense"},5,{"jsonrpc":"2.0","id":3,"method":"server.info"}]\n',
  );
  const answers = await client.next();
  assertEquals(answers.map(({ id }: { id: unknown }) => id), [2, 1, null, 3]);
  assertEquals(answers[1].error.code, -32601);
  assertEquals(answers[2].error.code, -32600);
});

test("notifications get no answer, not even a batch of them or one that fails", async (_, client) => {
  await client.send('{"jsonrpc":"2.0","method":"probe.list"}\n');
  await client.send('{"jsonrpc":"2.0","method":"probe.remove","params":{"probe":"p1"}}\n');
  await client.send('[{"jsonrpc":"2.0","method":"probe.list"}]\n');
  await client.send(INFO);
  assertEquals((await client.next()).id, 1);
});

test("requests are answered in the order in which they came", async (_, client) => {
  const ids = Array.from({ length: 500 }, (_, index) => index);
  const methods = ["server.info", "probe.list", "probe.stats", "stats.subscribe"];
  await client.send(
    ids.map((id) => JSON.stringify({ jsonrpc: "2.0", id, method: methods[id % 4] }) + "\n").join(""),
  );
  for (const id of ids) assertEquals((await client.next()).id, id);
});

test(
  "a new server goes on reading from its first client, which sends more as soon as it has its answers",
  async (_, client) => {
    for (let round = 0; round < 5; round++) {
      const ids = Array.from({ length: 100 }, (_, index) => round * 100 + index);
      await client.send(
        ids.map((id) => JSON.stringify({ jsonrpc: "2.0", id, method: "probe.list" }) + "\n").join(""),
      );
      for (const id of ids) assertEquals((await client.next()).id, id);
    }
  },
);

test(
  "long answers hold up no other client, and one that reads them is not cut off",
  async (server, client) => {
    const line = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "probe.stats" }) + "\n";
    for (let probe = 0; probe < 16; probe++) {
      await client.call("probe.add", { target: "libc.so.6:getppid", delay_ns: 0 });
    }
    await client.send(line);
    const count = Math.ceil(1.25 * QUEUED_BYTES / JSON.stringify(await client.next()).length);
    using other = await LineClient.connect(server.socket);
    await client.send(line.repeat(count));
    let answered = 0;
    let answeredBefore = count;
    await Promise.all([
      (async () => {
        while (answered < count && await client.next() !== undefined) answered++;
      })(),
      other.call("server.info").then(() => answeredBefore = answered),
    ]);
    assertEquals(answered, count);
    assert(
      answeredBefore < count,
      `${answeredBefore} of ${count} answers were read before another client's turn`,
    );
  },
);

test("what is no request is answered and harms nothing that follows", async (_, client) => {
  const bad: [string, number][] = [
    ["{", -32700],
    ["", -32700],
    ["nonsense", -32700],
    ["[]", -32600],
    ["[[]]", -32600],
    ["1", -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"server.info"}', -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"server.info"}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":7}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"server.inf"}', -32601],
    ['{"jsonrpc":"2.0","id":1,"method":"server.info","params":[1]}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"probe.add","params":{"target":"a:b"}}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"probe.remove","params":{"probe":"p1"}}', -32001],
  ];
  for (const [line, code] of bad) {
    await client.send(line + "\n");
    const answer = await client.next();
    const { error } = Array.isArray(answer) ? answer[0] : answer;
    assertEquals(error.code, code, line);
    assertEquals(typeof error.data.code, "string");
  }
  await client.send(INFO);
  assertEquals((await client.next()).result.abi, 1);
});

test("a line over 1 MiB, deep nesting and invalid UTF-8 are answered and end the connection", async (server) => {
  const deep = "[".repeat(65) + "]".repeat(65) + "\n";
  for (const bytes of ["x".repeat(2 << 20) + "\n", "y".repeat(2 << 20), deep, new Uint8Array([0xff, 10])]) {
    using client = await LineClient.connect(server.socket);
    // The server may be gone before it was all sent.
    await client.send(bytes).catch(() => {});
    await client.send(INFO).catch(() => {});
    const { id, error } = await client.next();
    assertEquals([id, error.code], [null, -32700]);
    assertEquals(await client.next(), undefined);
  }
  using other = await LineClient.connect(server.socket);
  assertEquals((await other.call("server.info")).abi, 1);
});

test("a client that ends its side gets the answers to what it asked, and then the end", async (_, client) => {
  await client.send(INFO.repeat(100) + '{"jsonrpc":"2.0",');
  await client.endInput();
  for (let count = 0; count < 100; count++) assertEquals((await client.next()).result.abi, 1);
  assertEquals(await client.next(), undefined);
});

test("a client that does not read is cut off at 8 MiB, and nobody else notices", async (server, client) => {
  // Each answer is some 15 KiB: more than all socket buffers hold, a few times over.
  const discover = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}\n';
  using other = await LineClient.connect(server.socket);
  let sent = 0;
  try {
    for (; sent < 100_000; sent++) await client.send(discover);
  } catch { /* cut off */ }
  assert(sent < 100_000);
  const { why } = await server.event("connection.closed", (event) => event.why !== "closed");
  assertEquals(why, "it does not read");
  assertEquals((await other.call("server.info")).abi, 1);
  let read = 0;
  while (await client.next().catch(() => undefined) !== undefined) read++;
  assert(read * 1000 < 4 * QUEUED_BYTES);
});

test("a batch whose answers are too long ends its connection only", async (server, client) => {
  const call = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}';
  await client.send(`[${Array.from({ length: 1000 }, () => call).join(",")}]\n`);
  assertEquals(await client.next(), undefined);
  const closed = await server.event("connection.closed");
  assertEquals(closed.why, "its answers are too long");
  using other = await LineClient.connect(server.socket);
  assertEquals((await other.call("server.info")).abi, 1);
});

test("a peer that floods does not keep others from their answers", async (server, client) => {
  let flooding = true;
  const flood = (async () => {
    while (flooding) {
      await client.send(INFO.repeat(200));
      for (let count = 0; count < 200; count++) await client.next();
    }
  })();
  using other = await LineClient.connect(server.socket);
  for (let count = 0; count < 100; count++) assertEquals((await other.call("server.info")).abi, 1);
  flooding = false;
  await flood;
});

test("an unknown method and an unknown parameter name the nearest", async (_, client) => {
  const { error: method } = await client.ask("probe.ad", {});
  assertStringIncludes(method.data.hint, "probe.add");
  const { error: params } = await client.ask("probe.add", { target: "libc.so.6:malloc", delay: 5 });
  assertEquals(params.code, -32602);
  assertStringIncludes(params.data.hint + params.message, "delay_ns");
});

test("rpc.discover describes every method that there is", async (_, client) => {
  const document = await client.call("rpc.discover");
  const names = document.methods.map(({ name }: { name: string }) => name);
  for (const name of names) {
    const { error } = await client.ask(name, { nonsense: 1 });
    assertEquals(error.code, -32602, name);
  }
});
