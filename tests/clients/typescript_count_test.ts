/** The TypeScript client's counts: what is asked, and their end. */
import { assertEquals, assertRejects } from "@std/assert";
import { connect, RpcError } from "../../rpc/client.ts";
import { openScriptedServer, type Peer } from "./scripted_server.ts";

const READING = { count: "c1", pid: 42, known: 1 };

/** Answers as a server that has one count; of process 9 it has none. */
function counting(seen: unknown[]): (peer: Peer) => Promise<void> {
  return async (peer) => {
    for (;;) {
      const { id, method, params = {} } = await peer.next() as {
        id: number;
        method: string;
        params?: Record<string, unknown>;
      };
      seen.push([method, params]);
      const fault = { code: -32001, message: "gone", data: { code: "count.not_found", hint: null } };
      const result = method === "count.add" ? { count: params.pid === 9 ? "c9" : "c1", pid: 42 } : READING;
      peer.send({ jsonrpc: "2.0", id, ...(params.count === "c9" ? { error: fault } : { result }) });
    }
  };
}

Deno.test("a count lives until it is disposed of, and removes itself once", async () => {
  const seen: unknown[] = [];
  await using server = await openScriptedServer(counting(seen));
  await using client = await connect({ socket: server.path });
  {
    await using count = await client.count();
    assertEquals([count.id, count.pid], ["c1", 42]);
    assertEquals(await count.read({ after: 3, limit: 10 }) as unknown, READING);
  }
  {
    await using count = await client.count({ pid: 7 });
    assertEquals(await count.remove() as unknown, READING);
  }
  assertEquals(seen, [
    ["count.add", {}],
    ["count.read", { count: "c1", after: 3, limit: 10 }],
    ["count.remove", { count: "c1" }],
    ["count.add", { pid: 7 }],
    ["count.remove", { count: "c1" }],
  ]);
});

Deno.test("a count that the server has no more is disposed of in silence", async () => {
  await using server = await openScriptedServer(counting([]));
  await using client = await connect({ socket: server.path });
  await using count = await client.count({ pid: 9 });
  const error = await assertRejects(() => count.read(), RpcError);
  assertEquals(error.data.code, "count.not_found");
});
