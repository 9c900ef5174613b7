/** The sets of scopes that processes are in: which scopes there are in each, how many processes, who is told. */
import { BpfMap, MAP_MMAPABLE, MapType } from "../../../../ffi/mod.ts";
import { SbError, toNumber } from "../../../core/mod.ts";
import { MAX_SCOPES, MAX_SETS, SCOPE_SET, SET_BYTES } from "../layout.ts";
import { MappedMap } from "../mapped_map.ts";

/**
 * Milliseconds until the number of a set that nobody is in may mean another set. A fork that read it before hands it on
 * within the tracepoint, which runs with preemption off.
 */
const REUSE_MS = 1000;

type SetField = keyof typeof SCOPE_SET.offsets;

/** The refusal of one tree more. */
export function tooManyScopes(): SbError {
  return new SbError("scope.too_many", `Cannot follow another tree: ${MAX_SCOPES} are followed already`, {
    hint: "Close a session that is done with its tree",
    data: { limit: MAX_SCOPES },
  });
}

/** The sets, over their map. Set 0 is none. */
export class ScopeSets implements Disposable {
  /** The memory: an array of one value with all sets. */
  readonly memory: MappedMap;
  /** A scope, alone in a set, that is no tree's: for sb's own measurements. */
  readonly own: { scope: number; set: number };
  /** Number of a set → its scopes, ascending. */
  readonly #scopes = new Map<number, readonly number[]>();
  /** Its scopes, joined → the number of a set. */
  readonly #numbers = new Map<string, number>();
  /** Scope → the sets that it is in. */
  readonly #setsOf = new Map<number, Set<number>>();
  readonly #guarded = new Set<number>();
  readonly #told = new Set<number>();
  readonly #freeScopes: number[] = [];
  #nextScope = 0;
  #nextSet = 1;
  /** Sets without scopes, in the order in which they lost the last. */
  readonly #dead = new Map<number, number>();

  /** @throws SbError `kernel.refused` */
  constructor() {
    this.memory = new MappedMap(
      new BpfMap("sb_pool_sets", {
        type: MapType.array,
        keyBytes: 4,
        valueBytes: MAX_SETS * SET_BYTES,
        entries: 1,
        flags: MAP_MMAPABLE,
      }),
    );
    const scope = this.open({ guarded: false });
    this.own = { scope, set: this.union(0, [scope]) };
  }

  /** The number of a new scope, in a set of its own. @throws SbError `scope.too_many` */
  open({ guarded }: { guarded: boolean }): number {
    const scope = this.#freeScopes.pop() ?? this.#nextScope++;
    if (scope >= MAX_SCOPES) throw tooManyScopes();
    this.#setsOf.set(scope, new Set());
    if (guarded) this.#guarded.add(scope);
    return scope;
  }

  /** Nobody is in the scope any more. */
  close(scope: number): void {
    for (const set of this.#setsOf.get(scope) ?? []) {
      const before = this.scopesOf(set);
      this.#forget(set, before);
      this.#write(set, before.filter((other) => other !== scope));
    }
    this.#setsOf.delete(scope);
    this.#guarded.delete(scope);
    this.#told.delete(scope);
    this.#freeScopes.push(scope);
  }

  /** The scopes of a set, ascending; none of an unknown one. */
  scopesOf(set: number): readonly number[] {
    return this.#scopes.get(set) ?? [];
  }

  has(set: number, scope: number): boolean {
    return this.#setsOf.get(scope)?.has(set) === true;
  }

  /** The set of these scopes and those of another set. @throws SbError `scope.too_many` */
  union(set: number, scopes: readonly number[]): number {
    return this.#numberOf([...new Set([...this.scopesOf(set), ...scopes])].sort((x, y) => x - y));
  }

  /** The set of a set's scopes but one. @throws SbError `scope.too_many` */
  without(set: number, scope: number): number {
    return this.#numberOf(this.scopesOf(set).filter((other) => other !== scope));
  }

  /** Processes in a scope now. */
  members(scope: number): number {
    let count = 0;
    for (const set of this.#setsOf.get(scope) ?? []) count += toNumber(this.#load(set, "members"));
    return count;
  }

  /** Whether every process of the scope `inner` is in `outer`. */
  covers(outer: number, inner: number): boolean {
    const sets = [...this.#setsOf.get(inner) ?? []].filter((set) => this.#load(set, "members") !== 0n);
    return sets.length > 0 && sets.every((set) => this.has(set, outer));
  }

  /** Whether sb is told of forks and ends in a scope. */
  setTold(scope: number, told: boolean): void {
    if (told) this.#told.add(scope);
    else this.#told.delete(scope);
    for (const set of this.#setsOf.get(scope) ?? []) this.#tell(set);
  }

  /** Whether there are processes in sets without scopes: they need not be followed. */
  get hasDeadMembers(): boolean {
    return [...this.#dead.keys()].some((set) => this.#load(set, "members") !== 0n);
  }

  /** Whether a set has lost all of its scopes. */
  isDead(set: number): boolean {
    return this.#dead.has(set);
  }

  [Symbol.dispose](): void {
    this.memory[Symbol.dispose]();
  }

  /** @throws SbError `scope.too_many` */
  #numberOf(scopes: readonly number[]): number {
    if (scopes.length === 0) return 0;
    const known = this.#numbers.get(scopes.join());
    if (known !== undefined) return known;
    const set = this.#take();
    this.#write(set, scopes);
    return set;
  }

  /** A number that means no set. @throws SbError `scope.too_many` */
  #take(): number {
    if (this.#nextSet < MAX_SETS) return this.#nextSet++;
    const now = performance.now();
    for (const [set, deadMs] of this.#dead) {
      if (now - deadMs < REUSE_MS) break;
      if (this.#load(set, "members") !== 0n) continue;
      this.#dead.delete(set);
      return set;
    }
    throw tooManyScopes();
  }

  #forget(set: number, scopes: readonly number[]): void {
    const key = scopes.join();
    if (this.#numbers.get(key) === set) this.#numbers.delete(key);
  }

  /** Makes a set hold these scopes; those that it held and does not any more are closing. */
  #write(set: number, scopes: readonly number[]): void {
    const words = new BigUint64Array(MAX_SCOPES / 64);
    for (const scope of scopes) {
      words[scope >> 6] |= 1n << BigInt(scope & 63);
      this.#setsOf.get(scope)?.add(set);
    }
    const at = set * SET_BYTES + SCOPE_SET.sizeBytes;
    words.forEach((word, index) => this.memory.store(at + index * 8, word));
    const unguarded = scopes.filter((scope) => !this.#guarded.has(scope));
    const target = unguarded.length === scopes.length ? set : this.#numberOf(unguarded);
    this.#store(set, "unguarded", BigInt(scopes.length === 0 ? 0 : target));
    this.#store(set, "followed", scopes.length === 0 ? 0n : 1n);
    if (scopes.length === 0) {
      this.#scopes.delete(set);
      this.#dead.set(set, performance.now());
    } else {
      this.#scopes.set(set, scopes);
      const key = scopes.join();
      if (!this.#numbers.has(key)) this.#numbers.set(key, set);
    }
    this.#tell(set);
  }

  #tell(set: number): void {
    this.#store(set, "told", this.scopesOf(set).some((scope) => this.#told.has(scope)) ? 1n : 0n);
  }

  #load(set: number, field: SetField): bigint {
    return this.memory.load(set * SET_BYTES + SCOPE_SET.offsets[field]);
  }

  #store(set: number, field: SetField, value: bigint): void {
    this.memory.store(set * SET_BYTES + SCOPE_SET.offsets[field], value);
  }
}
