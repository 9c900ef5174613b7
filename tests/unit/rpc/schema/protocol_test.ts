import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type MethodName,
  METHODS,
  NOTIFICATIONS,
  openProtocol,
  type ParamsOf,
} from "../../../../rpc/schema/mod.ts";
import type { Fault } from "../../../../rpc/wire/mod.ts";
import { nearestNames } from "../../../../src/core/mod.ts";

const protocol = openProtocol(nearestNames);

/** The fault of parameters that the types may forbid. */
function fault(method: MethodName, params: unknown): Fault | undefined {
  const checked = protocol.checkParams(method, params as Record<string, unknown>);
  return "fault" in checked ? checked.fault : undefined;
}

function add(params: Record<string, unknown>): Fault | undefined {
  return fault("probe.add", { target: "libc.so.6:malloc", delay_ns: 1000, ...params });
}

Deno.test("checkParams() takes what the contract allows", () => {
  const accepted: readonly [MethodName, unknown][] = [
    ["rpc.discover", {}],
    ["probe.add", { target: "x:f", spec: "5us,every=10" }],
    ["probe.add", {
      target: "x:f",
      delay_ns: 0,
      scope: { system: true },
      at: "return",
      how: "sleep",
      every: 1,
    }],
    ["probe.add", {
      target: "x:f",
      delay_ns: 10_000_000_000,
      scope: { cgroup: "/sys/fs/cgroup/a" },
      times: null,
    }],
    ["probe.plan", {
      target: "x:f",
      spec: "1us",
      probability: 0.25,
      start_ns: 0,
      duration_ns: null,
      compensate: false,
    }],
    ["probe.update", { probe: "p1", times: 0 }],
    ["probe.stats", {}],
    ["probe.clear", { probe: "p1" }],
    ["stats.subscribe", { interval_ns: 10_000_000 }],
    ["symbols.search", { file: "libc.so.6", limit: 10_000, pid: 4_194_303 }],
    ["session.resume", { token: "0123456789abcdef".repeat(2) }],
  ];
  for (const [method, params] of accepted) assertEquals(fault(method, params), undefined, method);
});

Deno.test("checkParams() refuses wrong parameters, with the path of what is wrong", () => {
  const refused: readonly [Record<string, unknown>, string, RegExp][] = [
    [{ scope: { tree: "4242" } }, "scope.tree", /"scope.tree" is "4242", not an integer from 1 to 4194303$/],
    [{ scope: { tree: 0 } }, "scope.tree", /is 0, not/],
    [{ scope: { tree: 1.5 } }, "scope.tree", /is 1.5, not/],
    [{ scope: { tree: 2n ** 64n } }, "scope.tree", /an integer beyond 2\^53/],
    [{ scope: {} }, "scope", /none of "tree", "cgroup", "system" is given in "scope"$/],
    [{ scope: { tree: 1, system: true } }, "scope.system", /"tree", "system" exclude each other/],
    [{ scope: { system: false } }, "scope.system", /is false, not true$/],
    [{ scope: null }, "scope", /is null, not an object$/],
    [{ scope: [] }, "scope", /is an array, not an object$/],
    [{ scope: { tre: 1 } }, "scope.tre", /there is no "tre" in "scope"$/],
    [{ spec: "5us" }, "delay_ns", /"spec", "delay_ns" exclude each other$/],
    [{ target: "" }, "target", /"target" is empty$/],
    [{ target: "a\0b" }, "target", /contains U\+0000$/],
    [{ target: "\ud800" }, "target", /half of a surrogate pair$/],
    [{ target: "x".repeat(65_537) }, "target", /has more than 65536 characters$/],
    [{ target: {} }, "target", /is an object, not a string$/],
    [{ delay_ns: -1 }, "delay_ns", /not an integer from 0 to 10000000000$/],
    [{ delay_ns: 10_000_000_001 }, "delay_ns", /not an integer/],
    [{ every: 0 }, "every", /not an integer from 1 to 9007199254740991$/],
    [{ probability: 1.01 }, "probability", /is 1.01, not a number from 0 to 1$/],
    [{ probability: "1" }, "probability", /is "1", not a number/],
    [{ at: "retrun" }, "at", /is "retrun", not one of "entry", "return"$/],
    [{ compensate: 1 }, "compensate", /is 1, not true or false$/],
    [{ evry: 10 }, "evry", /there is no "evry"$/],
    [{ constructor: 1 }, "constructor", /there is no "constructor"$/],
    [JSON.parse('{"__proto__":1}'), "__proto__", /there is no "__proto__"$/],
  ];
  for (const [params, path, message] of refused) {
    const given = { target: "libc.so.6:malloc", delay_ns: 1000 };
    // A spread would not copy a member named __proto__.
    const seen = fault("probe.add", Object.hasOwn(params, "__proto__") ? params : { ...given, ...params });
    assertEquals([seen?.code, seen?.data.code, seen?.data.path], [-32602, "rpc.params", path]);
    assertMatch(seen!.message, message);
    assertMatch(seen!.message, /^Cannot call "probe.add": /);
  }
});

