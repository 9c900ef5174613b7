/** The launcher: calls, results, failures, forks. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { cString, failedCall, monotonicNs, openDescriptors, runLauncher } from "../../../ffi/mod.ts";

// libc stays open for the process's life; opened here, it is no leak of the test that uses it first.
monotonicNs();

const EBADF = 9;

Deno.test("runLauncher() makes calls in order, in another process, and gives their results", () => {
  const results = runLauncher([{ call: "gettid", args: [] }, { call: "umask", args: [0o27] }, {
    call: "umask",
    args: [0],
  }]);
  assertNotEquals(results[0], Deno.pid);
  assertEquals(results[2], 0o27);
});

Deno.test("runLauncher() ends at a failure that matters, and not at one that does not", () => {
  const bad = { call: "fchdir", args: [-1] } as const;
  const ignored = [{ ...bad, ignore: [EBADF] }, { ...bad, ignore: "all" as const }, bad, {
    call: "gettid",
    args: [],
  }] as const;
  const results = runLauncher(ignored);
  assertEquals(results, [-EBADF, -EBADF, -EBADF, null]);
  assertEquals(failedCall(ignored, results)?.index, 2);
  const large = runLauncher([{ ...bad, ignore: [63] }, { call: "gettid", args: [] }]);
  assertEquals(large, [-EBADF, null]);
});

Deno.test("runLauncher() passes bytes, and arrays of them, to a program that it becomes", () => {
  const results = runLauncher([{
    call: "execve",
    args: [cString("/bin/sh"), [cString("sh"), cString("-c"), cString('test "$A" = "1 2"')], [
      cString("A=1 2"),
    ]],
  }]);
  assertEquals(results, [null], "execve does not return");
});

Deno.test("runLauncher() hands a descriptor over, and leaves none open", () => {
  using file = Deno.openSync("/dev/null");
  void file;
  const before = [...Deno.readDirSync("/proc/self/fd")].length;
  const folder = Deno.openSync("/usr");
  const fd = Number(
    [...Deno.readDirSync("/proc/self/fd")].find(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/self/fd/${name}`) === "/usr";
      } catch {
        return false;
      }
    })?.name,
  );
  assertEquals(runLauncher([{ call: "fchdir", args: [fd] }], { descriptors: [fd] }), [0]);
  assertEquals(runLauncher([{ call: "fchdir", args: [fd] }]), [-EBADF], "not handed over");
  folder.close();
  assertEquals(openDescriptors().size, 0);
  assertEquals([...Deno.readDirSync("/proc/self/fd")].length, before);
});

Deno.test("runLauncher() holds the launcher while the caller looks at it", () => {
  let status = "";
  const results = runLauncher([{ call: "umask", args: [0o33] }], {
    whilePaused: (pid) => status = Deno.readTextFileSync(`/proc/${pid}/status`),
  });
  assertEquals(results.length, 1);
  assert(/^Umask:\t0033$/m.test(status));
  assert(/^SigBlk:\tfffffffe7ffbfeff$/m.test(status), "all signals that can be are blocked");
});

Deno.test("runLauncher() does not call back after a failure", () => {
  let called = false;
  runLauncher([{ call: "fchdir", args: [-1] }], { whilePaused: () => called = true });
  assertEquals(called, false);
});

Deno.test("runLauncher() reports bytes that its calls wrote", () => {
  const time = new BigInt64Array(2);
  const bytes = new Uint8Array(time.buffer);
  const before = monotonicNs();
  runLauncher([{ call: "clock_gettime", args: [1, bytes] }], { reported: bytes });
  const seen = time[0] * 1_000_000_000n + time[1];
  assert(before < seen && seen < monotonicNs());
});
