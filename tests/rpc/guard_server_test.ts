/** The whole server, two users: neither sees, changes, slows or reads through it what is the other's or root's. */
import { assert, assertEquals, assertFalse, assertGreaterOrEqual, assertLess } from "@std/assert";
import { root, skipUnless } from "../skip.ts";
import { type Line, LineClient } from "./line_client.ts";
import { compileServant, hasBreakpoint, Servant } from "./servant.ts";
import { ServerProcess } from "./server_process.ts";
import { ALICE, BOB, run, runAs, SharedFolder, UserProcess } from "./users.ts";

interface Rig {
  server: ServerProcess;
  folder: SharedFolder;
  /** The program that everybody runs. */
  file: string;
  alice: LineClient;
  bob: LineClient;
}

function test(title: string, body: (rig: Rig) => Promise<void>): void {
  Deno.test({
    ...skipUnless(title, root()),
    async fn() {
      using folder = new SharedFolder();
      await using server = await ServerProcess.start({ folder: folder.path });
      // Whom root lets in.
      Deno.chmodSync(server.socket, 0o666);
      using alice = LineClient.connectAs(server.socket, ALICE);
      using bob = LineClient.connectAs(server.socket, BOB);
      await body({ server, folder, file: compileServant(folder), alice, bob });
    },
  });
}

async function assertRefused(asking: Promise<Line>, code: string, number: number): Promise<void> {
  const { error } = await asking;
  assertEquals([error?.data?.code, error?.code], [code, number], JSON.stringify(error));
}

test("a user slows processes of its own, and nobody else's process of the same file has a breakpoint", async (rig) => {
  const { alice, file } = rig;
  await using own = await Servant.start(ALICE, file);
  await using bobs = await Servant.start(BOB, file);
  await using roots = await Servant.start(0, file);
  const params = { target: `${file}:work`, delay_ns: 5_000_000, scope: { tree: own.pid } };
  const { probes: [added] } = await alice.call("probe.add", params);
  assertEquals(added.isolation, "per-process");
  const offset = Number(added.sites[0].file_offset);
  assertEquals(
    [own, bobs, roots].map(({ pid }) => hasBreakpoint(pid, file, offset)),
    [true, false, false],
  );
  assertGreaterOrEqual(await own.calls(10), 50_000_000);
  assertLess(await bobs.calls(10), 50_000_000);
  assertLess(await roots.calls(10), 50_000_000);
  const figures = await alice.call("probe.remove", { probe: added.id });
  assertEquals([figures.hits, figures.delayed], [10, 10]);
});

test("a user may not slow what is another's, root's or everybody's", async ({ alice, file, server }) => {
  await using bobs = await Servant.start(BOB, file);
  for (const method of ["probe.add", "probe.plan"]) {
    const ask = (more: object) => alice.ask(method, { target: `${file}:work`, delay_ns: 1000, ...more });
    await assertRefused(ask({ scope: { tree: bobs.pid } }), "permission.process", -32002);
    await assertRefused(ask({ scope: { tree: server.pid } }), "permission.process", -32002);
    await assertRefused(ask({ scope: { tree: 1 } }), "permission.scope", -32002);
    await assertRefused(ask({ scope: { system: true } }), "permission.scope", -32002);
    await assertRefused(ask({ scope: { cgroup: "/sys/fs/cgroup" } }), "permission.scope", -32002);
    await assertRefused(ask({ isolation: "shared" }), "isolation.unavailable", -32003);
  }
  const search = { file: "/bin/sh", pid: bobs.pid };
  await assertRefused(alice.ask("symbols.search", search), "permission.process", -32002);
});

