/** forwardSignals(), with a process that holds a command and is signalled from outside. */
import { assertEquals } from "@std/assert";
import { toFileUrl } from "./module_url.ts";

const HOLDER = `
import { forwardSignals, startCommand } from ${JSON.stringify(toFileUrl("src/command/mod.ts"))};
using command = startCommand({ command: ["sh", "-c", "trap 'exit 5' TERM; trap 'exit 6' HUP; while :; do sleep 0.01; done"] });
let seconds = 0;
using _signals = forwardSignals(command, {
  onSecondInterrupt: () => { seconds++; console.log("second"); },
  ignored: new Set(JSON.parse(Deno.args[0])),
});
console.log("ready");
const end = await command.wait();
console.log(end.exitCode, seconds);
`;

/** Lines of a process's output, one at a time. */
async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

async function hold(
  options: { ignored?: number[] },
  act: (holder: Deno.ChildProcess, next: () => Promise<string>) => Promise<void>,
): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, HOLDER);
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-config", file, JSON.stringify(options.ignored ?? [])],
    stdout: "piped",
  }).spawn();
  const output = lines(holder.stdout);
  try {
    await act(holder, async () => (await output.next()).value ?? "");
    await holder.status;
  } finally {
    await output.return(undefined);
    await Deno.remove(file);
  }
}

Deno.test("forwardSignals() forwards SIGTERM", () =>
  hold({}, async (holder, next) => {
    assertEquals(await next(), "ready");
    holder.kill("SIGTERM");
    assertEquals(await next(), "5 0");
  }));

Deno.test("forwardSignals() forwards SIGHUP", () =>
  hold({}, async (holder, next) => {
    assertEquals(await next(), "ready");
    holder.kill("SIGHUP");
    assertEquals(await next(), "6 0");
  }));

Deno.test("forwardSignals() leaves the command alone at SIGINT and SIGQUIT, and tells the second SIGINT", () =>
  hold({}, async (holder, next) => {
    assertEquals(await next(), "ready");
    holder.kill("SIGQUIT");
    holder.kill("SIGINT");
    // Two that are pending at once are one: wait until the first was taken.
    while (
      BigInt(`0x${/^ShdPnd:\t(\S+)/m.exec(Deno.readTextFileSync(`/proc/${holder.pid}/status`))![1]}`) !== 0n
    );
    const second = next();
    const again = setInterval(() => holder.kill("SIGINT"), 20);
    assertEquals(await second, "second");
    clearInterval(again);
    holder.kill("SIGTERM");
    assertEquals(await next(), "5 1");
  }));
