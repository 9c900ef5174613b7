/** The programs in the clients' READMEs, run as they stand there against a real server. */
import { assert, assertMatch } from "@std/assert";
import { ServerProcess } from "../rpc/server_process.ts";
import { ROOT, runProgram } from "./program.ts";

/** The blocks of a language in a document. */
function blocks(path: string, language: string): string[] {
  const text = Deno.readTextFileSync(`${ROOT}${path}`);
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, block]) => block);
}

Deno.test("every Python script of its README runs", async () => {
  const scripts = blocks("rpc/clients/python/README.md", "python");
  assert(scripts.length >= 5);
  await using server = await ServerProcess.start();
  const env = { SB_SOCKET: server.socket, PYTHONPATH: `${ROOT}rpc/clients/python` };
  const printed: string[] = [];
  for (const script of scripts) {
    printed.push(await runProgram("/usr/bin/python3", ["-B", "-W", "error", "-c", script], { env }));
  }
  assertMatch(printed[0], /^1\d{3} calls, \d{4,} ns longer each\n$/);
  assertMatch(printed[1], /^(\d+ calls, \d+ delayed\n){3}50 % of the delays took \d+ ns or less\n$/);
  assertMatch(printed[3], /^probe\.symbol_not_found\nCannot .*\nhint: /);
});

Deno.test("the Go program of its README runs, in a module that is made as it says", async () => {
  const [program] = blocks("rpc/clients/go/README.md", "go");
  const [command] = blocks("rpc/clients/go/README.md", "sh");
  const cwd = await Deno.makeTempDir();
  try {
    const env = { GOFLAGS: "-mod=mod", GOPROXY: "off", GOTOOLCHAIN: "local" };
    await Deno.writeTextFile(`${cwd}/main.go`, program);
    await runProgram("go", ["mod", "init", "readme"], { cwd, env });
    await runProgram("sh", ["-c", command.replace("/path/to/checkout/", ROOT)], { cwd, env });
    await runProgram("go", ["build", "-o", "readme", "."], { cwd, env });
    await using server = await ServerProcess.start();
    const printed = await runProgram(`${cwd}/readme`, [], { env: { SB_SOCKET: server.socket } });
    assertMatch(printed, /^[1-9]\d* calls, [1-9]\d* of them longer\n$/);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
