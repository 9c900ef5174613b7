/** What a shell may put in the place of the beginning of a target. */
import { assert, assertEquals } from "@std/assert";
import { completeTarget } from "../../../src/symbols/mod.ts";

// Opens the libraries that stay open.
completeTarget("libstdc++.so.6:std::terminate");

Deno.test("completeTarget() lists the symbols that begin so, behind the file as it was written", () => {
  assertEquals(completeTarget("libc.so.6:mallop"), ["libc.so.6:mallopt"]);
  assertEquals(completeTarget("libc:mallop"), ["libc:mallopt"]);
  assert(completeTarget("/bin/bash:").includes("/bin/bash:main"));
});

Deno.test("completeTarget() writes demangled names without their parameters", () => {
  const found = completeTarget("libstdc++.so.6:std::terminate");
  assertEquals(found, ["libstdc++.so.6:std::terminate"]);
});

Deno.test("completeTarget() completes the sign of a return", () => {
  assertEquals(completeTarget("libc:malloc%"), ["libc:malloc%return"]);
  assertEquals(completeTarget("libc:malloc%ret"), ["libc:malloc%return"]);
  assertEquals(completeTarget("libc:malloc%x"), []);
});

Deno.test("completeTarget() offers libraries with their colon, and nothing where nothing is", () => {
  assert(completeTarget("libc.s").includes("libc.so.6:"));
  assertEquals(completeTarget("/nonexistent/lib"), []);
  assertEquals(completeTarget("/nonexistent/lib:f"), []);
  assertEquals(completeTarget("sb-no-such-program:f"), []);
  assertEquals(completeTarget("/etc/passwd:f"), []);
});
