/** What a pool tells other processes of sb, a while after each change: a map a segment. */
import type { BpfMap } from "../../../../ffi/mod.ts";
import { type PlacedProbe, tellSegment, type ToldReach } from "../description.ts";
import type { Reach } from "./reach.ts";
import type { Segment } from "./segments.ts";

/** Milliseconds from a change to what is told: many changes make one map. */
const PAUSE_MS = 200;

/** How a scope is told. */
export function toldReach(reach: Reach): ToldReach {
  if (reach.kind === "tree") return { kind: "tree", pid: reach.tree.root.pid, scope: reach.tree.number };
  return reach.kind === "cgroup" ? { kind: "cgroup", path: reach.path } : reach;
}

interface Told {
  probes: Map<number, PlacedProbe>;
  map: BpfMap | undefined;
}

/** Tells of the probes of a pool. */
export class Telling implements Disposable {
  readonly #shared: { holder: number; tree: BpfMap; sets: BpfMap };
  readonly #segments = new Map<Segment, Told>();
  readonly #changed = new Set<Segment>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(shared: { holder: number; tree: BpfMap; sets: BpfMap }) {
    this.#shared = shared;
  }

  /** A probe has come, or is another one by now. */
  set(segment: Segment, probe: PlacedProbe): void {
    const told = this.#segments.get(segment) ?? { probes: new Map(), map: undefined };
    this.#segments.set(segment, told);
    told.probes.set(probe.slot, probe);
    this.#tellSoon(segment);
  }

  /** A probe has gone. */
  delete(segment: Segment, slot: number): void {
    if (this.#segments.get(segment)?.probes.delete(slot)) this.#tellSoon(segment);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const { map } of this.#segments.values()) map?.[Symbol.dispose]();
    this.#segments.clear();
  }

  #tellSoon(segment: Segment): void {
    this.#changed.add(segment);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const changed of this.#changed) this.#tell(changed);
      this.#changed.clear();
    }, PAUSE_MS);
    Deno.unrefTimer(this.#timer);
  }

  #tell(segment: Segment): void {
    const told = this.#segments.get(segment);
    if (!told) return;
    told.map?.[Symbol.dispose]();
    told.map = undefined;
    if (told.probes.size === 0) {
      this.#segments.delete(segment);
      return;
    }
    told.map = tellSegment([...told.probes.values()], { ...this.#shared, records: segment.records });
  }
}
