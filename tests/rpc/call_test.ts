/** `sb call`: what is printed, how it ends, and its parameters as people write them. */
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { readParams } from "../../src/cli/call_params.ts";
import { SbError } from "../../src/core/mod.ts";
import { programFile, RealProgram } from "../conformance/program.ts";
import { root, skipUnless } from "../skip.ts";
import { ServerProcess } from "./server_process.ts";

const SB = new URL("../../scripts/sb", import.meta.url).pathname;

function test(title: string, body: (socket: string) => Promise<void>): void {
  Deno.test({
    ...skipUnless(title, root()),
    async fn() {
      await using server = await ServerProcess.start();
      await body(server.socket);
    },
  });
}

async function call(
  socket: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(SB, {
    args: ["call", ...args],
    env: { SB_SOCKET: socket },
    stdin: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("readParams() takes one JSON object, or words with dots", () => {
  const plain = (words: string[]) => JSON.parse(JSON.stringify(readParams(words)));
  assertEquals(plain([]), {});
  assertEquals(plain(['{"a":{"b":1}}']), { a: { b: 1 } });
  assertEquals(
    plain(["target=libc:malloc", "delay_ns=5", "scope.tree=12", "all=true", 'probe="7"', "spec=5us,every=2"]),
    {
      target: "libc:malloc",
      delay_ns: 5,
      scope: { tree: 12 },
      all: true,
      probe: "7",
      spec: "5us,every=2",
    },
  );
  assertEquals(plain(["pattern=a=b", "file="]), { pattern: "a=b", file: "" });
});

Deno.test("readParams() refuses what it cannot mean", () => {
  for (
    const words of [["target"], ["=5"], ["a..b=1"], [".a=1"], ["a=1", "a=2"], ["a=1", "a.b=2"], ["{"], [
      "{}",
      "a=1",
    ]]
  ) {
    const error = assertThrows(() => readParams(words), SbError);
    assertEquals(error.code, "usage.option", words.join(" "));
  }
  assertEquals(Object.keys(readParams(["__proto__.polluted=1"])), ["__proto__"]);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
});

test("an answer is JSON for people, or a document in one line", async (socket) => {
  const text = await call(socket, "server.info");
  assertEquals([text.code, text.stderr], [0, ""]);
  assertMatch(text.stdout, /^\{\n {2}"version": /);
  const json = await call(socket, "server.info", "--json");
  const { schema, method, result } = JSON.parse(json.stdout);
  assertEquals([json.code, schema, method, result], [0, 1, "server.info", JSON.parse(text.stdout)]);
});

test("the exit status tells the class of an error, and the message is the server's", async (socket) => {
  const cases: [string[], number, RegExp][] = [
    [["server.inf"], 2, /^error: Cannot call "server\.inf": .*\nhint: Did you mean "server\.info"\?\n$/],
    [["probe.add", "target=libc.so.6:malloc", "delay=5"], 2, /delay_ns/],
    [["probe.remove", "probe=p9"], 1, /^error: Cannot find the probe "p9"/],
    [["probe.add", "target=libc.so.6:malloc", "spec=5us,how=sleep"], 3, /sleep/],
    [["probe.add", "target"], 2, /KEY=VALUE/],
  ];
  for (const [args, status, message] of cases) {
    const { code, stdout, stderr } = await call(socket, ...args);
    assertEquals([code, stdout], [status, ""], args.join(" "));
    assertMatch(stderr, message);
  }
  const { code, stdout } = await call(socket, "--json", "probe.remove", "probe=p9");
  assertEquals([code, JSON.parse(stdout).error.code], [1, "probe.not_found"]);
});

Deno.test("without a server the exit status is 5, and the hint starts one", async () => {
  const { code, stderr } = await call("/nonexistent/sb.sock", "server.info");
  assertEquals(code, 5);
  assertStringIncludes(stderr, "hint: Start a server: sb serve");
});

for (
  const [title, method, found] of [
    [
      "a subscription prints until Ctrl-C",
      ["stats.subscribe", "interval_ns=10000000"],
      '"method":"stats.tick"',
    ],
    ["--wait keeps the session until Ctrl-C", ["--wait", "probe.add", "spec=1ms"], '"method":"probe.add"'],
  ] as const
) {
  test(title, async (socket) => {
    await using program = await RealProgram.start();
    const probe = method[0] === "--wait"
      ? [`target=${programFile()}:f_push`, `scope.tree=${program.pid}`]
      : [];
    const child = new Deno.Command(SB, {
      args: ["call", "--json", "--socket", socket, ...method, ...probe],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes(found)) text += (await lines.read()).value ?? "";
    if (probe.length > 0) {
      const { stdout } = await call(socket, "probe.list", "all=true", "--json");
      assertStringIncludes(stdout, `"pid":${program.pid}`);
    }
    child.kill("SIGINT");
    for (let part = await lines.read(); !part.done; part = await lines.read()) text += part.value;
    assertEquals((await child.status).code, 0);
    for (const line of text.trim().split("\n")) assertEquals(JSON.parse(line).schema, 1);
  });
}
