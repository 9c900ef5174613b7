/** The program of all pinned sites, pinned too, and the calibration of the floors that it subtracts. */
import {
  BpfMap,
  isProgramLoaded,
  MapType,
  openPinned,
  type OwnedFd,
  pinObject,
  readProgramId,
} from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import { type FloorClass, floorClassNumber, FloorMeter } from "../../floor.ts";
import { attachSites } from "../attach.ts";
import { CALIBRATION_SPEC } from "../calibration.ts";
import { loadChoosingProgram } from "../choosing_program.ts";
import { slotWords } from "../config_memory.ts";
import type { EbpfFeatures } from "../features.ts";
import { encodeCookie, MEMBER, SlotFlag } from "../layout.ts";
import type { ProgramMaps } from "../programs.ts";
import { possibleCpus, readTotals } from "../records.ts";
import { MAX_TABLES, type PinnedMaps, SLOTS } from "./maps.ts";
import { PLACE, unpin } from "./place.ts";

/** The slots that calibration uses: the last ones, one a class. */
const CALIBRATION_SLOTS = 16;
/** The slots of probes. */
export const PROBE_SLOTS = SLOTS - CALIBRATION_SLOTS;
const GONE_POLL_MS = 5;
/** Thousands of links on a busy machine take a while. */
const GONE_WAIT_MS = 120_000;

/**
 * The same program is loaded twice: when that of the probes without an owner is gone from the kernel, all of their
 * breakpoints are out, whatever owned probes there are.
 */
export type ProgramName = "site" | "owned";

/** What a program needs of the kernel. @throws SbError `backend.unavailable` */
export function requireFeatures(features: EbpfFeatures): void {
  const lacks = !features.uprobeMulti && features.uprobePmu === null
    ? "uprobes"
    : features.loop
    ? null
    : "bpf_loop (5.17)";
  if (lacks === null) return;
  throw new SbError("backend.unavailable", `Cannot pin probes with eBPF: this kernel has no ${lacks}`, {
    hint: "See what works here: sb doctor",
  });
}

function programMaps(maps: PinnedMaps, tree: BpfMap): ProgramMaps {
  return {
    config: maps.config.map.fd.fd,
    records: maps.records.fd.fd,
    tree: tree.fd.fd,
    tables: maps.tables.map.fd.fd,
    tableSlots: MAX_TABLES,
    slots: SLOTS,
    histogramShift: null,
  };
}

function load(maps: ProgramMaps, features: EbpfFeatures): OwnedFd {
  return loadChoosingProgram(maps, { name: "sb_pin_site", features });
}

/** The pinned program, loaded when it is not there. @throws SbError `backend.verifier` */
export function openProgram(name: ProgramName, maps: PinnedMaps, features: EbpfFeatures): OwnedFd {
  const path = `${PLACE.programs}/${name}`;
  const pinned = openPinned(path);
  if (pinned) return pinned;
  const program = load(programMaps(maps, maps.tree), features);
  try {
    pinObject(program, path);
  } catch (error) {
    program[Symbol.dispose]();
    throw error;
  }
  return program;
}

/** Takes the pin of a program away, whose links are gone. @returns its id; null when there was none */
export function removeProgram(name: ProgramName): number | null {
  using program = openPinned(`${PLACE.programs}/${name}`);
  if (program === null) return null;
  unpin(`${PLACE.programs}/${name}`);
  return readProgramId(program);
}

/** Waits until the kernel has taken the breakpoints of a program out. @returns whether it has, within two minutes */
export async function waitUntilGone(programId: number): Promise<boolean> {
  for (let waitedMs = 0; isProgramLoaded(programId); waitedMs += GONE_POLL_MS) {
    if (waitedMs >= GONE_WAIT_MS) return false;
    await new Promise((resolve) => setTimeout(resolve, GONE_POLL_MS));
  }
  return true;
}

/** Measures the floors of these classes, twice, keeps the lower, and sets them. @throws SbError */
export async function calibrate(
  maps: PinnedMaps,
  { classes, features }: { classes: readonly FloorClass[]; features: EbpfFeatures },
): Promise<void> {
  if (classes.length === 0) return;
  const { config, records } = maps;
  // Nobody is in this tree, not even sb as the one that is to be left alone: the slots apply to everyone.
  using tree = new BpfMap("sb_pin_self", {
    type: MapType.hash,
    keyBytes: 4,
    valueBytes: MEMBER.sizeBytes,
    entries: 1,
  });
  using program = load(programMaps(maps, tree), features);
  const cpus = possibleCpus();
  const links: OwnedFd[] = [];
  try {
    using meter = new FloorMeter(classes, {
      attach: (path, sites) => {
        for (const { index, floorClass, fileOffset } of sites) {
          const slot = PROBE_SLOTS + index;
          config.writeSlot(slot, CALIBRATION_SPEC);
          config.setSlot(slot, "flags", slotWords(CALIBRATION_SPEC).flags | BigInt(SlotFlag.everyone));
          links.push(...attachSites(program, {
            file: "calibration",
            path,
            isReturn: floorClass === "trampoline",
            sites: [{ fileOffset, cookie: encodeCookie({ slot, floorClass: 0 }) }],
            pid: Deno.pid,
          }, features));
        }
      },
      handlerNs: (index) => readTotals(records, PROBE_SLOTS + index, cpus).addedNs,
    });
    const first = meter.measure();
    for (const [floorClass, ns] of meter.measure()) {
      config.setFloor(floorClassNumber(floorClass), Math.min(ns, first.get(floorClass) ?? ns));
    }
  } finally {
    await Promise.all(links.map((link) => link.closeInBackground()));
    for (let slot = PROBE_SLOTS; slot < SLOTS; slot++) config.setSlot(slot, "flags", 0n);
  }
}
