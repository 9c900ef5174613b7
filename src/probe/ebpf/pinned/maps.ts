/** The pinned maps: made once, opened by every later command, refused when they are of another shape. */
import {
  BpfMap,
  type BpfMapOptions,
  MAP_MMAPABLE,
  MAP_NO_PREALLOC,
  MapType,
  openPinned,
  pinObject,
  readMapInfo,
} from "../../../../ffi/mod.ts";
import { PINNED_ROOT } from "../../../sys/mod.ts";
import { configMapOptions, ConfigMemory } from "../config_memory.ts";
import { TABLE_BYTES } from "../draw.ts";
import { MEMBER } from "../layout.ts";
import { MappedMap } from "../mapped_map.ts";
import { recordBytes } from "../records.ts";
import { MAX_TREE } from "../tree.ts";
import { LAYOUT_VERSION, layoutError, PLACE, removePins } from "./place.ts";
import { STATE_BYTES, StateMemory } from "./state.ts";

/** Probes at the most. */
export const MAX_PINNED = 4096;
/** Slots: a probe with a return trampoline takes a second one; the last ones are calibration's. */
export const SLOTS = 2 * MAX_PINNED;
/** Distributions at the most; equal ones share a table. */
export const MAX_TABLES = 64;
/** Bytes of a probe's row. */
export const ROW_BYTES = 8192;
/** The delay of an add without one, until `sb delay` sets another: as the kernel module has it. */
export const DEFAULT_DELAY_NS = 1_000_000n;

const SHAPES = {
  config: configMapOptions(SLOTS),
  state: { type: MapType.array, keyBytes: 4, valueBytes: STATE_BYTES, entries: 1, flags: MAP_MMAPABLE },
  records: {
    type: MapType.percpuArray,
    keyBytes: 4,
    valueBytes: recordBytes(null),
    entries: SLOTS,
    flags: 0,
  },
  tables: {
    type: MapType.array,
    keyBytes: 4,
    valueBytes: MAX_TABLES * TABLE_BYTES + 8,
    entries: 1,
    flags: MAP_MMAPABLE,
  },
  tree: { type: MapType.hash, keyBytes: 4, valueBytes: MEMBER.sizeBytes, entries: MAX_TREE, flags: 0 },
  owners: { type: MapType.hash, keyBytes: 4, valueBytes: 4, entries: MAX_PINNED, flags: 0 },
  probes: {
    type: MapType.hash,
    keyBytes: 4,
    valueBytes: ROW_BYTES,
    entries: MAX_PINNED,
    flags: MAP_NO_PREALLOC,
  },
} satisfies Record<string, BpfMapOptions>;

type MapName = keyof typeof SHAPES;
const NAMES = Object.keys(SHAPES) as MapName[];

/** The maps, open. */
export class PinnedMaps implements Disposable {
  readonly config: ConfigMemory;
  readonly state: StateMemory;
  /** The descriptor of the state's map. */
  readonly stateFd: number;
  /** A record a slot and CPU. */
  readonly records: BpfMap;
  readonly tables: MappedMap;
  /** Global process id → the scopes it is in. */
  readonly tree: BpfMap;
  /** Global process id → 1, for those whose end ends probes. */
  readonly owners: BpfMap;
  /** Probe id → its row. */
  readonly probes: BpfMap;
  readonly #owned = new DisposableStack();

  constructor(maps: ReadonlyMap<MapName, BpfMap>) {
    const map = (name: MapName) => maps.get(name) as BpfMap;
    this.config = this.#owned.use(new ConfigMemory(map("config")));
    this.state = this.#owned.use(new StateMemory(new MappedMap(map("state"))));
    this.stateFd = map("state").fd.fd;
    this.records = this.#owned.use(map("records"));
    this.tables = this.#owned.use(new MappedMap(map("tables")));
    this.tree = this.#owned.use(map("tree"));
    this.owners = this.#owned.use(map("owners"));
    this.probes = this.#owned.use(map("probes"));
  }

  /** Opens what is pinned. @returns null when nothing is, or not all. @throws SbError `probe.layout` */
  static open(): PinnedMaps | null {
    using undo = new DisposableStack();
    const maps = new Map<MapName, BpfMap>();
    for (const name of NAMES) {
      const fd = openPinned(`${PLACE.maps}/${name}`);
      if (fd === null) return null;
      undo.use(fd);
      const info = readMapInfo(fd);
      const wanted: BpfMapOptions = SHAPES[name];
      const fits = (["type", "keyBytes", "valueBytes", "entries"] as const).every((key) =>
        info[key] === wanted[key]
      );
      if (!fits) throw layoutError(`the map ${PLACE.maps}/${name} has another shape`);
      maps.set(name, new BpfMap(name, wanted, fd));
    }
    undo.move();
    const open = new PinnedMaps(maps);
    const version = open.state.get("layout");
    if (version === BigInt(LAYOUT_VERSION)) return open;
    open[Symbol.dispose]();
    // The sb that made them ended before it was done: nothing hangs on them yet.
    if (version === 0n) return null;
    throw layoutError(`${PLACE.maps} has the version ${version}`);
  }

  /** Opens what is pinned, or makes it. @throws SbError `probe.layout`, `kernel.refused` */
  static openOrMake(): PinnedMaps {
    const open = PinnedMaps.open();
    if (open) return open;
    removePins(PLACE.root);
    for (const folder of [PINNED_ROOT, ...Object.values(PLACE)]) makeFolder(folder);
    const maps = new Map(NAMES.map((name): [MapName, BpfMap] => {
      const map = new BpfMap(`sb_${name}`, SHAPES[name]);
      pinObject(map.fd, `${PLACE.maps}/${name}`);
      return [name, map];
    }));
    const made = new PinnedMaps(maps);
    made.state.set("nextId", 1n);
    made.state.set("defaultDelayNs", DEFAULT_DELAY_NS);
    made.state.set("layout", BigInt(LAYOUT_VERSION));
    return made;
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
