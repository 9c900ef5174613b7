/** What the library refuses, and what it makes of what it takes. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { formatSpec, parseSpec } from "../../../src/probe/mod.ts";
import { changeOf, requestOfPlace, requestOfProbe } from "../../../src/session/asked.ts";
import type { ChangeAsked, ProbeAsked } from "../../../src/session/mod.ts";
import { requireScope, scopeOf } from "../../../src/session/scope_asked.ts";

const TARGET = "/bin/sh:main";

function refusal(act: () => unknown): SbError {
  return assertThrows(act, SbError);
}

/** A property list as a caller without types may write it. */
function untyped<T>(value: unknown): T {
  return value as T;
}

for (
  const [what, asked, code, seen] of [
    ["no object", "libc:malloc", "usage.option", "it is a string, not an object"],
    ["a list", [], "usage.option", "it is a list, not an object"],
    ["null", null, "usage.option", "it is null, not an object"],
    ["an unknown property", { target: TARGET, delay: "1us", evry: 2 }, "usage.option", '"evry"'],
    [
      "a property of the prototype",
      { target: TARGET, delay: "1us", toString: 2 },
      "usage.option",
      "toString",
    ],
    ["a wrong type", { target: TARGET, delay: 5 }, "usage.option", "it is a number, not a string"],
    ["no target", { delay: "1us" }, "usage.target", "no target"],
    ["no delay", { target: TARGET }, "usage.delay", "no delay"],
    ["two delays", { target: TARGET, delay: "1us", delayNs: 5 }, "usage.option", "delay and delayNs"],
    ["three delays", { target: TARGET, delay: "1us", delayNs: 5, spec: "1us" }, "usage.option", "all given"],
    ["a specification as a delay", { target: TARGET, delay: "1us,every=2" }, "usage.delay", "whole spec"],
    ["a negative delay", { target: TARGET, delayNs: -1 }, "usage.time", "it is negative"],
    ["a delay in fractions", { target: TARGET, delayNs: 1.5 }, "usage.time", "1.5 is not a whole number"],
    ["too long a delay", { target: TARGET, delayNs: 1e10 + 1 }, "usage.time", "more than 10s"],
    ["a delay that is no number", { target: TARGET, delayNs: NaN }, "usage.time", "NaN"],
    ["every=0", { target: TARGET, delay: "1us", every: 0 }, "usage.delay", "less than 1"],
    [
      "a fraction of every",
      { target: TARGET, delay: "1us", every: 2.5 },
      "usage.delay",
      "not a whole number",
    ],
    ["a probability above 1", { target: TARGET, delay: "1us", probability: 1.1 }, "usage.delay", "within 0"],
    [
      "an endless probability",
      { target: TARGET, delay: "1us", probability: Infinity },
      "usage.delay",
      "number",
    ],
    ["negative times", { target: TARGET, delay: "1us", times: -1 }, "usage.delay", "less than 0"],
    ["two starts", { target: TARGET, delay: "1us", start: "1s", startNs: 5 }, "usage.option", "start and"],
    [
      "two durations",
      { target: TARGET, delay: "1us", duration: null, durationNs: 5 },
      "usage.option",
      "both",
    ],
    ["a negative start", { target: TARGET, delay: "1us", startNs: -5 }, "usage.time", "negative"],
    ["half a nanosecond", { target: TARGET, delay: "1us", durationNs: 0.5 }, "usage.time", "durationNs"],
    ["another how", { target: TARGET, delay: "1us", how: "wait" }, "usage.delay", "spin, sleep"],
    [
      "a word for compensate",
      { target: TARGET, delay: "1us", compensate: "no" },
      "usage.option",
      "a boolean",
    ],
    ["another at", { target: TARGET, delay: "1us", at: "exit" }, "usage.option", "entry, return"],
    [
      "at against %return",
      { target: `${TARGET}%return`, delay: "1us", at: "entry" },
      "usage.option",
      "the target says %return",
    ],
    [
      "a private file",
      { target: TARGET, delay: "1us", isolation: "private-file" },
      "usage.option",
      "not one of auto",
    ],
  ] as const
) {
  Deno.test(`requestOfProbe() refuses ${what}`, () => {
    const error = refusal(() => requestOfProbe(untyped<ProbeAsked>(asked)));
    assertEquals(error.code, code);
    assertStringIncludes(error.message, seen);
  });
}

Deno.test("requestOfProbe() names the nearest property", () => {
  const error = refusal(() => requestOfProbe(untyped<ProbeAsked>({ target: TARGET, dealy: "1us" })));
  assertEquals(error.hint, "Did you mean delay?");
});

Deno.test("requestOfPlace() refuses a scope: a command's tree is the scope", () => {
  const error = refusal(() => requestOfPlace(untyped({ target: TARGET, delay: "1us", scope: { tree: 1 } })));
  assertStringIncludes(error.message, '"scope"');
});