test("a user neither sees nor changes the probes of another; root sees all", async (rig) => {
  const { alice, bob, file, server } = rig;
  await using own = await Servant.start(ALICE, file);
  const params = { target: `${file}:work`, delay_ns: 0, scope: { tree: own.pid } };
  const { probes: [{ id }] } = await alice.call("probe.add", params);
  assertEquals((await bob.call("probe.list", { all: true })).probes, []);
  for (const method of ["probe.remove", "probe.clear", "probe.enable", "probe.disable", "probe.stats"]) {
    await assertRefused(bob.ask(method, { probe: id }), "probe.not_found", -32001);
  }
  await assertRefused(bob.ask("probe.update", { probe: id, delay_ns: 5 }), "probe.not_found", -32001);
  await bob.call("probe.clear");
  using other = LineClient.connectAs(server.socket, ALICE);
  const ids = ({ probes }: Line) => probes.map((probe: Line) => probe.id);
  assertEquals(ids(await other.call("probe.list")), []);
  assertEquals(ids(await other.call("probe.list", { all: true })), [id]);
  await assertRefused(other.ask("probe.remove", { probe: id }), "probe.not_found", -32001);
  using asRoot = await LineClient.connect(server.socket);
  assert(ids(await asRoot.call("probe.list", { all: true })).includes(id));
  assertEquals(ids(await alice.call("probe.list")), [id]);
});

test("a detached session is its user's alone", async ({ alice, bob, file, server }) => {
  await using own = await Servant.start(ALICE, file);
  const params = { target: `${file}:work`, delay_ns: 0, scope: { tree: own.pid } };
  const { probes: [{ id }] } = await alice.call("probe.add", params);
  const { token } = await alice.call("session.detach", { ttl_ns: 60_000_000_000 });
  await assertRefused(bob.ask("session.resume", { token }), "session.not_found", -32001);
  using other = LineClient.connectAs(server.socket, ALICE);
  const { probes } = await other.call("session.resume", { token });
  assertEquals(probes.map((probe: Line) => probe.id), [id]);
  await assertRefused(alice.ask("session.resume", { token }), "session.not_found", -32001);
});

test("files that a user may not read are refused", async ({ alice, file, folder }) => {
  const secret = `${folder.path}/secret`;
  Deno.copyFileSync(file, secret);
  Deno.chmodSync(secret, 0o711);
  const params = { target: `${secret}:work`, delay_ns: 0 };
  await assertRefused(alice.ask("probe.add", params), "file.unreadable", -32002);
  await assertRefused(alice.ask("symbols.search", { file: secret }), "file.unreadable", -32002);
});

test("a worker that stands still is killed, the request fails, and the connection goes on", async (rig) => {
  const { alice, bob, file, server } = rig;
  const search = { file, pattern: "work" };
  await alice.call("symbols.search", search);
  await bob.call("symbols.search", search);
  const started = await server.event("worker.started", ({ uid }) => uid === ALICE);
  runAs(ALICE, "kill", "-STOP", String(started.pid));
  const stalled = alice.ask("symbols.search", search);
  assertEquals((await bob.call("symbols.search", search)).symbols.length, 1);
  await assertRefused(stalled, "file.timeout", -32005);
  assertEquals((await alice.call("symbols.search", search)).symbols.length, 1);
  const ended = server.events.filter(({ event }) => event === "worker.ended");
  assertEquals(ended.map(({ uid, why }) => [uid, why]), [[ALICE, "timeout"]]);
});

/** Ways of a program to have more rights than who starts it, and none. */
const GAINS: Readonly<Record<string, ((file: string) => void) | null>> = {
  "a set-user-id program": (file) => Deno.chmodSync(file, 0o4755),
  "a set-group-id program": (file) => Deno.chmodSync(file, 0o2755),
  "a program with a capability": (file) => {
    // struct vfs_cap_data, revision 2, effective: CAP_NET_RAW (linux/capability.h).
    const xattr = "import os, struct, sys; os.setxattr(sys.argv[1], 'security.capability', " +
      "struct.pack('<5I', 0x02000001, 1 << 13, 0, 0, 0))";
    run("/usr/bin/python3", "-c", xattr, file);
  },
  "an ordinary program": null,
};

