/** The words of a slot where slots choose what the program does: from a specification, and how they are changed. */
import type { ProbeSpec } from "../model.ts";
import { type ConfigMemory, type SlotField, slotWords } from "./config_memory.ts";
import { SlotFlag } from "./layout.ts";

/** Words of a slot; those that are not named keep what they hold. */
export type SlotWords = Partial<Record<SlotField, bigint>>;

/** What a slot holds beside its specification. */
export interface SlotPlace {
  /** Where its quantile table is; 0 without one. */
  table: number;
  /** CLOCK_MONOTONIC from which its window counts, nanoseconds. */
  windowBaseNs: bigint;
  /** Another probe of the site accounts for its floor. */
  floorless: boolean;
  /** {@linkcode SlotFlag} bits that say whom it applies to. */
  flags: number;
}

/** The words of a live slot. */
export function choosingWords(spec: ProbeSpec, place: SlotPlace): SlotWords & { flags: bigint } {
  const { schedule } = spec;
  const words = slotWords(spec, place.table);
  let flags = Number(words.flags) | place.flags;
  if (schedule.startNs > 0 || schedule.durationNs !== null) flags |= SlotFlag.window;
  if (schedule.every > 1 || schedule.times !== null) flags |= SlotFlag.ordered;
  if (schedule.probability < 1) flags |= SlotFlag.probability;
  if (place.floorless) flags |= SlotFlag.floorless;
  return { ...words, windowBase: place.windowBaseNs, flags: BigInt(flags) };
}

/** What counts the entries of a return trampoline: in the same window, without a delay. */
export function entrySpec({ schedule: { startNs, durationNs } }: ProbeSpec): ProbeSpec {
  return {
    delayText: "0",
    delay: { kind: "fixed", ns: 0 },
    schedule: { every: 1, probability: 1, times: null, startNs, durationNs },
    how: "spin",
    compensate: false,
  };
}

/** Ends a slot: no further delay starts, those in flight end. */
export function endSlot(config: ConfigMemory, slot: number): void {
  if (config.slot(slot, "flags") === 0n) return;
  config.setSlot(slot, "flags", 0n);
  config.nextGeneration(slot);
}

/** Makes a slot what the words say, live from the last store on; delays in flight are cut when anything changes. */
export function changeSlot(config: ConfigMemory, slot: number, words: SlotWords & { flags: bigint }): void {
  const entries = Object.entries(words) as [SlotField, bigint][];
  if (entries.every(([field, value]) => config.slot(slot, field) === value)) return;
  // Another probe of its site came or went: no delay is wrong because of that.
  const isOther = entries.some(([field, value]) =>
    field === "flags"
      ? (config.slot(slot, field) ^ value) & ~BigInt(SlotFlag.floorless)
      : config.slot(slot, field) !== value
  );
  if (isOther) {
    config.setSlot(slot, "flags", 0n);
    config.nextGeneration(slot);
  }
  for (const [field, value] of entries) if (field !== "flags") config.setSlot(slot, field, value);
  config.setSlot(slot, "flags", words.flags);
}