Deno.test("checkParams() names what is missing", () => {
  assertEquals(fault("probe.add", { delay_ns: 1 })?.data.path, "target");
  assertMatch(fault("probe.add", { target: "x:f" })!.message, /none of "spec", "delay_ns" is given$/);
  assertMatch(fault("probe.update", { probe: "p1" })!.data.hint!, /^Give at least one of "spec"/);
});

Deno.test("unknown names are answered with the nearest", () => {
  assertEquals(add({ evry: 10 })?.data.hint, 'Did you mean "every"?');
  assertEquals(add({ at: "retrun" })?.data.hint, 'Did you mean "return"?');
  assertEquals(add({ scope: { tre: 1 } })?.data.hint, 'Did you mean "tree"?');
  assertEquals(fault("server.info", { zzz: 1 })?.data.hint, "It takes none");
  assertEquals(protocol.unknownMethod("probe.ad").data.hint, 'Did you mean "probe.add"?');
  assertEquals(protocol.unknownMethod("zzzzzz").data.hint, "Call rpc.discover for a list");
  assertEquals(protocol.unknownMethod("constructor").code, -32601);
});

Deno.test("a fault repeats little of a long name", () => {
  assert(JSON.stringify(add({ ["x".repeat(100_000)]: 1 })).length < 500);
  assert(JSON.stringify(protocol.unknownMethod("x".repeat(100_000))).length < 500);
});

Deno.test("checkResult() and checkNotification() find a member too many, one too few and one of a wrong type", () => {
  assertEquals(protocol.checkResult("session.detach", { token: "0".repeat(32) }), undefined);
  assertEquals(protocol.checkResult("session.detach", {})?.path, "token");
  assertEquals(protocol.checkResult("session.detach", { token: "0".repeat(32), ttl: 1 })?.path, "ttl");
  assertEquals(protocol.checkResult("probe.list", { probes: [{ id: 1 }] })?.path, "probes[0].id");
  assertEquals(protocol.checkNotification("probe.ended", { probe: "p1", why: "expired" }), undefined);
  assertEquals(protocol.checkNotification("probe.ended", { probe: "p1", why: "bored" })?.path, "why");
});

Deno.test("the types know what excludes each other", () => {
  const params: ParamsOf<"probe.add">[] = [
    { target: "x:f", spec: "5us" },
    // @ts-expect-error a specification and a fixed delay
    { target: "x:f", spec: "5us", delay_ns: 5000 },
    // @ts-expect-error no delay
    { target: "x:f" },
    // @ts-expect-error two scopes
    { target: "x:f", spec: "5us", scope: { tree: 1, system: true } },
    // @ts-expect-error an unknown name
    { target: "x:f", spec: "5us", evry: 1 },
  ];
  assertEquals(params.map((asked) => fault("probe.add", asked) === undefined), [
    true,
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("each method and notification has a sentence", () => {
  for (const [name, { sentence }] of Object.entries({ ...METHODS, ...NOTIFICATIONS })) {
    assertMatch(sentence, /^[A-Z].*\.$/, name);
  }
});
