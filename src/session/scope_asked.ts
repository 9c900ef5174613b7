/** Scopes as a caller of the library asks for them, checked, and as pools take them. */
import { SbError } from "../core/mod.ts";
import type { PoolScope } from "../probe/mod.ts";
import { scanTree } from "../scope/mod.ts";
import { readProcessStatus, requireProcess } from "../sys/mod.ts";
import type { ProbeAsked, ScopeAsked } from "./probing.ts";
import { checkProperties } from "./properties.ts";

const SCOPE = { tree: ["number"], cgroup: ["string"], system: ["boolean"] } as const;

function refuse(target: string, seen: string, hint?: string): SbError {
  return new SbError("usage.scope", `Cannot slow "${target}": ${seen}`, hint === undefined ? {} : { hint });
}

/** Whether the owner of this process is somebody else than root: its probes must not follow into what gains privilege. */
function isGuarded(): boolean {
  const [, effective] = (readProcessStatus("self").get("Uid") ?? "").split("\t");
  return effective !== "0";
}

function treeScope(pid: number, target: string): PoolScope {
  if (!Number.isInteger(pid) || pid < 1 || pid > 2 ** 31) throw refuse(target, `${pid} is no process id`);
  if (pid === Deno.pid) {
    throw refuse(
      target,
      `process ${pid} is the one that asks, and sb's own processes are in no scope`,
      "Name the process of a program that you start: scope: { tree: child.pid }",
    );
  }
  requireProcess(pid);
  return { kind: "tree", pid, scan: () => scanTree(pid), guarded: isGuarded() };
}

function cgroupScope(path: string, target: string): PoolScope {
  if (!path.startsWith("/")) {
    throw refuse(target, `the cgroup "${path}" is no absolute path`, "Write /sys/fs/cgroup/NAME");
  }
  try {
    // Only the version 2 hierarchy has this file.
    Deno.statSync(`${path}/cgroup.controllers`);
  } catch {
    throw refuse(
      target,
      `"${path}" is no folder of the cgroup hierarchy of version 2`,
      "List the cgroups: find /sys/fs/cgroup -name cgroup.controllers",
    );
  }
  return { kind: "cgroup", path };
}

function readScope(asked: ScopeAsked, target: string): PoolScope {
  checkProperties(asked, SCOPE, "the scope");
  const named = Object.entries(asked).filter(([, value]) => value !== undefined);
  if (named.length !== 1) {
    throw refuse(
      target,
      `a scope has one of tree, cgroup and system, not ${named.length === 0 ? "none" : "several"}`,
    );
  }
  if ("tree" in asked && asked.tree !== undefined) return treeScope(asked.tree, target);
  if ("cgroup" in asked && asked.cgroup !== undefined) return cgroupScope(asked.cgroup, target);
  if (named[0][1] === true) return { kind: "all" };
  throw refuse(target, "system: false is no scope", "Write scope: { tree: PID }");
}

/**
 * The scope that is asked for.
 *
 * @returns null when none is
 * @throws SbError `usage.scope`, `usage.option`, `process.not_found`, `process.not_leader`
 */
export function scopeOf(
  { target, scope, pid }: Pick<ProbeAsked, "target" | "scope" | "pid">,
): PoolScope | null {
  if (scope !== undefined && pid !== undefined) {
    throw refuse(target, "scope and pid are both given, give one");
  }
  if (scope !== undefined) return readScope(scope, target);
  return pid === undefined ? null : treeScope(pid, target);
}

/** The same; there must be one. @throws SbError `usage.scope` and as {@linkcode scopeOf} */
export function requireScope(asked: Pick<ProbeAsked, "target" | "scope" | "pid">): PoolScope {
  const scope = scopeOf(asked);
  if (scope) return scope;
  throw refuse(
    asked.target,
    "no scope is given",
    "Add scope: { tree: PID }; every process is scope: { system: true }",
  );
}
