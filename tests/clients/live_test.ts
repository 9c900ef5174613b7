/** The Python and the Go client against a real server: delays that happen, where they were asked for, until they are undone. */
import { assertMatch } from "@std/assert";
import { ServerProcess } from "../rpc/server_process.ts";
import { ROOT, runProgram } from "./program.ts";

const GO = { GOFLAGS: "-mod=mod", GOPROXY: "off", GOTOOLCHAIN: "local" };

Deno.test("Python slows itself and a child, and nothing stays, as the blocking, asyncio and native clients", async () => {
  await using server = await ServerProcess.start();
  const args = ["-B", "-W", "error", "-m", "unittest", "tests.live_session"];
  const env = { SB_SOCKET: server.socket };
  await runProgram("/usr/bin/python3", args, { cwd: `${ROOT}rpc/clients/python`, env });
});

Deno.test("Go slows a child and nobody else, and is told its end", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/live.test`;
    await runProgram("go", ["test", "-tags", "live", "-c", "-o", program, "."], {
      cwd: `${ROOT}rpc/clients/go`,
      env: GO,
    });
    await using server = await ServerProcess.start();
    await runProgram(program, ["-test.run", "TestLive"], { env: { SB_LIVE_SOCKET: server.socket } });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("examples/python_getattr.py prints the difference that 5 µs make", async () => {
  await using server = await ServerProcess.start();
  const env = { SB_SOCKET: server.socket, PYTHONPATH: `${ROOT}rpc/clients/python` };
  const printed = await runProgram("/usr/bin/python3", ["-B", `${ROOT}examples/python_getattr.py`], { env });
  assertMatch(
    printed,
    /^100000 reads, \d+ ns each\nwith 5000 ns more in PyObject_GetAttr: \d{4,} ns each, \d{4,} ns more\n/,
  );
  assertMatch(printed, /\n1\d{5} hits, \d{4,} ns longer each, \d+ ns of them the probe's own floor\n$/);
});

Deno.test("examples/go_child prints the difference that 20 µs make to its child", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cwd = `${ROOT}examples/go_child`;
    const program = `${folder}/go_child`;
    await runProgram("go", ["vet", "."], { cwd, env: GO });
    await runProgram("go", ["build", "-o", program, "."], { cwd, env: GO });
    await using server = await ServerProcess.start();
    const printed = await runProgram(program, [], { env: { SB_SOCKET: server.socket } });
    assertMatch(
      printed,
      /^20000 calls in the child, \d+ ns each\nwith 20µs more in main\.work: \d{5,} ns each, /,
    );
    assertMatch(printed, /\n20000 hits, \d{5,} ns longer each\n$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("examples/socket_line.sh slows its shell with lines of JSON through socat", async () => {
  await using server = await ServerProcess.start();
  const printed = await runProgram("/bin/sh", [`${ROOT}examples/socket_line.sh`, server.socket]);
  assertMatch(
    printed,
    /^umask ten times: \d+ ms, with 20 ms more each: \d{3,} ms, afterwards: \d+ ms\n[1-9]\d+ hits, \d{8,} ns longer each\n$/,
  );
});
