/** scanTree() on trees of real processes. */
import { assert, assertEquals, assertFalse } from "@std/assert";
import { scanTree } from "../../../src/scope/mod.ts";

Deno.test("scanTree() finds the root and all its descendants, and nobody else", async () => {
  const root = new Deno.Command("sh", {
    args: ["-c", "sh -c 'setsid sleep 100 & echo $!; sleep 100' & read -r _; kill 0"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  try {
    const reader = root.stdout.getReader();
    const grandchild = Number(new TextDecoder().decode((await reader.read()).value));
    const tree = scanTree(root.pid);
    assertEquals(tree[0], root.pid);
    assert(tree.includes(grandchild));
    assertFalse(tree.includes(Deno.pid));
    assert(scanTree(Deno.pid).includes(grandchild));
    for (const pid of tree.slice(1)) Deno.kill(pid, "SIGKILL");
    await reader.cancel();
  } finally {
    root.kill("SIGKILL");
    await root.stdin.close();
    await root.status;
  }
  assertEquals(scanTree(root.pid), []);
});
