/** startCommand(): exit status, search, what the command inherits. Real processes. */
import { assert, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { monotonicNs, openDescriptors, openFd, OpenFlags } from "../../../ffi/mod.ts";
import { type CommandPlan, readStartState, requireUser, startCommand } from "../../../src/command/mod.ts";
import { SbError } from "../../../src/core/mod.ts";

// libc stays open for the process's life; opened here, it is no leak of the test that uses it first.
monotonicNs();

async function end(command: string[], plan: Partial<CommandPlan> = {}) {
  using running = startCommand({ command, ...plan });
  return await running.wait();
}

/** The standard output of a command: its shell redirects it to a file. */
async function output(script: string, plan: Partial<CommandPlan> = {}): Promise<string> {
  const file = await Deno.makeTempFile();
  await Deno.chmod(file, 0o666);
  try {
    await end(["sh", "-c", `{ ${script}\n} > ${file} 2>&1`], plan);
    return await Deno.readTextFile(file);
  } finally {
    await Deno.remove(file);
  }
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.chmod(folder, 0o755);
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function startWithPath(path: string): CommandPlan["start"] {
  const start = readStartState();
  return { ...start, environment: [new TextEncoder().encode(`PATH=${path}\0`)] };
}

Deno.test("startCommand() tells the exit code", async () => {
  assertEquals((await end(["true"])).exitCode, 0);
  const { exitCode, signal } = await end(["sh", "-c", "exit 3"]);
  assertEquals([exitCode, signal], [3, null]);
});

Deno.test("startCommand() tells the signal that ended the command", async () => {
  const { exitCode, signal } = await end(["sh", "-c", "kill -TERM $$"]);
  assertEquals([exitCode, signal], [null, 15]);
});

Deno.test("startCommand() counts the resources of the command, not those of sb", async () => {
  const idle = await end(["true"]);
  assertLess(idle.maxRssBytes, 20_000_000, "the high-water mark of sb itself came along");
  const busy = await end(["python3", "-c", "x = bytearray(60_000_000)\nfor i in range(1_000_000): pass"]);
  assert(busy.maxRssBytes > 60_000_000);
  assert(busy.userNs > idle.userNs);
});

Deno.test("startCommand() tells when the command executed and ended", async () => {
  const before = monotonicNs();
  using running = startCommand({ command: ["true"] });
  const started = monotonicNs();
  const { endedNs } = await running.wait();
  assert(before < running.startedNs && running.startedNs < started);
  assert(running.startedNs < endedNs && endedNs <= monotonicNs());
});

Deno.test("startCommand() refuses a command that is not in PATH", () => {
  const error = assertThrows(() => startCommand({ command: ["sb-no-such-command"] }), SbError);
  assertEquals(error.code, "command.not_found");
  assertEquals(error.message, 'Cannot run "sb-no-such-command": it is not in PATH');
  assertEquals(error.data.exit, 127);
});

Deno.test("startCommand() refuses a path that does not exist, and an empty name", () => {
  const missing = assertThrows(() => startCommand({ command: ["/no/such"] }), SbError);
  assertEquals([missing.code, missing.message], [
    "command.not_found",
    'Cannot run "/no/such": there is no such file',
  ]);
  assertEquals(assertThrows(() => startCommand({ command: [""] }), SbError).code, "command.not_found");
});

Deno.test("startCommand() refuses a directory and a file without permission, as a shell does with 126", () => {
  const folder = assertThrows(() => startCommand({ command: ["/tmp"] }), SbError);
  assertEquals([folder.code, folder.message], [
    "command.not_executable",
    'Cannot run "/tmp": /tmp is a directory',
  ]);
  const file = assertThrows(() => startCommand({ command: ["/etc/passwd"] }), SbError);
  assertEquals(file.message, 'Cannot run "/etc/passwd": /etc/passwd: permission denied (EACCES)');
  assertEquals([file.code, file.hint, file.data.exit], [
    "command.not_executable",
    "Make it executable: chmod +x /etc/passwd",
    126,
  ]);
});

Deno.test("startCommand() searches on behind a file without permission, and remembers it", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a`);
    await Deno.mkdir(`${folder}/b`);
    await Deno.writeTextFile(`${folder}/a/tool`, "#!/bin/sh\nexit 1\n", { mode: 0o644 });
    const first = { start: startWithPath(`${folder}/a:${folder}/b`) };
    assertEquals(
      assertThrows(() => startCommand({ command: ["tool"], ...first }), SbError).code,
      "command.not_executable",
    );
    await Deno.writeTextFile(`${folder}/b/tool`, "#!/bin/sh\nexit 9\n", { mode: 0o755 });
    assertEquals((await end(["tool"], first)).exitCode, 9);
    assertEquals(
      assertThrows(
        () => startCommand({ command: ["tool"], start: startWithPath("/nowhere:/usr/bin") }),
        SbError,
      )
        .code,
      "command.not_found",
    );
  }));

Deno.test("startCommand() gives a script without #! to /bin/sh", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/script`, 'exit "$1"\n', { mode: 0o755 });
    assertEquals((await end([`${folder}/script`, "7"])).exitCode, 7);
  }));

