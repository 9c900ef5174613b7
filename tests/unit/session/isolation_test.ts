/** Which isolation a probe of a session gets, by its scope and backend. */
import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import type { PoolScope } from "../../../src/probe/mod.ts";
import { choosePoolIsolation } from "../../../src/session/isolation.ts";

const TREE: PoolScope = { kind: "tree", pid: 1, scan: () => [1], guarded: false };
const CGROUP: PoolScope = { kind: "cgroup", path: "/sys/fs/cgroup/x" };
const ALL: PoolScope = { kind: "all" };

Deno.test("a tree is isolated per process where that can be had, unless `shared` is asked for", () => {
  assertEquals(choosePoolIsolation("auto", { scope: TREE, backend: "fake" }), "per-process");
  assertEquals(choosePoolIsolation("per-process", { scope: TREE, backend: "fake" }), "per-process");
  assertEquals(choosePoolIsolation("shared", { scope: TREE, backend: "fake" }), "shared");
});

Deno.test("a cgroup and every process share the breakpoints, and cannot be isolated per process", () => {
  for (const scope of [CGROUP, ALL]) {
    for (const asked of ["auto", "shared"] as const) {
      assertEquals(choosePoolIsolation(asked, { scope, backend: "ebpf" }), "shared");
    }
    const error = assertThrows(() => choosePoolIsolation("per-process", { scope, backend: "ebpf" }), SbError);
    assertEquals(error.code, "isolation.unavailable");
  }
});

Deno.test("the module gives breakpoints to processes: `shared` cannot be had", () => {
  for (const scope of [TREE, ALL]) {
    assertEquals(choosePoolIsolation("auto", { scope, backend: "kmod" }), "per-process");
    const error = assertThrows(() => choosePoolIsolation("shared", { scope, backend: "kmod" }), SbError);
    assertEquals(error.code, "isolation.unavailable");
  }
});
