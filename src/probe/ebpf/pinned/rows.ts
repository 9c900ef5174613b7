/** The rows of the `probes` map: what each pinned probe is, so that another process can list, change and mend it. */
import type { BpfMap } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import type { At, FlagCondition, SiteClass } from "../../../symbols/mod.ts";
import type { ProbePlan, ProbeSpec } from "../../model.ts";
import { ROW_BYTES } from "./maps.ts";
import { layoutError } from "./place.ts";
import type { ProcessIdentity } from "../identity.ts";

/** A site of a row. */
export interface RowSite {
  fileOffset: number;
  class: SiteClass;
  condition?: FlagCondition;
}

/** A pinned probe. Written before what it says is done, so that whoever comes next can finish or undo it. */
export interface PinnedRow {
  id: number;
  /** "adding" and "removing" rows are swept by the next command. */
  state: "adding" | "applied" | "removing";
  target: string;
  symbol: string;
  tag: string | null;
  /** The process whose end ends the probe. */
  owner: ProcessIdentity | null;
  /** The bit of the scope; null is every process. */
  scope: number | null;
  file: {
    path: string;
    /** Where sb opens it, while it leads to the same inode. */
    openPath: string;
    device: number;
    /** Decimal: it may not fit a number. */
    inode: string;
    sizeBytes: number;
    modifiedNs: string;
    buildId: string | null;
  };
  at: At;
  attach: ProbePlan["attach"];
  functionOffset: number;
  sites: RowSite[];
  spec: ProbeSpec;
  slot: number;
  /** The slot that counts entries, for a return trampoline. */
  entrySlot: number | null;
  /** The table of the distribution; null for a fixed delay. */
  table: number | null;
  /** CLOCK_MONOTONIC at which the window starts, decimal nanoseconds. */
  windowBaseNs: string;
  /** When it was added, milliseconds since 1970. */
  addedAtMs: number;
}

function key(id: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array([id]).buffer);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a row, whole or not at all. @throws SbError `probe.too_many` when it has more sites than fit */
export function writeRow(map: BpfMap, row: PinnedRow): void {
  const text = encoder.encode(JSON.stringify(row));
  if (text.length > ROW_BYTES - 4) {
    throw new SbError(
      "probe.too_many",
      `Cannot pin "${row.target}": its ${row.sites.length} sites and names take more than ${ROW_BYTES} bytes`,
      { hint: "Use the kernel module: --backend=kmod, or sb run", data: { sites: row.sites.length } },
    );
  }
  const value = new Uint8Array(ROW_BYTES);
  new DataView(value.buffer).setUint32(0, text.length, true);
  value.set(text, 4);
  map.update(key(row.id), value);
}

/** Removes a row. */
export function deleteRow(map: BpfMap, id: number): void {
  map.delete(key(id));
}

/** Every row, by id. @throws SbError `probe.layout` for one that cannot be read */
export function readRows(map: BpfMap): PinnedRow[] {
  const rows: PinnedRow[] = [];
  for (const id of new Set(map.keys().map((bytes) => new DataView(bytes.buffer).getUint32(0, true)))) {
    const value = new Uint8Array(ROW_BYTES);
    if (!map.lookup(key(id), value)) continue;
    const length = new DataView(value.buffer).getUint32(0, true);
    rows.push(parseRow(id, decoder.decode(value.subarray(4, 4 + length))));
  }
  return rows.sort((a, b) => a.id - b.id);
}

function parseRow(id: number, text: string): PinnedRow {
  try {
    return JSON.parse(text) as PinnedRow;
  } catch (error) {
    if (error instanceof SyntaxError) throw layoutError(`the row of probe e${id} is damaged`);
    throw error;
  }
}

/** What a row takes from a plan. */
export function rowOfPlan(plan: ProbePlan): Pick<
  PinnedRow,
  "target" | "symbol" | "file" | "at" | "attach" | "functionOffset" | "sites" | "spec"
> {
  const { file } = plan;
  return {
    target: plan.target,
    symbol: plan.symbol,
    file: {
      path: file.path,
      openPath: file.openPath,
      device: file.device,
      inode: String(file.inode),
      sizeBytes: file.sizeBytes,
      modifiedNs: String(file.modifiedNs),
      buildId: file.buildId,
    },
    at: plan.at,
    attach: plan.attach,
    functionOffset: plan.functionOffset,
    sites: plan.sites.map(({ fileOffset, class: siteClass, condition }) => ({
      fileOffset,
      class: siteClass,
      ...(condition ? { condition } : {}),
    })),
    spec: plan.spec,
  };
}

/** The offsets that carry breakpoints. */
export function offsetsOf(row: Pick<PinnedRow, "attach" | "functionOffset" | "sites">): number[] {
  return row.attach === "trampoline" ? [row.functionOffset] : row.sites.map((site) => site.fileOffset);
}

/** The rows whose trap an earlier row accounts for: a breakpoint of theirs is one of that row's, in the same scope. */
export function findFloorless(rows: readonly PinnedRow[]): Set<number> {
  const payers = new Map<string, number>();
  const floorless = new Set<number>();
  for (const row of rows) {
    const kind = `${row.scope} ${row.file.device} ${row.file.inode} ${row.attach === "trampoline"}`;
    const traps = offsetsOf(row).map((offset) => `${kind} ${offset}`);
    if (traps.some((trap) => payers.has(trap))) floorless.add(row.id);
    else for (const trap of traps) payers.set(trap, row.id);
  }
  return floorless;
}
