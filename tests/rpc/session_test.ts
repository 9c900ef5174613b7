/** Sessions of the server on real programs: what is added, its figures, and that it goes with its client. */
import { assert, assertEquals, assertFalse, assertGreaterOrEqual, assertNotEquals } from "@std/assert";
import { hasSettled } from "../conformance/pool_rig.ts";
import { programFile, RealProgram } from "../conformance/program.ts";
import { root, skipUnless } from "../skip.ts";
import { LineClient } from "./line_client.ts";
import { ServerProcess } from "./server_process.ts";

const TEN_SECONDS = 10_000_000_000;

interface Rig {
  server: ServerProcess;
  client: LineClient;
  program: RealProgram;
}

/** A program that runs whenever it is looked at so often is in its delay. */
const LOOKS = 10;

/**
 * Starts calls of f_push. The figures of a hit are there after its delay: so it is the state of the program that tells.
 *
 * @returns once the first is in a delay; `over` resolves at the end of all
 */
async function callInDelay(program: RealProgram, count: number): Promise<{ over: Promise<unknown> }> {
  const over = program.calls("f_push", count);
  // Calls alone take microseconds; the kernel tells no stack of what runs on another processor.
  for (let running = 0; running < LOOKS;) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    running = / R /.test(Deno.readTextFileSync(`/proc/${program.pid}/stat`)) ? running + 1 : 0;
  }
  return { over };
}

/** A probe of `place` in the program, as parameters of probe.add. */
function asked(program: RealProgram, place: string, delay_ns = 0) {
  return { target: `${programFile()}:${place}`, delay_ns, scope: { tree: program.pid } };
}

function test(title: string, body: (rig: Rig) => Promise<void>): void {
  Deno.test({
    ...skipUnless(title, root()),
    async fn() {
      await using program = await RealProgram.start();
      await using server = await ServerProcess.start();
      using client = await LineClient.connect(server.socket);
      await body({ server, client, program });
    },
  });
}

/** The live probes of all the server's sessions; what else root may see belongs to others on the machine. */
async function everySession(client: LineClient): Promise<{ hits: number }[]> {
  const { probes } = await client.call("probe.list", { all: true });
  return probes.filter(({ id, persistent }: { id: string | null; persistent: boolean }) =>
    id !== null && !persistent
  );
}

async function add(client: LineClient, params: unknown): Promise<string> {
  const { probes } = await client.call("probe.add", params);
  return probes[0].id;
}

test("a probe counts and delays every hit until it is removed, and remove answers the last figures", async (rig) => {
  const { client, program } = rig;
  const probe = await add(client, asked(program, "f_push", 1_000_000));
  const wallNs = await program.calls("f_push", 20);
  assertGreaterOrEqual(wallNs, 20_000_000);
  const figures = await client.call("probe.remove", { probe });
  assertEquals([figures.id, figures.hits, figures.delayed], [probe, 20, 20]);
  await program.calls("f_push", 20);
  const { error } = await client.ask("probe.remove", { probe });
  assertEquals([error.code, error.data.code], [-32001, "probe.not_found"]);
});

test("a pattern adds a probe for each function, all or none", async ({ client, program }) => {
  const { probes } = await client.call("probe.add", asked(program, "f_n*"));
  assertEquals(probes.map(({ symbol }: { symbol: string }) => symbol).toSorted(), ["f_nop1", "f_nop5"]);
  await program.calls("f_nop5", 3);
  const { probes: figures } = await client.call("probe.stats");
  assertEquals(
    figures.map(({ symbol, hits }: { symbol: string; hits: number }) => [symbol, hits]).toSorted(),
    [["f_nop1", 0], ["f_nop5", 3]],
  );
  const { error } = await client.ask("probe.add", asked(program, "nothing_such"));
  assertEquals([error.code, error.data.code], [-32001, "probe.symbol_not_found"]);
  assertEquals((await client.call("probe.list")).probes.length, 2);
});

