/** What users who are not root may have of the server, and what root is told of them. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { greatestDelayNs, parseDelay } from "../../mod.ts";
import { executable, root, skipUnless } from "../skip.ts";
import { LineClient } from "./line_client.ts";
import { ServerProcess } from "./server_process.ts";
import { ALICE, BOB } from "./users.ts";

const SETPRIV = "/usr/bin/setpriv";
/** A function that the client itself, which is python3, has mapped. */
const MALLOC = { target: "libc.so.6:malloc", delay_ns: 0 };

function test(title: string, args: string[], body: (server: ServerProcess) => Promise<void>): void {
  Deno.test({
    ...skipUnless(title, root(), executable(SETPRIV)),
    async fn() {
      await using server = await ServerProcess.start({ args });
      Deno.chmodSync(server.socket.replace(/\/[^/]*$/, ""), 0o755);
      Deno.chmodSync(server.socket, 0o666);
      await body(server);
    },
  });
}

/** A client, and its end. */
async function withUser(server: ServerProcess, uid: number, body: (client: LineClient) => Promise<void>) {
  using client = LineClient.connectAs(server.socket, uid);
  await body(client);
}

test(
  "a user has sixteen connections, detached sessions among them, and others have their own",
  [],
  async (server) => {
    const clients = Array.from({ length: 15 }, () => LineClient.connectAs(server.socket, ALICE));
    using _ = { [Symbol.dispose]: () => clients.forEach((client) => client[Symbol.dispose]()) };
    for (const client of clients) assertEquals((await client.call("server.info")).limits.connections, 16);
    await clients[0].call("session.detach", { ttl_ns: 3_600_000_000_000 });
    const { error: detached } = await clients[1].ask("session.detach", { ttl_ns: 1_000_000_000 });
    assertEquals([detached.code, detached.data.code], [-32005, "quota.connections"]);
    using more = LineClient.connectAs(server.socket, ALICE);
    const { id, error } = await more.next();
    assertEquals([id, error.code, error.data.code], [null, -32005, "quota.connections"]);
    assertEquals(await more.next(), undefined);
    await withUser(server, BOB, async (bob) => assertEquals((await bob.call("server.info")).abi, 1));
    await server.event("connection.refused", ({ uid }) => uid === ALICE);
  },
);

test(
  "a user has as many probes as --limit says, over all sessions",
  ["--limit", "probes=2"],
  async (server) => {
    await withUser(server, ALICE, async (first) => {
      assertEquals((await first.call("server.info")).limits.probes, 2);
      const { probes: [{ id }] } = await first.call("probe.add", MALLOC);
      await withUser(server, ALICE, async (second) => {
        await second.call("probe.add", MALLOC);
        const { error } = await second.ask("probe.add", MALLOC);
        assertEquals([error.code, error.data.code], [-32005, "quota.probes"]);
        await first.call("probe.remove", { probe: id });
        await second.call("probe.add", MALLOC);
      });
      await server.event("session.closed");
      const { error } = await first.ask("probe.add", {
        ...MALLOC,
        target: "libc.so.6:/^(malloc|calloc|free)$/",
      });
      assertEquals(error.data.code, "quota.probes");
      await withUser(
        server,
        BOB,
        async (bob) => assertEquals((await bob.call("probe.add", MALLOC)).probes.length, 1),
      );
    });
  },
);

test(
  "a pattern of more functions than a user may have probes is refused by its worker",
  [],
  async (server) => {
    await withUser(server, ALICE, async (client) => {
      for (const method of ["probe.plan", "probe.add"]) {
        const { error } = await client.ask(method, { ...MALLOC, target: "libc.so.6:*" });
        assertEquals([error.code, error.data.code, error.data.limit], [-32005, "quota.probes", 64]);
        assertStringIncludes(error.message, "a user may have 64");
      }
      assertEquals((await client.call("probe.list")).probes, []);
    });
  },
);

test("a user's hit is delayed for 10 ms at the most, whatever the distribution draws", [], async (server) => {
  await withUser(server, ALICE, async (client) => {
    const asked = (spec: string) => client.ask("probe.add", { target: MALLOC.target, spec });
    for (const spec of ["10001us", "uniform:1us:11ms", "normal:9ms:1ms", "exp:1ms"]) {
      const { error } = await asked(spec);
      assertEquals([error.code, error.data.code], [-32005, "quota.delay"], spec);
      assertStringIncludes(error.message, "10ms");
    }
    const { result: { probes: [{ id }] } } = await asked("exp:400us,probability=0");
    const { error } = await client.ask("probe.update", { probe: id, delay_ns: 10_000_001 });
    assertEquals(error.data.code, "quota.delay");
    await client.call("probe.update", { probe: id, spec: "10ms,probability=0" });
  });
});

test("a user sees its own sessions in a list of all, and cannot clear others'", [], async (server) => {
  await withUser(server, ALICE, async (alice) => {
    const { probes: [{ id: probe }] } = await alice.call("probe.add", MALLOC);
    await withUser(server, BOB, async (bob) => {
      assertEquals((await bob.call("probe.list", { all: true })).probes, []);
      const { error } = await bob.ask("probe.clear", { probe });
      assertEquals(error.data.code, "probe.not_found");
    });
    await withUser(server, ALICE, async (again) => {
      const { probes } = await again.call("probe.list", { all: true });
      assertEquals(probes.map(({ id }: { id: string }) => id), [probe]);
      const { error } = await again.ask("probe.clear", { probe });
      assertEquals(error.data.code, "probe.not_found");
    });
  });
});

test("a token is worth nothing to another user", [], async (server) => {
  await withUser(server, ALICE, async (alice) => {
    const { token } = await alice.call("session.detach", { ttl_ns: 60_000_000_000 });
    await withUser(server, BOB, async (bob) => {
      const { error } = await bob.ask("session.resume", { token });
      assertEquals([error.code, error.data.code], [-32001, "session.not_found"]);
    });
    using rooted = await LineClient.connect(server.socket);
    assertEquals((await rooted.ask("session.resume", { token })).error.data.code, "session.not_found");
    assertEquals((await alice.call("session.resume", { token })).probes, []);
  });
});

test("one user's events do not fill the log", [], async (server) => {
  for (let count = 0; count < 40; count++) {
    await withUser(server, ALICE, async (client) => {
      await client.ask("probe.add", { target: MALLOC.target, spec: "1s" });
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await withUser(server, ALICE, async (client) => void await client.call("server.info"));
  await server.event("log.left_out", ({ uid }) => uid === ALICE);
});

Deno.test("greatestDelayNs() is what the longest draw is", () => {
  assertEquals(greatestDelayNs(parseDelay("5us")), 5000);
  assertEquals(greatestDelayNs(parseDelay("uniform:1us:5us")), 5000);
  // 32 ln 2 means; some six deviations.
  assertEquals(Math.round(greatestDelayNs(parseDelay("exp:1ms")) / 1e4), Math.round(32 * Math.LN2 * 100));
  assertEquals(Math.floor((greatestDelayNs(parseDelay("normal:1ms:1ms")) - 1e6) / 1e6), 6);
  assertEquals(greatestDelayNs(parseDelay("exp:9s")), 1e10);
});
