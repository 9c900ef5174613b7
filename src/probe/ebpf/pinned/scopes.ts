/** The scopes of pinned probes: a bit a root, in one map for all, so that one fork costs one look-up. */
import type { BpfMap } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import { hasGlobalIds, isRunning, pidKey, pidOf, type ProcessIdentity } from "../identity.ts";
import { MEMBER } from "../layout.ts";
import type { PinnedMaps } from "./maps.ts";
import { MAX_SCOPES } from "./state.ts";

/** What the map holds of a process. */
interface Member {
  scopes: bigint;
  excluded: bigint;
}

function lookUp(tree: BpfMap, pid: number): Member | null {
  const value = new Uint8Array(MEMBER.sizeBytes);
  return tree.lookup(pidKey(pid), value) ? MEMBER.read(new DataView(value.buffer)) : null;
}

/** Changes a process's entry; the programs make new ones meanwhile, and take away those of processes that end. */
function change(tree: BpfMap, pid: number, edit: (before: Member) => Member): void {
  for (;;) {
    const before = lookUp(tree, pid);
    const after = edit(before ?? { scopes: 0n, excluded: 0n });
    if (after.scopes === 0n && after.excluded === 0n) {
      tree.delete(pidKey(pid));
      return;
    }
    const value = MEMBER.encode(after);
    if (before ? tree.replace(pidKey(pid), value) : tree.insert(pidKey(pid), value)) return;
  }
}

/** Takes sb itself out of every scope, for as long as it is sb. @param tree the map of the scopes */
export function excludeSelf(tree: BpfMap): void {
  if (hasGlobalIds()) change(tree, Deno.pid, (before) => ({ ...before, excluded: 1n }));
}

/** The scopes, over the maps. */
export class Scopes {
  readonly #maps: PinnedMaps;

  constructor(maps: PinnedMaps) {
    this.#maps = maps;
  }

  /** The scope of that root, when there is one. */
  find(root: ProcessIdentity): number | null {
    const { state } = this.#maps;
    return state.scopesInUse().find((scope) => {
      const { pid, startTicks } = state.root(scope);
      return pid === root.pid && startTicks === root.startTicks;
    }) ?? null;
  }

  /**
   * Makes a scope of a running tree. The trackers are attached already, so that nobody is missed.
   *
   * @param scan the ids of the tree, as /proc has them now
   * @throws SbError `scope.too_many` beyond 64 roots
   */
  open(root: ProcessIdentity, scan: () => readonly number[]): number {
    const { state, tree } = this.#maps;
    const used = state.get("scopes");
    const scope = Array.from({ length: MAX_SCOPES }, (_, bit) => bit).find((bit) =>
      !(used >> BigInt(bit) & 1n)
    );
    if (scope === undefined) {
      throw new SbError(
        "scope.too_many",
        `Cannot follow process ${root.pid}: ${MAX_SCOPES} trees are followed already`,
        { hint: "Remove the probes of a tree that is done: sb list, sb remove", data: { limit: MAX_SCOPES } },
      );
    }
    const bit = 1n << BigInt(scope);
    // A fork that was under way when the bit was given back may have handed it on.
    this.#sweep(bit);
    state.setRoot(scope, root);
    state.set("scopes", used | bit);
    const entered = new Set<number>();
    for (;;) {
      const fresh = scan().filter((pid) => !entered.has(pid));
      if (fresh.length === 0) break;
      for (const pid of fresh) {
        entered.add(pid);
        change(tree, pid, (before) => ({ ...before, scopes: before.scopes | bit }));
      }
    }
    this.prune();
    return scope;
  }

  /** Takes out processes that ended just before they were entered: the exit program has passed them. */
  prune(): void {
    const { tree } = this.#maps;
    for (const bytes of tree.keys()) {
      if (!isRunning(pidOf(bytes))) tree.delete(bytes);
    }
  }

  /** Gives the bit back: nobody is in the scope any more. */
  close(scope: number): void {
    const { state } = this.#maps;
    const bit = 1n << BigInt(scope);
    state.set("scopes", state.get("scopes") & ~bit);
    this.#sweep(bit);
  }

  /** How many processes are in each scope now, by its bit. */
  countMembers(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const bytes of this.#maps.tree.keys()) {
      const member = lookUp(this.#maps.tree, pidOf(bytes));
      if (!member || member.excluded !== 0n) continue;
      for (const scope of this.#maps.state.scopesInUse()) {
        if (member.scopes >> BigInt(scope) & 1n) counts.set(scope, (counts.get(scope) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** Takes sb itself out of every scope. */
  excludeSelf(): void {
    excludeSelf(this.#maps.tree);
  }

  #sweep(bit: bigint): void {
    const { tree } = this.#maps;
    for (const bytes of tree.keys()) {
      const pid = pidOf(bytes);
      if ((lookUp(tree, pid)?.scopes ?? 0n) & bit) {
        change(tree, pid, (before) => ({ ...before, scopes: before.scopes & ~bit }));
      }
    }
  }
}