test("update, disable and enable change what the next hits meet", async ({ client, program }) => {
  const probe = await add(client, asked(program, "f_push"));
  await client.call("probe.update", { probe, spec: "1ms,every=2" });
  await program.calls("f_push", 10);
  await client.call("probe.disable", { probe });
  await program.calls("f_push", 10);
  assertEquals((await client.call("probe.list")).probes[0].state, "disabled");
  await client.call("probe.enable");
  await program.calls("f_push", 10);
  const { probes: [{ hits, delayed, delay }] } = await client.call("probe.stats", { probe });
  assertEquals([hits, delayed, delay], [20, 10, "1ms"]);
});

test("probe.plan applies nothing, and at may not contradict the target", async ({ client, program }) => {
  const { probes, notes } = await client.call("probe.plan", { ...asked(program, "f_push"), at: "return" });
  assertEquals([probes[0].at, notes], ["return", []]);
  assertEquals((await client.call("probe.list")).probes, []);
  const { error } = await client.ask("probe.plan", { ...asked(program, "f_push%return"), at: "entry" });
  assertEquals(error.code, -32602);
});

test("nobody else can name a session's probes; root can list and clear them", async ({ server, client, program }) => {
  using other = await LineClient.connect(server.socket);
  const probe = await add(client, asked(program, "f_push"));
  for (const method of ["probe.remove", "probe.update", "probe.stats", "probe.disable"]) {
    const change = method === "probe.update" ? { delay_ns: 5 } : {};
    const { error } = await other.ask(method, { probe, ...change });
    assertEquals([error.code, error.data.code], [-32001, "probe.not_found"], method);
  }
  assertEquals((await other.call("probe.list")).probes, []);
  const { probes: rows } = await other.call("probe.list", { all: true });
  const row = rows.find(({ id }: { id: string | null }) => id === probe);
  assertEquals([row.id, row.owner.pid, row.scope.pid], [probe, Deno.pid, program.pid]);
  await other.call("probe.clear");
  assertEquals((await client.call("probe.list")).probes.length, 1);
  await other.call("probe.clear", { probe });
  assertEquals(await client.notification("probe.ended"), { probe, why: "removed" });
  assertEquals((await client.call("probe.list")).probes, []);
});

test("a probe whose tree ends is told of, and its last figures stay", async ({ client, program }) => {
  const probe = await add(client, asked(program, "f_push"));
  await program.calls("f_push", 7);
  await program.kill();
  assertEquals(await client.notification("probe.ended"), { probe, why: "scope empty" });
  assertEquals((await client.call("probe.list")).probes, []);
  assertEquals((await client.call("probe.remove", { probe })).hits, 7);
  assertEquals((await client.call("probe.stats")).probes, []);
});

test("a subscription ticks with growing figures until it ends", async ({ client, program }) => {
  const probe = await add(client, asked(program, "f_push"));
  const { subscription } = await client.call("stats.subscribe", { interval_ns: 10_000_000 });
  await program.calls("f_push", 5);
  let tick = await client.notification("stats.tick");
  while (tick.probes[0].hits < 5) tick = await client.notification("stats.tick");
  assertEquals([tick.subscription, tick.probes[0].id], [subscription, probe]);
  const later = await client.notification("stats.tick");
  assertGreaterOrEqual(later.at_ns, tick.at_ns + 1);
  await client.call("stats.unsubscribe", { subscription });
  client.notifications.length = 0;
  await new Promise((resolve) => setTimeout(resolve, 50));
  await client.call("server.info");
  assertEquals(client.notifications, []);
  const { error } = await client.ask("stats.unsubscribe", { subscription });
  assertEquals(error.data.code, "subscription.not_found");
});

test("a connection has eight subscriptions at the most", async ({ client }) => {
  for (let count = 0; count < 8; count++) {
    await client.call("stats.subscribe", { interval_ns: 3_600_000_000_000 });
  }
  const { error } = await client.ask("stats.subscribe", { interval_ns: 10_000_000 });
  assertEquals([error.code, error.data.code], [-32004, "session.busy"]);
});

test("a session that closes is undone while another one's delay goes on", async ({ server, client, program }) => {
  await using slow = await RealProgram.start();
  using other = await LineClient.connect(server.socket);
  await add(client, asked(program, "f_push", TEN_SECONDS));
  await add(other, asked(slow, "f_push", TEN_SECONDS));
  const { over } = await callInDelay(program, 3);
  const { over: slowOver } = await callInDelay(slow, 1);
  await client.endInput();
  // The server closes when no further delay can start.
  assertEquals(await client.next(), undefined);
  await over;
  assertFalse(await hasSettled(slowOver));
  await other.call("probe.clear");
  await slowOver;
});

