/** Skips: with a reason where something is missing, none where it should be there. */
import { assertEquals } from "@std/assert";
import { executable, root, skipUnless } from "../../skip.ts";

Deno.test("skipUnless() runs a test that has what it needs", () => {
  assertEquals(skipUnless("it works", { holds: true, why: "x" }, executable("/bin/sh")), {
    name: "it works",
    ignore: false,
  });
  assertEquals(skipUnless("it works"), { name: "it works", ignore: false });
});

Deno.test("skipUnless() says in the title what is lacking", () => {
  const needs = [{ holds: true, why: "first" }, { holds: false, why: "no GPU here" }];
  assertEquals(skipUnless("it works", ...needs), { name: "it works [skipped: no GPU here]", ignore: true });
});

Deno.test("skipUnless() lets a test fail for what should be there", () => {
  assertEquals(skipUnless("it works", { holds: false, why: "gone", expected: true }).ignore, false);
});

Deno.test("executable() is expected of root only, who can install it", () => {
  const missing = executable("/nonexistent/tool");
  assertEquals(missing, {
    holds: false,
    why: "/nonexistent/tool is not installed",
    expected: Deno.uid() === 0,
  });
  assertEquals(executable("/bin/sh").holds, true);
});

Deno.test("root() holds for user id 0 only", () => {
  assertEquals(root().holds, Deno.uid() === 0);
  assertEquals(root().expected, undefined);
});