Deno.test("every form of a schedule gives the specification of the command line", () => {
  for (
    const [asked, spec] of [
      [{ delay: "5us" }, "5us"],
      [{ delayNs: 5000 }, "5us"],
      [{ delayNs: 0 }, "0"],
      [{ delay: "exp:2us", every: 10 }, "exp:2us,every=10"],
      [{ spec: "5us,every=10,times=3" }, "5us,every=10,times=3"],
      [{ spec: parseSpec("5us,every=10") }, "5us,every=10"],
      [{ spec: "5us,every=10", every: 3, times: 7 }, "5us,every=10,times=7"],
      [{ delay: "1us", probability: 1e-7 }, "1us,probability=1e-7"],
      [{ delay: "1us", startNs: 5_000_000, durationNs: 30e9 }, "1us,start=5ms,duration=30s"],
      [{ delay: "1us", start: "1h", duration: "2d" }, "1us,start=3600s,duration=172800s"],
      [{ delay: "1us", times: null, duration: null }, "1us"],
      [{ delay: "1us", how: "sleep", compensate: false }, "1us,how=sleep,compensate=no"],
      [{ delay: "1us", compensate: true, every: undefined }, "1us"],
    ] as const
  ) {
    assertEquals(formatSpec(requestOfProbe({ target: TARGET, ...asked }).spec), spec);
  }
});

Deno.test("the side of a function stands in the target", () => {
  const target = (asked: Partial<ProbeAsked>) =>
    requestOfProbe({ target: TARGET, delay: "0", ...asked }).target;
  assertEquals(target({}), TARGET);
  assertEquals(target({ at: "entry" }), TARGET);
  assertEquals(target({ at: "return" }), `${TARGET}%return`);
  assertEquals(target({ at: "return", target: `${TARGET}%return` }), `${TARGET}%return`);
});

Deno.test("changeOf() has only what is named", () => {
  assertEquals(changeOf({ every: 3 }), { settings: { every: 3 } });
  assertEquals(changeOf({ delayNs: 10_000 }), {
    delayText: "10us",
    delay: { kind: "fixed", ns: 10_000 },
    settings: {},
  });
  assertEquals(changeOf({ spec: "1us,times=2", every: 5 }).settings, { every: 5, times: 2 });
  assertEquals(changeOf({ times: null, durationNs: null }).settings, { times: null, durationNs: null });
});

Deno.test("changeOf() refuses a change of nothing, and what is no part of a change", () => {
  assertEquals(refusal(() => changeOf({})).code, "usage.option");
  assertEquals(refusal(() => changeOf({ every: undefined })).code, "usage.option");
  const error = refusal(() => changeOf(untyped<ChangeAsked>({ target: TARGET })));
  assertStringIncludes(error.message, "there is no such property");
});

for (
  const [what, asked, code, seen] of [
    ["none", {}, "usage.scope", "no scope is given"],
    ["two", { scope: { system: true }, pid: 1 }, "usage.scope", "both given"],
    ["an empty one", { scope: {} }, "usage.scope", "not none"],
    ["several", { scope: { tree: 1, system: true } }, "usage.scope", "not several"],
    ["an unknown one", { scope: { tre: 1 } }, "usage.option", '"tre" of the scope'],
    ["no system", { scope: { system: false } }, "usage.scope", "system: false"],
    ["process 0", { pid: 0 }, "usage.scope", "0 is no process id"],
    ["a fraction of a process", { scope: { tree: 1.5 } }, "usage.scope", "1.5 is no process id"],
    ["a process as text", { pid: "1" }, "usage.option", "it is a string"],
    ["no such process", { pid: 2 ** 31 }, "process.not_found", "there is no such process"],
    ["a relative cgroup", { scope: { cgroup: "user.slice" } }, "usage.scope", "no absolute path"],
    ["a folder that is no cgroup", { scope: { cgroup: "/tmp" } }, "usage.scope", "cgroup hierarchy"],
  ] as const
) {
  Deno.test(`the scope: ${what} is refused`, () => {
    const error = refusal(() => {
      const probe = untyped<ProbeAsked>({ target: TARGET, delay: "0", ...asked });
      requestOfProbe(probe);
      requireScope(probe);
    });
    assertEquals(error.code, code);
    assertStringIncludes(error.message, seen);
  });
}

Deno.test("the scope: this process is refused, and the message says why", () => {
  const error = refusal(() => requireScope({ target: TARGET, pid: Deno.pid }));
  assertEquals(error.code, "usage.scope");
  assertStringIncludes(error.message, "sb's own processes are in no scope");
});

Deno.test("the scope: a tree, a process id for short, every process", async () => {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  try {
    for (const asked of [{ scope: { tree: child.pid } }, { pid: child.pid }]) {
      const scope = requireScope({ target: TARGET, ...asked });
      assertEquals(scope.kind === "tree" && [scope.pid, scope.guarded, scope.scan()], [
        child.pid,
        Deno.uid() !== 0,
        [child.pid],
      ]);
    }
    assertEquals(scopeOf({ target: TARGET, scope: { system: true } }), { kind: "all" });
    assertEquals(scopeOf({ target: TARGET }), null);
  } finally {
    child.kill();
    await child.status;
  }
});
