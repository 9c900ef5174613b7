/** Where the server listens: modes, locks, what is left of earlier servers, service managers, its end. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { KEPT_CAPABILITIES } from "../../rpc/server/mod.ts";
import { capabilityMask } from "../../src/sys/mod.ts";
import { executable, root, skipUnless } from "../skip.ts";
import { LineClient } from "./line_client.ts";
import { ServerProcess } from "./server_process.ts";

const SB = new URL("../../scripts/sb", import.meta.url).pathname;
const UNIT = new URL("../../rpc/systemd/sb.service", import.meta.url);
const PYTHON = "/usr/bin/python3";

function test(title: string, fn: () => Promise<void>): void {
  Deno.test({ ...skipUnless(title, root()), fn });
}

async function serve(...args: string[]): Promise<{ code: number; stderr: string; stdout: string }> {
  const { code, stderr, stdout } = await new Deno.Command(SB, { args: ["serve", ...args], stdin: "null" })
    .output();
  return { code, stderr: new TextDecoder().decode(stderr), stdout: new TextDecoder().decode(stdout) };
}

async function responds(path: string): Promise<boolean> {
  using client = await LineClient.connect(path);
  return (await client.call("server.info")).abi === 1;
}

test("root's socket is for root and its group from the first moment on", async () => {
  await using server = await ServerProcess.start();
  assertEquals(Deno.statSync(server.socket).mode! & 0o777, 0o660);
  assert(await responds(server.socket));
});

test("a second server at the same socket is refused, and the first goes on", async () => {
  await using server = await ServerProcess.start();
  const { code, stderr } = await serve("--socket", server.socket);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "a server listens there already");
  assert(await responds(server.socket));
});

test("the socket of a server that was killed is taken over", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "sb-listen-" });
  try {
    const first = await ServerProcess.start({ folder });
    first.kill("SIGKILL");
    await first[Symbol.asyncDispose]();
    assert(Deno.lstatSync(`${folder}/sb.sock`).isSocket);
    await using second = await ServerProcess.start({ folder });
    assert(await responds(second.socket));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

test("what is no socket is not taken away, and a server that ends takes only its own along", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "sb-listen-" });
  try {
    Deno.writeTextFileSync(`${folder}/sb.sock`, "precious");
    const { code, stdout } = await serve("--json", "--socket", `${folder}/sb.sock`);
    assertEquals([code, JSON.parse(stdout).error.code], [1, "server.running"]);
    assertEquals(Deno.readTextFileSync(`${folder}/sb.sock`), "precious");
    Deno.removeSync(`${folder}/sb.sock`);
    await (await ServerProcess.start({ folder }))[Symbol.asyncDispose]();
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["sb.sock.lock"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

test("a path that no socket can have is a usage error", async () => {
  const { code, stderr } = await serve("--socket", `/tmp/${"x".repeat(120)}`);
  assertEquals(code, 2);
  assertMatch(stderr, /1 to 107 bytes/);
});

test("a wrong limit is a usage error that names the right ones", async () => {
  for (const limit of ["probe=5", "probes", "probes=many", "connections=-1", "delay=5 parsecs", "=5"]) {
    const { code, stderr } = await serve("--limit", limit);
    assertEquals(code, 2, stderr);
  }
  assertStringIncludes((await serve("--limit", "probe=5")).stderr, "did you mean probes=…?");
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  test(`${signal} ends the server with status 0, its socket gone`, async () => {
    await using server = await ServerProcess.start();
    using client = await LineClient.connect(server.socket);
    await client.call("server.info");
    server.kill(signal);
    assertEquals(await client.next(), undefined);
    assertEquals(await server.ended(), 0);
    assertEquals(server.events.some(({ event }) => event === "server.ended"), true);
  });
}

test("the server has the capabilities that it says it keeps, and no others", async () => {
  await using server = await ServerProcess.start();
  const status = Deno.readTextFileSync(`/proc/${server.pid}/status`);
  const mask = capabilityMask(Object.keys(KEPT_CAPABILITIES) as (keyof typeof KEPT_CAPABILITIES)[]);
  for (const set of ["CapPrm", "CapEff", "CapBnd"]) {
    const found = BigInt(`0x${new RegExp(`${set}:\t(\\S+)`).exec(status)![1]}`);
    assertEquals(found & ~mask, 0n, set);
  }
  assertMatch(status, /NoNewPrivs:\t1/);
});

Deno.test("the unit bounds the server to the capabilities that it keeps", () => {
  const lines = Deno.readTextFileSync(UNIT).split("\n").filter((line) =>
    line.startsWith("CapabilityBoundingSet=")
  );
  const named = lines.flatMap((line) => line.slice(line.indexOf("=") + 1).split(" "));
  assertEquals(named.toSorted(), Object.keys(KEPT_CAPABILITIES).toSorted());
});

/** A service manager in small: a listening socket as descriptor 3, and a socket for notifications, whose words it prints. */
const MANAGER = `
import os, socket, subprocess, sys
path, notify, command = sys.argv[1], sys.argv[2], sys.argv[3:]
listening = socket.socket(socket.AF_UNIX)
listening.bind(path)
listening.listen()
told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
told.bind("\\0" + notify[1:] if notify[0] == "@" else notify)
told.settimeout(60)
pid = os.fork()
if pid == 0:
    os.dup2(listening.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", NOTIFY_SOCKET=notify)
    os.execv(command[0], command)
listening.close()
try:
    while True:
        word = told.recv(4096).decode()
        print(f"{word} {pid}", flush=True)
        if word.startswith("STOPPING"):
            break
except OSError:
    os.kill(pid, 9)
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
`;

for (const notify of ["path", "@abstract"]) {
  Deno.test({
    ...skipUnless(
      `a service manager passes the socket and is told READY and STOPPING (${notify})`,
      root(),
      executable(PYTHON),
    ),
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "sb-listen-" });
      const place = notify === "path" ? `${folder}/notify` : `@sb-test-${Deno.pid}`;
      const manager = new Deno.Command(PYTHON, {
        args: ["-c", MANAGER, `${folder}/sb.sock`, place, SB, "serve", "--quiet"],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      try {
        const lines = manager.stdout.pipeThrough(new TextDecoderStream()).getReader();
        let ready = "";
        while (!ready.endsWith("\n")) ready += (await lines.read()).value!;
        assertMatch(ready, /^READY=1 \d+\n$/);
        assert(await responds(`${folder}/sb.sock`));
        Deno.kill(Number(ready.split(" ")[1]), "SIGTERM");
        let rest = "";
        for (let part = await lines.read(); !part.done; part = await lines.read()) rest += part.value;
        assertMatch(rest, /^STOPPING=1 \d+\nstatus 0\n$/);
        // It is the manager's, who goes on listening.
        assert(Deno.lstatSync(`${folder}/sb.sock`).isSocket);
      } finally {
        await manager.status;
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}
