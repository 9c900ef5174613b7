/** scanTree() on trees of real processes. */
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
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
    // The shell's other child comes after what it said; one that came after the scan would be left behind.
    let tree = scanTree(root.pid);
    for (; tree.length < 4; tree = scanTree(root.pid)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
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

Deno.test("scanTree() keeps a process whose first thread ended and whose others go on", async () => {
  const exit = Deno.build.arch === "x86_64" ? 60 : 93;
  const program = "import ctypes, threading, time\n" +
    "threading.Thread(target=time.sleep, args=(60,)).start()\n" +
    `ctypes.CDLL(None).syscall(${exit}, 0)\n`;
  const child = new Deno.Command("python3", { args: ["-c", program], stdin: "null" }).spawn();
  try {
    while (!Deno.readTextFileSync(`/proc/${child.pid}/stat`).includes(") Z ")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assertEquals(scanTree(child.pid), [child.pid]);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
  assertEquals(scanTree(child.pid), []);
});

Deno.test("scanTree() refuses a tree with more threads and processes than it may have", () => {
  const threads = [...Deno.readDirSync("/proc/self/task")].length;
  const error = assertThrows(() => scanTree(Deno.pid, { most: threads - 1 }), SbError);
  assertEquals(error.code, "scope.too_many");
});
