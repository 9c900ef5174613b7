/** The process trees that probes of a pool apply to: each root once, entered while it runs, swept when it is given back. */
import type { BpfMap } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import { hasLiveThread } from "../../../sys/mod.ts";
import type { PoolScope } from "../../pool.ts";
import { identify, isAlive, pidKey, pidOf, type ProcessIdentity } from "../identity.ts";
import { SET_MEMBER } from "../layout.ts";
import type { ScopeSets } from "./sets.ts";

/** Milliseconds until processes that are in no scope any more are taken out of the map: many scopes end at a time. */
const SWEEP_MS = 100;

/** A tree, as a user of the pool asks for it. */
export type TreeAsked = Extract<PoolScope, { kind: "tree" }>;

/** What hangs on the processes of a tree. */
export interface TreeWatcher {
  /** A process has come. @param forkedNs CLOCK_MONOTONIC of its fork; null when it was found later */
  entered(pid: number, forkedNs: bigint | null): void;
  /** A process has ended, or may not be in the scope any more. */
  left(pid: number): void;
  /** Another thread is the leader of its process now. */
  renewed(pid: number): void;
  /** Nobody is in the tree any more. */
  becameEmpty(): void;
}

/** A tree that is followed. */
export interface TreeScope {
  readonly number: number;
  readonly root: ProcessIdentity;
  readonly guarded: boolean;
  readonly watchers: Set<TreeWatcher>;
  /** Its processes, where somebody is told of each; null where not. */
  pids: Set<number> | null;
  isEmpty: boolean;
}

function keyOf({ pid, startTicks }: ProcessIdentity, guarded: boolean): string {
  return `${pid} ${startTicks} ${guarded}`;
}

/** How processes are moved from set to set. @returns whether the process was in `from` */
export type Move = (pid: number, from: number, to: number) => boolean;

/** The trees of a pool. */
export class TreeScopes implements Disposable {
  readonly #sets: ScopeSets;
  readonly #tree: BpfMap;
  readonly #move: Move;
  /** sb itself, which is in no scope. */
  readonly #holder: number;
  readonly #byKey = new Map<string, TreeScope>();
  readonly #byNumber = new Map<number, TreeScope>();
  #sweep: ReturnType<typeof setTimeout> | undefined;

  constructor(sets: ScopeSets, { tree, move, holder }: { tree: BpfMap; move: Move; holder: number }) {
    this.#sets = sets;
    this.#tree = tree;
    this.#move = move;
    this.#holder = holder;
  }