Deno.test("startCommand() refuses a file that is neither a program nor a script", () =>
  withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/noise`, new Uint8Array(100), { mode: 0o755 });
    const error = assertThrows(() => startCommand({ command: [`${folder}/noise`] }), SbError);
    assertEquals(error.code, "command.not_executable");
    assertStringIncludes(error.message, "is neither a program of this machine nor a script");
  }));

Deno.test("startCommand() names the interpreter that a script lacks", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/script`, "#! /no/such/python -u\n", { mode: 0o755 });
    const error = assertThrows(() => startCommand({ command: [`${folder}/script`] }), SbError);
    assertEquals(error.code, "command.not_found");
    assertEquals(
      error.message,
      `Cannot run "${folder}/script": its interpreter /no/such/python was not found`,
    );
  }));

Deno.test("startCommand() puts limits, dispositions, mask and environment as the start state says", async () => {
  const plan: Partial<CommandPlan> = {
    start: {
      openFilesSoft: 321,
      ignoredSignals: new Set([1, 13]),
      blockedSignals: new Set([10]),
      closedDescriptors: [],
      environment: ["PATH=/usr/bin:/bin\0", "odd.name=1\0", "Z=2\0", "A=3\0"].map((entry) =>
        new TextEncoder().encode(entry)
      ),
    },
  };
  assertEquals(
    await output("ulimit -Sn; tr '\\0' '\\n' < /proc/$$/environ", plan),
    [
      "321",
      "PATH=/usr/bin:/bin",
      "odd.name=1",
      "Z=2",
      "A=3",
      "",
    ].join("\n"),
  );
  // exec: a shell that waits unblocks signals.
  assertEquals(
    await output("exec grep -E '^Sig(Ign|Blk)' /proc/self/status", plan),
    "SigBlk:\t0000000000000200\nSigIgn:\t0000000000001001\n",
  );
});

Deno.test("startCommand() gives the default actions back that Deno took", async () => {
  const ignored = (status: string) => BigInt("0x" + /^SigIgn:\t(\w+)/m.exec(status)![1]);
  const own = ignored(await Deno.readTextFile("/proc/self/status"));
  const SIGPIPE_BIT = 1n << 12n;
  assertEquals(own & SIGPIPE_BIT, SIGPIPE_BIT);
  assertEquals(ignored(await output("cat /proc/self/status")), own & ~SIGPIPE_BIT);
});

