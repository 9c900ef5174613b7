/** statx(2), beside what Deno's stat tells. */
import { assert, assertEquals } from "@std/assert";
import { monotonicNs } from "../../../ffi/mod.ts";
import { readFileStatus, readProcessEnvironment } from "../../../src/sys/mod.ts";

// libc stays open for the process's life; opened here, it is no leak of the test that uses it first.
monotonicNs();

Deno.test("readFileStatus() tells size, links and time of modification to the nanosecond", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/file`;
    Deno.writeTextFileSync(path, "twelve bytes");
    Deno.linkSync(path, `${folder}/link`);
    Deno.utimeSync(path, 1, 1_700_000_000.25);
    const { changedNs, ...status } = readFileStatus(path)!;
    assertEquals(status, {
      sizeBytes: 12,
      links: 2,
      modifiedNs: 1_700_000_000_250_000_000n,
      isMountRoot: false,
    });
    // Whatever the file's own times were set to.
    assert(changedNs > status.modifiedNs);
    assertEquals(readFileStatus(`${folder}/missing`), null);
    assert(readFileStatus("/proc")?.isMountRoot);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("readProcessEnvironment() reads what a process was started with", async () => {
  const child = new Deno.Command("cat", {
    env: { SB_TEST_VALUE: "a=b c" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  try {
    // An answer means that the program runs, and not a copy of this process any more.
    await writer.write(new TextEncoder().encode("x"));
    await reader.read();
    assertEquals(readProcessEnvironment(child.pid).SB_TEST_VALUE, "a=b c");
    assertEquals(readProcessEnvironment(Deno.pid).SB_TEST_VALUE, undefined);
  } finally {
    await writer.close();
    await reader.cancel();
    await child.status;
  }
});