test("a client that is killed takes its probes along", async ({ server, client, program }) => {
  for (let round = 0; round < 10; round++) {
    using victim = LineClient.connectBy(server.socket);
    await add(victim, asked(program, "f_push", TEN_SECONDS));
    const { over } = await callInDelay(program, 2);
    victim.process!.kill("SIGKILL");
    // Without an end of the probe it would take twenty seconds, and the next round would find it.
    await over;
    assertEquals(await everySession(client), []);
  }
});

test("a detached session goes on without its client and can be resumed once", async ({ server, client, program }) => {
  const probe = await add(client, asked(program, "f_push"));
  const { token } = await client.call("session.detach", { ttl_ns: 60_000_000_000 });
  assertEquals((await client.call("probe.list")).probes, []);
  await client.endInput();
  assertEquals(await client.next(), undefined);
  await program.calls("f_push", 4);
  using next = await LineClient.connect(server.socket);
  for (const wrong of ["0".repeat(32), token.toUpperCase(), token.slice(1) + "g"]) {
    assertNotEquals((await next.ask("session.resume", { token: wrong })).error, undefined);
  }
  const { probes } = await next.call("session.resume", { token });
  assertEquals([probes[0].id, probes[0].hits], [probe, 4]);
  assertEquals((await next.call("probe.remove", { probe })).hits, 4);
  const { error } = await next.ask("session.resume", { token });
  assertEquals([error.code, error.data.code], [-32001, "session.not_found"]);
  assertFalse(JSON.stringify(server.events).includes(token));
});

test("a session with probes resumes no other", async ({ client, program }) => {
  await add(client, asked(program, "f_push"));
  const { token } = await client.call("session.detach", { ttl_ns: 60_000_000_000 });
  await add(client, asked(program, "f_mov"));
  const { error } = await client.ask("session.resume", { token });
  assertEquals([error.code, error.data.code], [-32004, "session.busy"]);
  await client.call("probe.clear");
  assertEquals((await client.call("session.resume", { token })).probes.length, 1);
});

test("a detached session that nobody resumes is undone when its time is over", async ({ server, client, program }) => {
  await add(client, asked(program, "f_push", TEN_SECONDS));
  const { over } = await callInDelay(program, 2);
  await client.call("session.detach", { ttl_ns: 1_000_000_000 });
  await over;
  await server.event("session.expired");
  assertEquals(await everySession(client), []);
});

test("SIGTERM answers what was asked, undoes everything and exits with 0", async ({ server, client, program }) => {
  await add(client, asked(program, "f_push", TEN_SECONDS));
  const { over } = await callInDelay(program, 2);
  await client.send(
    '{"jsonrpc":"2.0","id":99,"method":"probe.add","params":' + JSON.stringify(asked(program, "f_mov")) +
      "}\n",
  );
  await new Promise((resolve) => setTimeout(resolve, 1));
  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
  const answer = await client.next();
  // Read before the signal or not: answered, or not carried out.
  assert(answer === undefined || answer.id === 99);
  await over;
});

test("a server that is killed leaves no probe", async ({ server, client, program }) => {
  await add(client, asked(program, "f_push", TEN_SECONDS));
  const { over } = await callInDelay(program, 2);
  server.kill("SIGKILL");
  await over;
  await server.ended();
  const wallNs = await program.calls("f_push", 100);
  assert(wallNs < TEN_SECONDS);
  await using next = await ServerProcess.start();
  using again = await LineClient.connect(next.socket);
  assertEquals(await everySession(again), []);
});

test("a hundred sessions of root have a probe each, and give it back", async ({ server, client, program }) => {
  const clients: LineClient[] = [];
  for (let count = 0; count < 100; count++) clients.push(await LineClient.connect(server.socket));
  await Promise.all(clients.map((each) => add(each, asked(program, "f_push"))));
  await program.calls("f_push", 1);
  assertEquals((await everySession(client)).map(({ hits }) => hits), Array(100).fill(1));
  for (const each of clients) each[Symbol.dispose]();
  while ((await everySession(client)).length > 0);
});