  /**
   * The scope of a tree: the one that is there, or a new one. The trackers are attached already, so that nobody is missed.
   *
   * @param options.followed whether watchers are to hear of each process
   * @throws SbError `process.not_found`, `scope.too_many`
   */
  open(asked: TreeAsked, { followed }: { followed: boolean }): TreeScope {
    const root = identify(asked.pid);
    const key = keyOf(root, asked.guarded);
    const known = this.#byKey.get(key);
    if (known) {
      if (followed) this.#follow(known);
      return known;
    }
    const number = this.#sets.open(asked);
    const scope: TreeScope = {
      number,
      root,
      guarded: asked.guarded,
      watchers: new Set(),
      pids: followed ? new Set() : null,
      isEmpty: false,
    };
    this.#byKey.set(key, scope);
    this.#byNumber.set(number, scope);
    this.#sets.setTold(number, followed);
    try {
      const entered = new Set<number>();
      for (;;) {
        const fresh = asked.scan().filter((pid) => !entered.has(pid) && pid !== this.#holder);
        if (fresh.length === 0) break;
        for (const pid of fresh) {
          entered.add(pid);
          this.#enter(pid, scope);
        }
      }
      this.check(scope, asked, entered);
      if (this.members(scope) === 0 || !isAlive(root)) {
        throw new SbError("process.not_found", `Cannot follow process ${root.pid}: it has ended`, {
          hint: "List the processes: ps -e",
          data: { pid: root.pid },
        });
      }
      return scope;
    } catch (error) {
      this.close(scope);
      throw error;
    }
  }

  /**
   * Looks again at who may be in a guarded tree: whoever was named and is not any more has gained privilege, or has ended
   * and its id means another process, between the look and the entry.
   *
   * @param pids the processes that are known to be in it
   */
  check(scope: TreeScope, { scan }: TreeAsked, pids: Iterable<number> = scope.pids ?? []): void {
    if (!scope.guarded) return;
    const named = new Set(scan());
    for (const pid of [...pids]) {
      if (named.has(pid)) continue;
      this.#leave(pid, scope);
      this.#forget(scope, pid);
    }
  }

  /** Processes in a scope now. */
  members(scope: TreeScope): number {
    return this.#sets.members(scope.number);
  }

  /** Whether every process of the one is in the other. */
  covers(outer: TreeScope, inner: TreeScope): boolean {
    return outer === inner || this.#sets.covers(outer.number, inner.number);
  }

  /** Gives a scope back. */
  close(scope: TreeScope): void {
    if (this.#byNumber.get(scope.number) !== scope) return;
    this.#byKey.delete(keyOf(scope.root, scope.guarded));
    this.#byNumber.delete(scope.number);
    this.#sets.close(scope.number);
    if (!this.#sets.hasDeadMembers) return;
    if (this.#sweep !== undefined) return;
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined;
      this.#takeOut();
    }, SWEEP_MS);
    Deno.unrefTimer(this.#sweep);
  }

  /** A child is in a set. */
  forked(pid: number, set: number, forkedNs: bigint | null): void {
    for (const scope of this.#scopesIn(set)) {
      if (!scope.pids || scope.pids.has(pid)) continue;
      scope.pids.add(pid);
      for (const watcher of scope.watchers) watcher.entered(pid, forkedNs);
    }
  }

  /** A process that was in a set has ended, or is in another set now. */
  left(pid: number, set: number, other = 0): void {
    for (const scope of this.#scopesIn(set)) {
      if (!this.#sets.has(other, scope.number)) this.#forget(scope, pid);
    }
  }

  /** A child that was entered elsewhere belongs to a set too. */
  met(pid: number, set: number, forkedNs: bigint): void {
    // It may have ended since.
    if (this.#setOf(pid) === 0) return;
    this.#join(pid, this.#sets.scopesOf(set));
    if (!hasLiveThread(pid)) this.#move(pid, this.#setOf(pid), 0);
    this.forked(pid, this.#setOf(pid), forkedNs);
  }

  /** Another thread leads a process. */
  renewed(pid: number, set: number): void {
    for (const scope of this.#scopesIn(set)) for (const watcher of scope.watchers) watcher.renewed(pid);
  }

  /** News were lost: looks at who is in the trees by now. */
  reconcile(): void {
    const present = new Map(this.#tree.keys().map((key) => [pidOf(key), this.#setOf(pidOf(key))]));
    for (const [pid, set] of present) this.forked(pid, set, null);
    for (const scope of [...this.#byNumber.values()]) {
      for (const pid of [...scope.pids ?? []]) {
        if (!this.#sets.has(present.get(pid) ?? 0, scope.number)) this.#forget(scope, pid);
      }
      this.#noticeEmpty(scope);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#sweep);
  }

  #follow(scope: TreeScope): void {
    if (scope.pids) return;
    // Whoever forks from now on is told; whoever is in the map by now is found.
    this.#sets.setTold(scope.number, true);
    scope.pids = new Set(
      this.#tree.keys().map(pidOf).filter((pid) => this.#sets.has(this.#setOf(pid), scope.number)),
    );
  }

  #scopesIn(set: number): TreeScope[] {
    return this.#sets.scopesOf(set).flatMap((number) => this.#byNumber.get(number) ?? []);
  }

  #forget(scope: TreeScope, pid: number): void {
    if (scope.pids?.delete(pid)) { for (const watcher of scope.watchers) watcher.left(pid); }
    this.#noticeEmpty(scope);
  }

  #noticeEmpty(scope: TreeScope): void {
    if (scope.isEmpty || this.members(scope) > 0) return;
    scope.isEmpty = true;
    for (const watcher of scope.watchers) watcher.becameEmpty();
  }

  #setOf(pid: number): number {
    const value = new Uint8Array(SET_MEMBER.sizeBytes);
    if (!this.#tree.lookup(pidKey(pid), value)) return 0;
    return Number(SET_MEMBER.read(new DataView(value.buffer)).set);
  }

  /** @throws SbError `scope.too_many` */
  #join(pid: number, scopes: readonly number[]): void {
    for (;;) {
      const from = this.#setOf(pid);
      const to = this.#sets.union(from, scopes);
      if (from === to || this.#move(pid, from, to)) return;
    }
  }

  #enter(pid: number, scope: TreeScope): void {
    this.#join(pid, [scope.number]);
    // The exit program has passed whoever ended before.
    if (!hasLiveThread(pid)) this.#leave(pid, scope);
    else scope.pids?.add(pid);
  }

  #leave(pid: number, scope: TreeScope): void {
    for (;;) {
      const from = this.#setOf(pid);
      if (!this.#sets.has(from, scope.number)) return;
      if (this.#move(pid, from, this.#sets.without(from, scope.number))) return;
    }
  }

  #takeOut(): void {
    for (const key of this.#tree.keys()) {
      const pid = pidOf(key);
      const set = this.#setOf(pid);
      if (this.#sets.isDead(set)) this.#move(pid, set, 0);
    }
  }
}
