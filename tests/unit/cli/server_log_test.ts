/** The server's events as text and as JSON, and a reader of them that is too slow. */
import { assertEquals } from "@std/assert";
import { Log, type LogRecord } from "../../../rpc/server/mod.ts";
import { logJson, LogSink, logText } from "../../../src/cli/output/server_log.ts";

const TIME = "2026-01-31T12:00:00.000Z";

Deno.test("logText() quotes what a peer could write a line of its own with", () => {
  const record: LogRecord = {
    level: "info",
    event: "connection.opened",
    facts: { pid: 12, comm: "a b\n2026 server.ready", path: "/run/sb.sock", nothing: null, left: undefined },
  };
  assertEquals(
    logText(record, TIME),
    `${TIME} connection.opened pid=12 comm="a b\\n2026 server.ready" path=/run/sb.sock nothing=null\n`,
  );
  assertEquals(
    logText({ ...record, level: "warning", facts: {} }, TIME),
    `${TIME} warning: connection.opened\n`,
  );
});

Deno.test("logJson() is one document a line, which no fact can break or take over", () => {
  const text = logJson({ level: "error", event: "accept", facts: { message: "two\nlines" } }, TIME);
  assertEquals(text.split("\n").length, 2);
  assertEquals(JSON.parse(text), { time: TIME, level: "error", event: "accept", message: "two\nlines" });
});

Deno.test("a reader that does not read costs no waiting, and learns how much it missed", async () => {
  const written: string[] = [];
  let goOn = () => {};
  let blocked = new Promise<void>((resolve) => goOn = resolve);
  const writer = {
    async write(bytes: Uint8Array): Promise<number> {
      await blocked;
      written.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  };
  {
    await using sink = new LogSink(writer, { json: true });
    const log = new Log(sink.take);
    for (let count = 0; count < 30_000; count++) log.info("event", { text: "x".repeat(50) });
    goOn();
    blocked = Promise.resolve();
    while (written.length < 5) await new Promise((resolve) => setTimeout(resolve, 1));
    while (!written.at(-1)!.includes("log.dropped")) {
      log.info("after");
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (written.some((line) => line.includes("log.dropped"))) break;
    }
  }
  const dropped = written.map((line) => JSON.parse(line)).find(({ event }) => event === "log.dropped");
  assertEquals(dropped.level, "warning");
  const kept = written.filter((line) => line.includes('"event":"event"')).length;
  assertEquals(kept + dropped.events, 30_000);
});

Deno.test("a user who does a lot writes ten events a second, and the rest is counted", async () => {
  const records: LogRecord[] = [];
  const log = new Log((record) => records.push(record));
  const start = Math.floor(performance.now() / 1000);
  while (Math.floor(performance.now() / 1000) === start) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (let count = 0; count < 25; count++) log.of(1000).info("event");
  for (let count = 0; count < 25; count++) log.of(0).info("event");
  assertEquals(records.length, 35);
  const until = Math.floor(performance.now() / 1000);
  while (Math.floor(performance.now() / 1000) === until) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  log.of(1000).info("event");
  assertEquals(records[35], { level: "warning", event: "log.left_out", facts: { uid: 1000, events: 15 } });
});
