/**
 * Holds the conversation of the transcript by the client's own means, in Deno or in Node.
 * Takes the socket and the root of the tree; prints what it was told as JSON.
 */
import process from "node:process";
import { type BatchCall, type Client, connect, type ProbeOptions, RpcError } from "../../rpc/client.ts";

async function refused(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    if (error instanceof RpcError) return { code: error.code, message: error.message, data: error.data };
    throw error;
  }
  throw new Error("Cannot go on: a call was not refused");
}

async function converse(client: Client, tree: number): Promise<unknown[]> {
  const told: unknown[] = [];
  const scope = { tree };
  const target = "libc.so.6:getppid";
  told.push(await client.call("server.info"));
  told.push(await client.call("probe.plan", { target: "libc.so.6:getp[gp]id", spec: "5us,every=10", scope }));
  const probe = await client.probe({ target, delayNs: 50_000, pid: tree });
  told.push({ probes: [probe.added] });
  told.push({ probes: [await probe.stats()], notes: [] });
  await probe.update({ delayNs: 100_000 });
  await probe.disable();
  await probe.enable();
  told.push({}, {}, {});
  told.push(await client.call("probe.list"));
  const ticks = await client.subscribe({ intervalNs: 10_000_000 });
  told.push((await ticks.next()).value);
  await ticks.return();
  told.push({});
  told.push(await client.call("symbols.search", { file: "libc.so.6", pattern: "/^getppid$/", limit: 10 }));
  told.push(await refused(client.count()));
  told.push(await refused(client.call("count.read", { count: "c1", limit: 10 })));
  told.push(await refused(client.call("count.remove", { count: "c1" })));
  const calls: BatchCall[] = [
    { method: "probe.stats", params: { probe: "p1" } },
    { method: "probe.stats", params: { probe: "p9" } },
    { method: "probe.list" },
  ];
  const outcomes = await client.batch(calls);
  told.push(
    await Promise.all(
      outcomes.map((outcome) =>
        outcome.status === "fulfilled" ? outcome.value : refused(Promise.reject(outcome.reason))
      ),
    ),
  );
  told.push(await refused(client.call("probe.ad" as "server.info")));
  told.push(await refused(client.probe({ target, delayNs: 50_000, evry: 10 } as ProbeOptions)));
  told.push(await refused(client.add({ target: "libc.so.6:getpppid", delayNs: 50_000, scope })));
  told.push(await probe.remove());
  const [second] = await client.add({ target, delay: "exp:100us", scope });
  told.push({ probes: [second.added] });
  const token = await client.detach({ ttlNs: 60_000_000_000 });
  told.push({ token, ended: await second.ended });
  const [resumed] = await client.resume(token);
  told.push({ probes: [resumed.added] });
  told.push({ probe: resumed.id, why: await resumed.ended });
  told.push(await client.call("probe.clear"));
  return told;
}

const [socket, tree] = process.argv.slice(2);
const client = await connect({ socket });
try {
  process.stdout.write(JSON.stringify(await converse(client, Number(tree))) + "\n");
} finally {
  // Node 20 has no `await using`.
  await client.close();
}
