/** The TypeScript client against the server, in Deno and in Node. */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { type Client, connect, type Stats } from "../../rpc/client.ts";
import { ServerProcess } from "../rpc/server_process.ts";
import { root, skipUnless } from "../skip.ts";
import { RUNTIMES, runTypeScript } from "./typescript_program.ts";

const PROGRAM = "import os, time\nwhile True:\n    os.getppid()\n    time.sleep(0.001)";

/** Waits until the server has undone the sessions of others. */
async function nothingLeft(client: Client): Promise<void> {
  for (;;) {
    const { probes } = await client.call("probe.list", { all: true });
    if (probes.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const [runtime, need] of Object.entries(RUNTIMES)) {
  Deno.test({
    ...skipUnless(
      `in ${runtime}, the client slows a function, and leaves nothing behind when it ends`,
      root(),
      need,
    ),
    fn: async () => {
      await using server = await ServerProcess.start();
      const tree = new Deno.Command("/usr/bin/python3", { args: ["-c", PROGRAM] }).spawn();
      try {
        const args = [server.socket, String(tree.pid)];
        const { id, figures } = await runTypeScript(runtime as keyof typeof RUNTIMES, {
          name: "typescript_live_driver.ts",
          args,
        }) as { id: string; figures: Stats };
        assertEquals([figures.id, figures.delay_ns, figures.symbol], [id, 200_000, "getppid"]);
        assertGreaterOrEqual(figures.delayed, 10);
        assertGreaterOrEqual(figures.max_ns!, 200_000);
        await using client = await connect({ socket: server.socket });
        await nothingLeft(client);
      } finally {
        tree.kill("SIGKILL");
        await tree.status;
      }
    },
  });
}
