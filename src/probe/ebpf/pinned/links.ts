/** The pinned links of probes: `links/ID`, and `links/ID-N` where a probe has several (bpffs takes no dots). */
import { type OwnedFd, pinObject } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import { readFileStatus } from "../../../sys/mod.ts";
import { type FloorClass, floorClassNumber } from "../../floor.ts";
import { attachSites } from "../attach.ts";
import type { EbpfFeatures } from "../features.ts";
import { encodeCookie } from "../layout.ts";
import { pinsIn, PLACE, unpin } from "./place.ts";
import type { PinnedRow } from "./rows.ts";

/** The classes of a row's breakpoints. */
export function classesOf(row: PinnedRow): FloorClass[] {
  return row.attach === "trampoline" ? ["trampoline"] : row.sites.map((site) => site.class);
}

/** What a path leads to. */
interface Found {
  device: number;
  inode: bigint;
  sizeBytes: number;
  modifiedNs: bigint;
}

function look(path: string): Found | null {
  try {
    const { dev, ino } = Deno.statSync(path);
    const status = readFileStatus(path);
    return status && { device: dev, inode: BigInt(ino ?? 0), ...status };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}

/** A look at the files of many rows, each once. */
export class FileLook {
  readonly #found = new Map<string, Found | null>();

  /** Whether the row's path still leads to the file whose sites were resolved, unchanged. */
  isSame({ file }: PinnedRow): boolean {
    let found = this.#found.get(file.openPath);
    if (found === undefined) this.#found.set(file.openPath, found = look(file.openPath));
    return found !== null && found.device === file.device && found.inode === BigInt(file.inode) &&
      found.sizeBytes === file.sizeBytes && found.modifiedNs === BigInt(file.modifiedNs);
  }
}

/** The pins by the id of their probe. */
export function pinsById(): Map<number, string[]> {
  return Map.groupBy(pinsIn(PLACE.links), (name) => Number.parseInt(name, 10));
}

/** Puts a probe's breakpoints in and pins them, all or none. @throws SbError */
export function attachRow(program: OwnedFd, row: PinnedRow, features: EbpfFeatures): void {
  if (!new FileLook().isSame(row)) {
    throw new SbError("file.not_found", `Cannot attach to "${row.file.path}": another file is there by now`, {
      hint: "Remove the probe and add it again",
    });
  }
  const isReturn = row.attach === "trampoline";
  const target = { file: row.file.path, path: row.file.openPath };
  using links = new DisposableStack();
  let pinned = 0;
  function attach(plan: { isReturn: boolean; sites: { fileOffset: number; cookie: bigint }[] }): void {
    for (const link of attachSites(program, { ...target, ...plan }, features)) {
      links.use(link);
      pinObject(link, `${PLACE.links}/${row.id}${pinned === 0 ? "" : `-${pinned}`}`);
      pinned++;
    }
  }
  try {
    // The entry counter first: a return without its entry would not be a miss, but more returns than entries.
    if (row.entrySlot !== null) {
      const cookie = encodeCookie({ slot: row.entrySlot, floorClass: 0 });
      attach({ isReturn: false, sites: [{ fileOffset: row.functionOffset, cookie }] });
    }
    const sites = isReturn ? [{ fileOffset: row.functionOffset }] : row.sites;
    const classes = classesOf(row);
    attach({
      isReturn,
      sites: sites.map((site, index) => ({
        fileOffset: site.fileOffset,
        cookie: encodeCookie({
          slot: row.slot,
          floorClass: floorClassNumber(classes[index]),
          ...("condition" in site && site.condition ? { condition: site.condition } : {}),
        }),
      })),
    });
  } catch (error) {
    detachRow(row.id);
    throw error;
  }
}

/** Takes a probe's pins away; the breakpoints leave a little later. */
export function detachRow(id: number, pins: readonly string[] = pinsById().get(id) ?? []): void {
  for (const name of pins) unpin(`${PLACE.links}/${name}`);
}
