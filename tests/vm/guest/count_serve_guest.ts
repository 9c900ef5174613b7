/** `count.*` of the server on the real module: whose processes, how many, until when; and the clients. */
import { assert, assertEquals } from "@std/assert";
import { LineClient } from "../../rpc/line_client.ts";
import { ServerProcess } from "../../rpc/server_process.ts";
import { ALICE } from "../../rpc/users.ts";
import { connect } from "../../../rpc/client.ts";
import { run } from "../kernel_module.ts";
import { OperationsProgram } from "../operations_program.ts";
import { listing, loadBoth, until } from "../tracer.ts";

const PYTHON_CLIENT = `
import asyncio, sys
import sb_client
from sb_client import aio
socket, pid = sys.argv[1], int(sys.argv[2])
with sb_client.Client(socket) as client:
    with client.count(pid) as count:
        assert count.read(limit=1)["processes"][0]["pid"] == pid
    assert count.final["known"] == 1, count.final
async def twin():
    async with aio.connect(socket) as client:
        async with client.count(pid) as count:
            assert (await count.read())["live"] == 1
        assert count.final["count"] == count.id
asyncio.run(twin())
print("held")
`;

/** A server, and a program that it counts. */
interface Rig {
  server: ServerProcess;
  program: OperationsProgram;
}

async function countExactly({ server, program }: Rig): Promise<void> {
  using client = await LineClient.connect(server.socket);
  const { count, pid } = await client.call("count.add", { pid: program.pid });
  assertEquals(pid, program.pid);
  await program.perform(21, 4);
  const { total, processes, known, live, has_more } = await client.call("count.read", { count });
  assertEquals([total.up, total.down, known, live, has_more], [21, 21, 1, 1, false]);
  assertEquals(processes.map(({ root, state, up }: Record<string, unknown>) => [root, state, up]), [
    [true, "live", 21],
  ]);
  const none = await client.call("count.read", { count, limit: 0 });
  assertEquals([none.processes, none.has_more, none.total.up], [[], true, 21]);
  assertEquals((await client.call("count.remove", { count })).total.up, 21);
  assertEquals((await client.ask("count.read", { count })).error.data.code, "count.not_found");
  assertEquals(listing(), []);
  const nobody = await client.ask("count.add", { pid: 4_194_303 });
  assertEquals(nobody.error.data.code, "process.not_found");
  await client.call("count.add", { pid: program.pid });
  assertEquals(listing().length, 1);
}

async function countAsUser({ server, program }: Rig): Promise<void> {
  Deno.chmodSync(server.socket.replace(/\/[^/]*$/, ""), 0o755);
  Deno.chmodSync(server.socket, 0o666);
  using alice = LineClient.connectAs(server.socket, ALICE);
  assertEquals((await alice.call("server.info")).limits.counts, 1);
  for (const pid of [program.pid, 1]) {
    const { error } = await alice.ask("count.add", { pid });
    assertEquals([error.code, error.data.code], [-32002, "permission.process"]);
  }
  const { count } = await alice.call("count.add");
  const { error } = await alice.ask("count.add");
  assertEquals([error.code, error.data.code], [-32005, "quota.counts"]);
  const { known, processes } = await alice.call("count.read", { count });
  assertEquals([known, processes[0].root, processes[0].comm], [1, true, "python3"]);
  await alice.call("count.remove", { count });
  await alice.call("count.add");
}

async function countByClients({ server, program }: Rig): Promise<void> {
  await using client = await connect({ socket: server.socket });
  {
    await using count = await client.count({ pid: program.pid });
    await program.perform(3, 0);
    assertEquals([(await count.read({ limit: 1 })).total.up, count.pid], [3, program.pid]);
  }
  assertEquals(listing(), []);
  const root = new URL("../../..", import.meta.url).pathname;
  const python = ["/usr/bin/python3", "-c", PYTHON_CLIENT, server.socket, String(program.pid)];
  const { code, text } = run("env", `PYTHONPATH=${root}rpc/clients/python`, ...python);
  assertEquals([code, text], [0, "held\n"]);
}

async function killServer({ server }: Rig): Promise<void> {
  using client = await LineClient.connect(server.socket);
  const { count } = await client.call("count.add");
  const { processes } = await client.call("count.read", { count });
  assert(processes.every(({ pid }: { pid: number }) => pid !== server.pid), "the server counts itself");
  server.kill("SIGKILL");
}

Deno.test("the server counts for its clients, and nobody is watched when they, or it, have ended", async (t) => {
  using _modules = loadBoth();
  await using program = await OperationsProgram.start();
  await using server = await ServerProcess.start({ args: ["--limit", "counts=1"] });
  const stage = async (name: string, body: (rig: Rig) => Promise<void>) => {
    await t.step(name, () => body({ server, program }));
    await until("nobody is watched", () => listing().length === 0);
  };
  await stage("a client's count is exact, and goes with the client", countExactly);
  await stage("users count their own processes, as many as --limit says", countAsUser);
  await stage("the clients of TypeScript and Python hold counts, and give them back", countByClients);
  await stage("a server that is killed leaves nobody watched", killServer);
});
