/** Makes the kernel what the rows say: links, slots, scopes and trackers; finishes or undoes what a killed sb left. */
import type { OwnedFd } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import { floorClassNumber } from "../../floor.ts";
import type { EbpfFeatures } from "../features.ts";
import { isAlive } from "../identity.ts";
import { possibleCpus, readTotals } from "../records.ts";
import { attachRow, classesOf, detachRow, FileLook, pinsById } from "./links.ts";
import type { PinnedMaps } from "./maps.ts";
import { deleteRow, findFloorless, type PinnedRow, readRows, writeRow } from "./rows.ts";
import { Scopes } from "./scopes.ts";
import { calibrate, openProgram, type ProgramName, removeProgram, waitUntilGone } from "./site_program.ts";
import { Slots } from "./slots.ts";
import { ensureTrackers, removeTrackers } from "./trackers.ts";

/** The program that a row's links hold. */
function programOf(row: PinnedRow): ProgramName {
  return row.owner === null ? "site" : "owned";
}

/** The rows, and what hangs on them in the kernel. */
export class Upkeep {
  readonly maps: PinnedMaps;
  readonly scopes: Scopes;
  readonly slots: Slots;
  readonly features: EbpfFeatures;
  readonly cpus = possibleCpus();
  /** By id. */
  rows: PinnedRow[] = [];

  constructor(maps: PinnedMaps, features: EbpfFeatures) {
    this.maps = maps;
    this.features = features;
    this.scopes = new Scopes(maps);
    this.slots = new Slots(maps);
  }

  /** Reads the rows, drops those that are half done or whose owner has ended, and settles the rest. */
  async mend(): Promise<void> {
    this.rows = readRows(this.maps.probes);
    this.drop(this.rows.filter((row) => row.state !== "applied" || (row.owner && !isAlive(row.owner))));
    this.tidy();
    if (this.rows.length > 0) {
      ensureTrackers(this.maps);
      this.scopes.excludeSelf();
      this.scopes.prune();
    }
    await this.settle([]);
  }

  /** Writes a row, and keeps it. */
  write(row: PinnedRow): void {
    writeRow(this.maps.probes, row);
    const at = this.rows.findIndex(({ id }) => id === row.id);
    // Ids only grow.
    if (at < 0) this.rows.push(row);
    else this.rows[at] = row;
  }

  /** Whether a row is to have its breakpoints. */
  isLive(row: PinnedRow): boolean {
    return row.owner !== null || this.maps.state.get("enabled") !== 0n;
  }

  /**
   * Attaches what is to be live and is not, detaches what is not to be, and sets the slots. A row whose file was
   * replaced is left alone.
   *
   * @param eager rows whose floors are measured although they are known, and whose replaced file is a failure
   * @returns what could not be attached, by id
   */
  async settle(eager: readonly PinnedRow[]): Promise<Map<number, SbError>> {
    const failed = new Map<number, SbError>();
    const pins = pinsById();
    const files = new FileLook();
    const isEager = new Set(eager.map(({ id }) => id));
    const floorless = findFloorless(this.rows);
    const toAttach = this.rows.filter((row) =>
      this.isLive(row) && !pins.has(row.id) && (isEager.has(row.id) || files.isSame(row))
    );
    await this.#measureFloors(toAttach, isEager);
    for (const row of this.rows) {
      this.slots.apply(row, { live: this.isLive(row), floorless: floorless.has(row.id) });
    }
    using programs = new Programs(this.maps, this.features);
    for (const row of toAttach) {
      try {
        attachRow(programs.of(row), row, this.features);
      } catch (error) {
        if (!(error instanceof SbError)) throw error;
        failed.set(row.id, error);
      }
    }
    const toDetach = this.rows.filter((row) => !this.isLive(row) && pins.has(row.id));
    for (const row of toDetach) detachRow(row.id, pins.get(row.id));
    await this.#releasePrograms({ wait: toDetach.length > 0 });
    return failed;
  }

  /** Ends probes: no further delay starts, those in flight end, their pins and rows go. */
  drop(rows: readonly PinnedRow[]): void {
    if (rows.length === 0) return;
    const { state, records, probes } = this.maps;
    const pins = pinsById();
    for (const row of rows) {
      if (row.state === "applied") writeRow(probes, { ...row, state: "removing" });
      this.slots.apply(row, { live: false, floorless: false });
      detachRow(row.id, pins.get(row.id) ?? []);
      const { hits, delayed, addedNs } = readTotals(records, row.slot, this.cpus);
      deleteRow(probes, row.id);
      state.add("pastHits", hits);
      state.add("pastDelayed", delayed);
      state.add("pastAddedNs", addedNs);
    }
    const gone = new Set(rows.map(({ id }) => id));
    this.rows = this.rows.filter(({ id }) => !gone.has(id));
  }

  /** Takes away what no row needs: pins, scopes, owners, trackers. */
  tidy(): void {
    const ids = new Set(this.rows.map(({ id }) => id));
    for (const [id, pins] of pinsById()) if (!ids.has(id)) detachRow(id, pins);
    const scopes = new Set(this.rows.map((row) => row.scope));
    for (const scope of this.maps.state.scopesInUse()) if (!scopes.has(scope)) this.scopes.close(scope);
    const owners = new Set(this.rows.flatMap((row) => row.owner ? [row.owner.pid] : []));
    for (const key of this.maps.owners.keys()) {
      if (!owners.has(new DataView(key.buffer).getUint32(0, true))) this.maps.owners.delete(key);
    }
    if (this.rows.length === 0) removeTrackers();
  }

  async #measureFloors(rows: readonly PinnedRow[], always: ReadonlySet<number>): Promise<void> {
    const { config } = this.maps;
    const classes = new Set(
      rows.flatMap((row) =>
        classesOf(row).filter((floorClass) =>
          always.has(row.id) || config.floor(floorClassNumber(floorClass)) === 0
        )
      ),
    );
    await calibrate(this.maps, { classes: [...classes], features: this.features });
  }

  /** Unloads the programs whose rows have no links. @param options.wait until the kernel has taken the breakpoints out */
  async #releasePrograms(options: { wait: boolean }): Promise<void> {
    for (const name of ["site", "owned"] as const) {
      if (this.rows.some((row) => programOf(row) === name && this.isLive(row))) continue;
      const id = removeProgram(name);
      if (id === null || !options.wait || await waitUntilGone(id)) continue;
      throw new SbError(
        "kernel.refused",
        "Cannot say that the breakpoints are out: the kernel is still at it",
        {
          hint: "Run it again: sudo sb disable",
        },
      );
    }
  }
}

/** The site programs, each opened when a row needs it. */
class Programs implements Disposable {
  readonly #open = new Map<ProgramName, OwnedFd>();
  readonly #maps: PinnedMaps;
  readonly #features: EbpfFeatures;

  constructor(maps: PinnedMaps, features: EbpfFeatures) {
    this.#maps = maps;
    this.#features = features;
  }

  /** @throws SbError `backend.verifier` */
  of(row: PinnedRow): OwnedFd {
    const name = programOf(row);
    const open = this.#open.get(name) ?? openProgram(name, this.#maps, this.#features);
    this.#open.set(name, open);
    return open;
  }

  [Symbol.dispose](): void {
    for (const program of this.#open.values()) program[Symbol.dispose]();
  }
}
