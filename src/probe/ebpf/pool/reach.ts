/** Whom a probe of a pool applies to, as its slot says it: a tree, a cgroup, every process. */
import { SbError } from "../../../core/mod.ts";
import type { PoolScope } from "../../pool.ts";
import { SlotFlag } from "../layout.ts";
import type { SlotWords } from "../slot_words.ts";
import type { TreeAsked, TreeScope, TreeScopes } from "./tree_scopes.ts";

/** The link of the first cgroup namespace: PROC_CGROUP_INIT_INO, include/linux/proc_ns.h. */
const FIRST_CGROUP_NAMESPACE = "cgroup:[4026531835]";

/** Whom a probe applies to. */
export type Reach =
  | { kind: "tree"; tree: TreeScope; asked: TreeAsked }
  | { kind: "cgroup"; id: bigint; level: number; path: string }
  | { kind: "all" };

/** The {@linkcode SlotFlag} bits and the words of a slot. */
export function reachWords(reach: Reach): { flags: number; words: SlotWords } {
  switch (reach.kind) {
    case "tree":
      return { flags: 0, words: { scopes: BigInt(reach.tree.number), cgroupLevel: 0n } };
    case "cgroup":
      return { flags: SlotFlag.cgroup, words: { scopes: reach.id, cgroupLevel: BigInt(reach.level) } };
    case "all":
      return { flags: SlotFlag.everyone, words: { scopes: 0n, cgroupLevel: 0n } };
  }
}

/** Whether everybody whom `inner` applies to is one of those of `outer`. */
export function reaches(outer: Reach, inner: Reach, trees: TreeScopes): boolean {
  if (outer.kind === "all") return true;
  if (outer.kind === "tree" && inner.kind === "tree") return trees.covers(outer.tree, inner.tree);
  if (outer.kind !== "cgroup" || inner.kind !== "cgroup") return false;
  return outer.id === inner.id || inner.path.startsWith(`${outer.path}/`);
}

/** The mount of the version 2 hierarchy that a path is in. */
function hierarchyOf(path: string): { mountPoint: string; root: string } | undefined {
  const mounts = Deno.readTextFileSync("/proc/self/mountinfo").split("\n").flatMap((line) => {
    // proc_pid_mountinfo(5): the fourth and fifth field, and the type behind the dash.
    const [fields, types] = line.split(" - ");
    if (!types?.startsWith("cgroup2 ")) return [];
    const [, , , root, mountPoint] = fields.split(" ");
    return path === mountPoint || path.startsWith(`${mountPoint}/`) ? [{ mountPoint, root }] : [];
  });
  return mounts.sort((x, y) => y.mountPoint.length - x.mountPoint.length)[0];
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

/**
 * The cgroup at a path. Its id is the inode of its folder (kernfs), its level how many are above it.
 *
 * @throws SbError `process.not_found` for what is no cgroup; `isolation.unavailable` in a cgroup namespace
 */
function findCgroup(path: string): Reach {
  let real: string;
  let inode: number | null;
  try {
    real = Deno.realPathSync(path);
    inode = Deno.statSync(real).ino;
  } catch (cause) {
    throw new SbError("process.not_found", `Cannot find the cgroup "${path}": there is no such folder`, {
      hint: "Name a folder below the mount of the version 2 hierarchy: findmnt -t cgroup2",
      cause,
    });
  }
  const hierarchy = hierarchyOf(real);
  if (!hierarchy || inode === null) {
    throw new SbError(
      "process.not_found",
      `Cannot use "${path}" as a cgroup: it is no folder of the version 2 hierarchy`,
      { hint: "Name a folder below the mount of the version 2 hierarchy: findmnt -t cgroup2" },
    );
  }
  if (Deno.readLinkSync("/proc/self/ns/cgroup") !== FIRST_CGROUP_NAMESPACE) {
    throw new SbError(
      "isolation.unavailable",
      `Cannot use the cgroup "${path}": sb runs in a cgroup namespace of its own and cannot tell how deep it lies`,
      { hint: "Run sb outside the container" },
    );
  }
  const below = real.slice(hierarchy.mountPoint.length);
  return { kind: "cgroup", id: BigInt(inode), level: depth(hierarchy.root) + depth(below), path: real };
}

/**
 * Finds whom a scope means.
 *
 * @param options.followed whether each process of a tree is to be heard of
 * @throws SbError `process.not_found`, `scope.too_many`, `isolation.unavailable`
 */
export function findReach(
  scope: PoolScope,
  { trees, followed }: { trees: TreeScopes; followed: boolean },
): Reach {
  if (scope.kind === "cgroup") return findCgroup(scope.path);
  if (scope.kind === "all") return scope;
  return { kind: "tree", tree: trees.open(scope, { followed }), asked: scope };
}