for (const [what, gain] of Object.entries(GAINS)) {
  const end = gain === null ? "stays slowed" : "is not slowed, and its breakpoints leave";
  test(`${what} that a process of the tree becomes ${end}`, async ({ alice, file, folder }) => {
    const becomes = compileServant(folder, "becomes");
    gain?.(becomes);
    await using process = await Servant.start(ALICE, file);
    const params = { target: `${becomes}:work`, delay_ns: 5_000_000, scope: { tree: process.pid } };
    const { probes: [{ id, sites }] } = await alice.call("probe.add", params);
    await process.exec(becomes);
    const offset = Number(sites[0].file_offset);
    if (gain !== null) await process.calls(10);
    // The kernel maps the new program before anybody hears of the exec: its breakpoints leave, or come, with the news.
    while (hasBreakpoint(process.pid, becomes, offset) === (gain !== null)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await process.calls(10);
    const { probes: [{ hits }] } = await alice.call("probe.stats", { probe: id });
    assertEquals(hits, gain === null ? 10 : 0);
    assertEquals(hasBreakpoint(process.pid, becomes, offset), gain === null);
  });
}

test("children of a tree that become set-id programs at once are not slowed either", async ({ alice, folder }) => {
  const becomes = compileServant(folder, "becomes");
  Deno.chmodSync(becomes, 0o4755);
  const loop = `echo ready; while read line; do
    for i in $(seq 100); do echo "call 10" | ${becomes} >/dev/null; done; echo done; done`;
  await using shell = await UserProcess.start(ALICE, ["sh", "-c", loop]);
  const params = { target: `${becomes}:work`, delay_ns: 1_000_000, scope: { tree: shell.pid } };
  const { probes: [{ id }] } = await alice.call("probe.add", params);
  await shell.write("go\n");
  assertEquals(await shell.line(), "done");
  const { probes: [{ hits, delayed }] } = await alice.call("probe.stats", { probe: id });
  assertEquals([hits, delayed], [0, 0]);
});

test("quotas: connections, probes and the length of a delay", async ({ alice, file, server, bob }) => {
  await using own = await Servant.start(ALICE, file);
  const params = { target: `${file}:work`, scope: { tree: own.pid } };
  const tooLong = alice.ask("probe.add", { ...params, delay_ns: 10_000_001 });
  await assertRefused(tooLong, "quota.delay", -32005);
  for (const spec of ["uniform:1us:11ms", "exp:5ms", "normal:9ms:1ms"]) {
    await assertRefused(alice.ask("probe.add", { ...params, spec }), "quota.delay", -32005);
  }
  const { probes: [{ id }] } = await alice.call("probe.add", { ...params, delay_ns: 10_000_000 });
  await assertRefused(alice.ask("probe.update", { probe: id, spec: "20ms" }), "quota.delay", -32005);
  for (let count = 1; count < 64; count++) await alice.call("probe.add", { ...params, delay_ns: 0 });
  await assertRefused(alice.ask("probe.add", { ...params, delay_ns: 0 }), "quota.probes", -32005);
  await alice.call("probe.remove", { probe: id });
  await alice.call("probe.add", { ...params, delay_ns: 0 });
  using more = new DisposableStack();
  for (let count = 1; count < 16; count++) {
    await more.use(LineClient.connectAs(server.socket, ALICE)).call("server.info");
  }
  using refused = LineClient.connectAs(server.socket, ALICE);
  await assertRefused(refused.next(), "quota.connections", -32005);
  assertEquals(await refused.next(), undefined);
  assertFalse("error" in await bob.ask("server.info"));
});

test("a client in another name space of process ids has its own tree, and names no id", async ({ server, file }) => {
  using client = LineClient.connectBy(server.socket, [
    "--reuid=0",
    "unshare",
    "--pid",
    "--fork",
    "--kill-child",
  ]);
  const params = { target: `${file}:work`, delay_ns: 0 };
  await assertRefused(
    client.ask("probe.add", { ...params, scope: { tree: 1 } }),
    "peer.pid_namespace",
    -32003,
  );
  const { probes } = await client.call("probe.add", params);
  assertEquals(probes[0].scope.comm, "python3");
});

test("a peer whose own process is hidden from it gets nothing", async ({ server, file, folder }) => {
  Deno.writeTextFileSync(`${folder.path}/sitecustomize.py`, "import ctypes; ctypes.CDLL(None).prctl(4, 0)");
  const user = [`--reuid=${ALICE}`, `--regid=${ALICE}`, "--clear-groups"];
  using client = LineClient.connectBy(server.socket, [...user, "env", `PYTHONPATH=${folder.path}`]);
  const asked = client.ask("probe.add", { target: `${file}:work`, delay_ns: 0 });
  await assertRefused(asked, "permission.process", -32002);
});
