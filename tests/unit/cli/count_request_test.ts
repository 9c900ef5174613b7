/** From an invocation to what is counted. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SbError } from "../../../mod.ts";
import { countRequest } from "../../../src/cli/count_request.ts";
import { parseCommandLine } from "../../../src/cli/parse.ts";

const count = (...argv: string[]) => countRequest(parseCommandLine(["count", ...argv]));

Deno.test("countRequest() takes a command, with whatever options it has itself", () => {
  assertEquals(count("--", "find", "--pid", "1"), {
    command: { command: ["find", "--pid", "1"], fromOwnArguments: true, user: null },
  });
  assertEquals(count("-u", "nobody", "ls", "-p", "/"), {
    command: { command: ["ls", "-p", "/"], fromOwnArguments: true, user: "nobody" },
  });
});

Deno.test("countRequest() takes a process, an interval and a time", () => {
  assertEquals(count("--pid", "42"), { tree: { pid: 42, forNs: null, intervalNs: null } });
  assertEquals(count("-p42", "-i", "10ms", "--for", "2m"), {
    tree: { pid: 42, forNs: 120_000_000_000, intervalNs: 10_000_000 },
  });
});

const REFUSED: readonly [argv: string[], says: string][] = [
  [[], "a command or --pid PID is missing"],
  [["--pid", "42", "--", "true"], "a command and --pid are both given"],
  [["--pid", "42", "--user", "nobody"], "--user is for a command"],
  [["--for", "1s", "true"], "--for is for --pid"],
  [["--interval", "1s", "--", "true"], "--interval is for --pid"],
  [["--pid", "0"], "it is not a process id"],
  [["--pid", "-1"], "it is not a process id"],
  [["--pid", "self"], "it is not a process id"],
  [["--pid", "42", "--interval", "9ms"], "it is too short"],
  [["--pid", "42", "--for", "0"], "it is too short"],
  [["--pid", "42", "--for", "31d"], "it is more than"],
];

for (const [argv, says] of REFUSED) {
  Deno.test(`countRequest() refuses: sb count ${argv.join(" ")}`, () => {
    assertStringIncludes(assertThrows(() => count(...argv), SbError).message, says);
  });
}
