/** The pinned trackers: attached while there are probes. */
import { openRawTracepoint, pinObject } from "../../../../ffi/mod.ts";
import type { Assembler } from "../assembler.ts";
import { loadAssembled } from "../load.ts";
import { readTreeOffsets } from "../tree_programs.ts";
import type { PinnedMaps } from "./maps.ts";
import { pinsIn, PLACE, unpin } from "./place.ts";
import {
  becomeProgram,
  inheritProgram,
  LEAVE_CALLBACKS,
  leaveProgram,
  type TrackerMaps,
} from "./tracker_programs.ts";

interface Tracker {
  /** The name of its pin. */
  pin: string;
  tracepoint: string;
  program: () => Assembler;
  callbacks?: readonly string[];
}

/** Attaches and pins the trackers that are not there: whoever follows a fork must see its end. @throws SbError */
export function ensureTrackers(maps: PinnedMaps): void {
  const present = new Set(pinsIn(PLACE.trackers));
  const fds: TrackerMaps = {
    config: maps.config.map.fd.fd,
    state: maps.stateFd,
    tree: maps.tree.fd.fd,
    owners: maps.owners.fd.fd,
  };
  const trackers: Tracker[] = [
    {
      pin: "exit",
      tracepoint: "sched_process_exit",
      program: () => leaveProgram(fds, readTreeOffsets()),
      callbacks: LEAVE_CALLBACKS,
    },
    { pin: "exec", tracepoint: "sched_process_exec", program: () => becomeProgram(fds) },
    { pin: "fork", tracepoint: "sched_process_fork", program: () => inheritProgram(fds, readTreeOffsets()) },
  ];
  for (const { pin, tracepoint, program, callbacks } of trackers) {
    if (present.has(pin)) continue;
    using loaded = loadAssembled(program(), {
      name: `sb_pin_${pin}`,
      type: "raw_tracepoint",
      ...(callbacks ? { callbacks } : {}),
    });
    using link = openRawTracepoint(tracepoint, loaded);
    pinObject(link, `${PLACE.trackers}/${pin}`);
  }
}

/** Takes the trackers away; without probes a fork costs nothing. */
export function removeTrackers(): void {
  for (const pin of pinsIn(PLACE.trackers)) unpin(`${PLACE.trackers}/${pin}`);
}
