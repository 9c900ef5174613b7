/** The `state` map: what holds for all pinned probes, and the roots of their scopes. */
import { StructLayout } from "../../../../ffi/mod.ts";
import { toNumber } from "../../../core/mod.ts";
import type { ProcessIdentity } from "../identity.ts";
import { MappedMap } from "../mapped_map.ts";

/** The head of the map's value. */
export const STATE = new StructLayout({
  /** The layout's version, written last: 0 while the maps are being made. */
  layout: "u64",
  /** Whether probes without an owner have their breakpoints. */
  enabled: "u64",
  /** The id of the next probe; never used again. */
  nextId: "u64",
  /** Where the search for a free slot goes on: links of a removed probe may still count for a while. */
  nextSlot: "u64",
  /** Of an add without a delay, nanoseconds. */
  defaultDelayNs: "u64",
  /** Scopes in use, a bit each; what a fork hands on. */
  scopes: "u64",
  /** Figures of the probes that were removed. */
  pastHits: "u64",
  pastDelayed: "u64",
  pastAddedNs: "u64",
});

/** Scopes at the most: bits of a word. */
export const MAX_SCOPES = 64;

/** The root of a scope; process ids come again, the time of their start does not. */
const ROOT = new StructLayout({ pid: "u64", startTicks: "u64" });
const ROOTS_OFFSET = 128;

/** Bytes of the map's value. */
export const STATE_BYTES = ROOTS_OFFSET + MAX_SCOPES * ROOT.sizeBytes;

/** The map's memory. */
export class StateMemory implements Disposable {
  readonly #memory: MappedMap;

  constructor(memory: MappedMap) {
    this.#memory = memory;
  }

  get(field: keyof typeof STATE.offsets): bigint {
    return this.#memory.load(STATE.offsets[field]);
  }

  set(field: keyof typeof STATE.offsets, value: bigint): void {
    this.#memory.store(STATE.offsets[field], value);
  }

  add(field: keyof typeof STATE.offsets, value: number): void {
    this.#memory.add(STATE.offsets[field], BigInt(value));
  }

  /** The scopes in use, by their bits. */
  scopesInUse(): number[] {
    const bits = this.get("scopes");
    return Array.from({ length: MAX_SCOPES }, (_, bit) => bit).filter((bit) => bits >> BigInt(bit) & 1n);
  }

  root(scope: number): ProcessIdentity {
    const at = ROOTS_OFFSET + scope * ROOT.sizeBytes;
    return {
      pid: toNumber(this.#memory.load(at + ROOT.offsets.pid)),
      startTicks: toNumber(this.#memory.load(at + ROOT.offsets.startTicks)),
    };
  }

  setRoot(scope: number, root: ProcessIdentity): void {
    const at = ROOTS_OFFSET + scope * ROOT.sizeBytes;
    this.#memory.store(at + ROOT.offsets.pid, BigInt(root.pid));
    this.#memory.store(at + ROOT.offsets.startTicks, BigInt(root.startTicks));
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}