Deno.test("startCommand() closes descriptors that were closed, and adds none", async () => {
  const start = readStartState();
  const list = "for fd in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && echo $fd; done";
  const inherited = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].filter((fd) => {
    try {
      const flags = parseInt(/^flags:\t(\d+)/m.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`))![1], 8);
      return (flags & 0o2000000) === 0;
    } catch {
      return false;
    }
  });
  const lines = (fds: number[]) => fds.map((fd) => `${fd}\n`).join("");
  assertEquals(await output(list), lines(inherited));
  assertEquals(
    await output(list, { start: { ...start, closedDescriptors: [0] } }),
    lines(inherited.filter((fd) => fd !== 0)),
  );
});

Deno.test("startCommand() runs as another user, with its groups", async () => {
  const script = "id -u; id -g; id -G; echo $HOME";
  const nobody = (await output(script, { user: requireUser("nobody") })).split("\n");
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", "id -u nobody; id -g nobody; id -G nobody"],
  })
    .output();
  assertEquals(nobody.slice(0, 3), new TextDecoder().decode(stdout).trim().split("\n"));
  assertEquals(nobody[3], Deno.env.get("HOME") ?? "", "the environment stays the caller's");
});

Deno.test("requireUser() refuses an unknown user and names the nearest", () => {
  const error = assertThrows(() => requireUser("nobdy"), SbError);
  assertEquals([error.code, error.message, error.hint], [
    "user.not_found",
    'Cannot run as user "nobdy": there is no such user',
    "Use -u nobody",
  ]);
});

Deno.test("startCommand() makes the extra calls in the command's own process, before ids are dropped", async () => {
  const text = await output("umask; id -u", {
    user: requireUser("nobody"),
    extraCalls: [{ call: "umask", args: [0o27] }],
  });
  assertEquals(text, "0027\n65534\n");
});

Deno.test("startCommand() says which extra call failed, and leaves nothing running", () => {
  const error = assertThrows(
    () => startCommand({ command: ["true"], extraCalls: [{ call: "fchdir", args: [-1] }] }),
    SbError,
  );
  assertEquals([error.code, error.message], [
    "kernel.refused",
    'Cannot start "true": bad file descriptor (EBADF)',
  ]);
  assertEquals(error.data.call, "fchdir");
});

Deno.test("RunningCommand.kill() signals the command, and tells when it has ended", async () => {
  using running = startCommand({ command: ["sleep", "100"] });
  assert(running.kill(9));
  assertEquals((await running.wait()).signal, 9);
  assertEquals(running.kill(9), false);
});

Deno.test("startCommand() leaks no descriptor in 1,000 starts", async () => {
  const before = [...Deno.readDirSync("/proc/self/fd")].length;
  for (let count = 0; count < 1000; count++) await end(["true"]);
  assertEquals(openDescriptors().size, 0);
  assertEquals([...Deno.readDirSync("/proc/self/fd")].length, before);
});

Deno.test("startCommand() gives the command other standard streams, and none of sb's descriptors", async () => {
  const file = await Deno.makeTempFile();
  try {
    using input = openFd("/dev/null");
    using written = openFd(file, OpenFlags.rdwr);
    const script = "cat; echo out; echo error >&2; ls /proc/self/fd | tr '\\n' ' '";
    await end(["sh", "-c", script], {
      streams: { stdin: input.fd, stdout: written.fd, stderr: written.fd },
    });
    const inherited = await output("ls /proc/self/fd | tr '\\n' ' '");
    assertEquals(await Deno.readTextFile(file), `out\nerror\n${inherited}`);
    assertEquals([...openDescriptors().values()].filter((label) => label.startsWith("std")), []);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("startCommand() can exchange standard streams", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const script = `
      import { startCommand } from "${new URL("../../../src/command/mod.ts", import.meta.url)}";
      using running = startCommand({
        command: ["sh", "-c", "echo one; echo two >&2"],
        streams: { stdout: 2, stderr: 1 },
      });
      await running.wait();`;
    await Deno.writeTextFile(`${folder}/exchange.ts`, script);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-lock", `${folder}/exchange.ts`],
    }).output();
    const text = new TextDecoder();
    assertEquals([text.decode(stdout), text.decode(stderr)], ["two\n", "one\n"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("startCommand() refuses a stream that is not open", () => {
  const error = assertThrows(
    () => startCommand({ command: ["true"], streams: { stdout: 1_000_000 } }),
    SbError,
  );
  assertEquals(error.code, "kernel.refused");
});
