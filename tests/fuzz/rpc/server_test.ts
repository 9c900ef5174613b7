/** The same lines against a live server, from a user without rights: each gets the specified answer, and nobody else notices. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { isMethod, type MethodName, METHODS, NUMBERS, openProtocol } from "../../../rpc/schema/mod.ts";
import { type BadCall, type Call, type Id, type Message, parseMessage } from "../../../rpc/wire/mod.ts";
import { nearestNames } from "../../../src/core/mod.ts";
import { LineClient } from "../../rpc/line_client.ts";
import { ServerProcess } from "../../rpc/server_process.ts";
import { root, skipUnless } from "../../skip.ts";
import { LineMaker } from "./lines.ts";
import { Random } from "./random.ts";

const LINES = 2000;
const SEED = 20_240_612;
const USER = 12_001;

/** A connection of the fuzzer lives for so many lines at the most. */
const LINES_OF_ONE = 200;

/** An answer that does not come in this time will not come. */
const ANSWER_MS = 30_000;

const PROGRAM = "import os, time\nwhile True:\n    os.getppid()\n    time.sleep(0.001)";

const protocol = openProtocol(nearestNames);

interface Answer {
  id: Id;
  result?: unknown;
  error?: { code: number; message: string; data: { code: string } };
}

/** What one call must be answered with; undefined: with nothing. */
type Expectation = { id: Id; check: (answer: Answer) => void } | undefined;

/** What the schema says that a method may fail with; but for a fault of the server's own. */
function codesOf(method: MethodName): number[] {
  return ["params" as const, ...METHODS[method].errors].map((name) => NUMBERS[name].code);
}

function expectationOf(call: Call | BadCall): Expectation {
  if (call.id === undefined) return undefined;
  const { id } = call;
  const fails = (fault: unknown): Expectation => ({
    id,
    check: ({ error }) => assertEquals<unknown>(error, fault),
  });
  if (call.kind === "bad") return fails(call.fault);
  const { method } = call;
  if (!isMethod(method)) return fails(protocol.unknownMethod(method));
  const checked = protocol.checkParams(method, call.params);
  if ("fault" in checked) return fails(checked.fault);
  return {
    id,
    check: ({ result, error }) => {
      if (error === undefined) return assertEquals(protocol.checkResult(method, result), undefined, method);
      assert(codesOf(method).includes(error.code), `${method}: ${JSON.stringify(error)}`);
      assert(error.message.startsWith("Cannot "), error.message);
      assert(/^[a-z]+(\.[a-z_]+)?$/.test(error.data.code), error.data.code);
    },
  };
}

/** A detached session would use up the connections that its user may have. */
function detaches(message: Message): boolean {
  const calls = message.kind === "batch" ? message.items : [message];
  return calls.some((call) => call.kind === "call" && call.method === "session.detach");
}

/** The next line that is no notification. */
async function nextAnswer(client: LineClient): Promise<unknown> {
  for (;;) {
    const line = await client.next();
    if (line === undefined || Array.isArray(line) || line.method === undefined) return line;
    assertEquals(protocol.checkNotification(line.method, line.params), undefined);
  }
}

function checkAnswer(expectation: Expectation, answer: unknown): void {
  const { jsonrpc, id, ...rest } = answer as Answer & { jsonrpc: string };
  assertEquals([jsonrpc, Object.keys(rest).length], ["2.0", 1]);
  // 0 and −0 are one number.
  assert(id === expectation!.id, JSON.stringify(answer));
  expectation!.check(answer as Answer);
}

/** Looks at what the server says to a line. @returns whether the connection goes on */
async function checkAnswers(client: LineClient, message: Message): Promise<boolean> {
  if (message.kind === "fatal") {
    checkAnswer(
      { id: null, check: ({ error }) => assertEquals<unknown>(error, message.fault) },
      await nextAnswer(client),
    );
    assertEquals(await nextAnswer(client), undefined);
    return false;
  }
  if (message.kind !== "batch") {
    const expectation = expectationOf(message);
    if (expectation) checkAnswer(expectation, await nextAnswer(client));
    return true;
  }
  const expectations = message.items.map(expectationOf).filter((expectation) => expectation !== undefined);
  if (expectations.length > 0) {
    const answers = await nextAnswer(client) as unknown[];
    assertEquals(answers.length, expectations.length);
    expectations.forEach((expectation, index) => checkAnswer(expectation, answers[index]));
  }
  return true;
}

async function inTime<T>(answer: Promise<T>, line: Uint8Array): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to ${new TextDecoder().decode(line)}`)), ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a line in two pieces. */
async function sendCut(client: LineClient, line: Uint8Array, cut: number): Promise<void> {
  const whole = Uint8Array.from([...line, 10]);
  await client.send(whole.subarray(0, cut));
  await client.send(whole.subarray(cut));
}

async function fuzz(socket: string, targets: readonly string[]): Promise<void> {
  const random = new Random(SEED);
  const maker = new LineMaker(random, targets);
  for (let sent = 0; sent < LINES;) {
    using client = LineClient.connectAs(socket, USER);
    for (let goesOn = true, ofOne = 0; goesOn && ofOne < LINES_OF_ONE && sent < LINES;) {
      const line = maker.line();
      const message = parseMessage(line.at(-1) === 13 ? line.subarray(0, -1) : line);
      if (detaches(message)) continue;
      await sendCut(client, line, random.below(line.length + 1));
      goesOn = await inTime(checkAnswers(client, message), line);
      sent++;
      ofOne++;
    }
    // Half a line at the end is no line.
    await client.send('{"jsonrpc":"2.0","id":1,"method":"probe.clear"').catch(() => {});
  }
}

Deno.test({
  ...skipUnless(
    `${LINES} lines to a live server: the specified answers, and no effect on another session`,
    root(),
  ),
  fn: async () => {
    await using server = await ServerProcess.start();
    const folder = await Deno.makeTempDir();
    await Deno.copyFile("/usr/bin/env", `${folder}/program`);
    await Deno.chmod(folder, 0o755);
    await Deno.chmod(server.socket, 0o666);
    await Deno.chmod(server.socket.slice(0, server.socket.lastIndexOf("/")), 0o755);
    const tree = new Deno.Command("/usr/bin/python3", { args: ["-c", PROGRAM] }).spawn();
    try {
      using witness = await LineClient.connect(server.socket);
      const { probes: [added] } = await witness.call("probe.add", {
        target: "libc.so.6:getppid",
        delay_ns: 1000,
        scope: { tree: tree.pid },
      });
      await fuzz(server.socket, [
        `${folder}/program:0x4000`,
        `${folder}/program:main`,
        `${folder}/nothing:main`,
      ]);

      const { probes } = await witness.call("probe.list", { all: true });
      assertEquals(probes.map(({ id, delay_ns, state }: typeof added) => [id, delay_ns, state]), [
        [added.id, 1000, "live"],
      ]);
      const { probes: [figures] } = await witness.call("probe.stats");
      assertGreater(figures.delayed, 0);
      assertEquals(witness.notifications, []);
    } finally {
      tree.kill("SIGKILL");
      await tree.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
