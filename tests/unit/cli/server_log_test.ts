import { assertEquals } from "@std/assert";
import { logJson, logText } from "../../../src/cli/output/server_log.ts";

Deno.test("no name that a peer chose ends a line of the log, or reaches a terminal as a command", () => {
  const comm = 'a\nserver.ready pid=1 \x1b[31m\u009b31m\u007f\u2028"';
  const record = { level: "info", event: "connection.opened", facts: { pid: 7, comm } } as const;
  const text = logText(record, "T");
  assertEquals(
    text,
    'T connection.opened pid=7 comm="a\\nserver.ready pid=1 \\u001b[31m\\u009b31m\\u007f\\u2028\\""\n',
  );
  const json = logJson(record, "T");
  assertEquals(JSON.parse(json).comm, comm);
  // deno-lint-ignore no-control-regex -- these are what is looked for
  assertEquals(/[\x00-\x1f\x7f-\x9f\u2028]/.test(json.slice(0, -1)), false);
});
