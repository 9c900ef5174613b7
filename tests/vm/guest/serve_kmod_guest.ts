/** `sb serve` on the kernel module: a client's probe, its end with the client, and what a killed server leaves. */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { LineClient } from "../../rpc/line_client.ts";
import { ServerProcess } from "../../rpc/server_process.ts";
import { fresh, targets, until } from "../kernel_module.ts";
import { armed, Folder, Program } from "../program.ts";

const DELAY_NS = 1_000_000;

Deno.test("probes of a server on the module go with their client, and with a server that is killed", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  await using server = await ServerProcess.start({ args: ["--backend", "kmod"] });
  const asked = { target: `${path}:f_push`, delay_ns: DELAY_NS, scope: { tree: program.pid } };
  {
    using client = await LineClient.connect(server.socket);
    const { probes: [{ id, backend }] } = await client.call("probe.add", asked);
    assertEquals(backend, "kmod");
    assertGreaterOrEqual(await program.time("calls f_push 20"), 20 * DELAY_NS);
    const { hits, delayed } = await client.call("probe.remove", { probe: id });
    assertEquals([hits, delayed], [20, 20]);
    await client.call("probe.add", asked);
    assertEquals(armed(program.pid, path, "f_push"), "breakpoint");
  }
  await until("the client's breakpoint is out", () => armed(program.pid, path, "f_push") === "code");
  using client = await LineClient.connect(server.socket);
  await client.call("probe.add", asked);
  assertEquals(armed(program.pid, path, "f_push"), "breakpoint");
  server.kill("SIGKILL");
  await until("the server's targets are gone", () => targets().length === 0);
  await until("its breakpoint is out", () => armed(program.pid, path, "f_push") === "code");
});
