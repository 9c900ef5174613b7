/** What a session's probes missed is part of the answers. */
import { assertEquals, assertMatch } from "@std/assert";
import { root, skipUnless } from "../skip.ts";
import { LineClient } from "./line_client.ts";
import { ServerProcess } from "./server_process.ts";

/** Starts children that live for a moment and call the function. */
const PROGRAM = `
import os, time
while True:
    if os.fork() == 0:
        time.sleep(0.05)
        os.getppid()
        os._exit(0)
    os.wait()
`;

Deno.test({
  ...skipUnless(
    "processes that were forked after the add are told of, with how late their breakpoints came",
    root(),
  ),
  fn: async () => {
    await using server = await ServerProcess.start();
    const tree = new Deno.Command("/usr/bin/python3", { args: ["-c", PROGRAM] }).spawn();
    try {
      using client = await LineClient.connect(server.socket);
      assertEquals((await client.call("probe.stats")).notes, []);
      await client.call("probe.add", {
        target: "libc.so.6:getppid",
        delay_ns: 1000,
        scope: { tree: tree.pid },
      });
      let notes: string[] = [];
      while (notes.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        ({ notes } = await client.call("probe.stats"));
      }
      assertMatch(notes[0], new RegExp(`forked .*${tree.pid}.* armed`));
      assertEquals((await client.call("probe.list")).notes.length, 1);
    } finally {
      tree.kill("SIGKILL");
      await tree.status;
    }
  },
});
