/** Times functions in a process tree: breakpoints at their entries and at every way out, and what they saw. */
import {
  BpfMap,
  type BpfMapOptions,
  MAP_MMAPABLE,
  MapType,
  openRawTracepoint,
  type OwnedFd,
} from "../../../../ffi/mod.ts";
import { SbError, toNumber } from "../../../core/mod.ts";
import type { Site, TargetFile } from "../../../symbols/mod.ts";
import { readKernelTypes } from "../../../sys/mod.ts";
import type { AttachPaths, EntryCall } from "../../backend.ts";
import type { FloorClass } from "../../floor.ts";
import { attachSites } from "../attach.ts";
import { ConfigMemory } from "../config_memory.ts";
import { endSession } from "../ending.ts";
import { type EbpfFeatures, probeFeatures } from "../features.ts";
import { pidKey } from "../identity.ts";
import { encodeCookie } from "../layout.ts";
import { loadAssembled } from "../load.ts";
import { MappedMap } from "../mapped_map.ts";
import { possibleCpus } from "../records.ts";
import { ProcessTree } from "../tree.ts";
import { CostMeter, type StubPair } from "./costs.ts";
import { COST_BYTES, CostKind, costOffset, costPlace, SPAN, TAIL_EPOCH, THREAD, TIMES } from "./layout.ts";
import { entryTimer, forgetThread, returnTimer, type TimingFeatures, type TimingMaps } from "./programs.ts";

/** A function that is timed. */
export interface TimedFunction {
  file: TargetFile;
  /** Number of its group, from 0. */
  group: number;
  entries: readonly Site[];
  /** The ways out; a uretprobe at the function's first instruction otherwise. */
  returns: readonly Site[] | { trampolineAt: number };
}

/** What was seen of a group. */
export interface GroupTimes {
  calls: number;
  returns: number;
  /** Returns by which another function was entered. */
  tails: number;
  opened: number;
  finished: number;
  /** May be below zero by what the costs are wrong by. */
  inclusiveNs: number;
  /** The same with the cost of breakpoints: of the group's own, and of those within its calls. */
  grossNs: number;
  /** What of that is not the group's own outermost calls: breakpoints on calls within them, of any group. */
  nestedNs: number;
  /** Calls of threads that found no room. */
  lost: number;
}

/** Groups at the most: a thread has a place for each. */
const MOST_GROUPS = 256;
/** Bytes for threads, and how many there are at the most at once. */
const THREAD_BYTES = 1 << 24;
const MOST_THREADS = 16_384;
/** What x86 has taken off the stack when a uretprobe runs; arm64 returns to a register. */
const RETURN_ADDRESS_BYTES = Deno.build.arch === "x86_64" ? 8 : 0;

/** A breakpoint. */
interface Row {
  file: string;
  openPath: string;
  kind: "entry" | "return" | "trampoline";
  fileOffset: number;
  cookie: bigint;
}

function cookieOf(
  site: Site,
  { group, place, isTail }: { group: number; place: number; isTail: boolean },
): bigint {
  return encodeCookie({
    slot: group,
    floorClass: place,
    ...(site.condition ? { condition: site.condition } : {}),
    ...(isTail ? { epoch: TAIL_EPOCH } : {}),
  });
}

/** The breakpoints of functions; where several groups have one, the first carries its cost. */
function planRows(functions: readonly TimedFunction[]): Row[] {
  const rows: Row[] = [];
  const known = new Set<string>();
  for (const { file, group, entries, returns } of functions) {
    const add = (kind: Row["kind"], site: Site, isTail = false) => {
      const key = `${kind} ${file.device}:${file.inode}:${site.fileOffset}`;
      if (known.has(`${key} ${group}`)) return;
      const floorClass: FloorClass = kind === "trampoline" ? "trampoline" : site.class;
      const place = known.has(key) ? 0 : costPlace(floorClass);
      known.add(key).add(`${key} ${group}`);
      const cookie = cookieOf(site, { group, place, isTail });
      rows.push({ file: file.path, openPath: file.openPath, kind, fileOffset: site.fileOffset, cookie });
    };
    for (const site of entries) add("entry", site);
    if ("trampolineAt" in returns) {
      add("trampoline", { fileOffset: returns.trampolineAt, class: "push", instruction: "" });
    } else for (const site of returns) add("return", site, !/\bret/.test(site.instruction));
  }
  return rows;
}

function pairsOf(functions: readonly TimedFunction[]): StubPair[] {
  const entries = new Set(functions.flatMap((timed) => timed.entries.map((site) => site.class)));
  const ways = new Set<FloorClass>(
    functions.flatMap(({ returns }): FloorClass[] =>
      "trampolineAt" in returns ? ["trampoline"] : returns.map((site) => site.class)
    ),
  );
  return [...entries].flatMap((entry) => [...ways].map((way) => ({ entry, way })));
}

/** Kernels without CONFIG_SCHED_INFO do not keep it. */
function runDelayOffset(): number | null {
  try {
    return readKernelTypes().offsetOf("task_struct", "sched_info.run_delay");
  } catch (error) {
    if (error instanceof SbError && error.code === "backend.unavailable") return null;
    throw error;
  }
}

/** The timing of one command. Disposing undoes it. */
export class TimingSession implements AsyncDisposable {
  readonly backend = "ebpf";
  readonly #owned = new DisposableStack();
  readonly #links = new Set<OwnedFd>();
  readonly #rows: readonly Row[];
  readonly #config: ConfigMemory;
  readonly #tree: ProcessTree;
  readonly #times: BpfMap;
  readonly #costs: MappedMap;
  readonly #maps: TimingMaps;
  readonly #features: TimingFeatures;
  readonly #groups: number;
  readonly #meter: CostMeter;
  readonly #kernel: EbpfFeatures;
  readonly #cpus = possibleCpus();
  /** What of a call's own breakpoints lies in its time, the dearest kind. */
  #spanNs = 0;
  #closed: Promise<void> | undefined;

  /**
   * @param options.groups how many there are
   * @param options.features what to use of the kernel; everything it has by default
   * @param options.filter whether executions of processes out of the tree reach the breakpoints
   * @throws SbError `probe.too_many`, `backend.verifier`, `kernel.refused`, `permission.capability`
   */
  constructor(
    functions: readonly TimedFunction[],
    options: { groups: number; filter: boolean; features?: EbpfFeatures },
  ) {
    this.#groups = options.groups;
    this.#kernel = options.features ?? probeFeatures();
    if (options.groups > MOST_GROUPS) {
      throw new SbError("probe.too_many", `Cannot time ${options.groups} targets: ${MOST_GROUPS} at a time`, {
        hint: "Time them in several runs",
      });
    }
    try {
      this.#rows = planRows(functions);
      const pairs = pairsOf(functions);
      const places = 2 ** Math.ceil(Math.log2(options.groups + pairs.length));
      this.#features = {
        filter: options.filter,
        condition: functions.some(({ entries, returns }) =>
          [...entries, ..."trampolineAt" in returns ? [] : returns].some((site) => site.condition)
        ),
        runDelay: runDelayOffset(),
      };
      this.#config = this.#owned.use(new ConfigMemory(1));
      this.#tree = new ProcessTree(this.#config, { windowsStartAtExec: false, tellForks: false });
      this.#times = this.#open("sb_times", {
        type: MapType.percpuArray,
        valueBytes: TIMES.sizeBytes,
        entries: places,
      });
      this.#costs = this.#owned.use(
        new MappedMap(
          new BpfMap("sb_costs", {
            type: MapType.array,
            keyBytes: 4,
            valueBytes: COST_BYTES,
            entries: 1,
            flags: MAP_MMAPABLE,
          }),
        ),
      );
      const threadBytes = THREAD.sizeBytes + places * SPAN.sizeBytes;
      const threads = this.#open("sb_threads", {
        type: MapType.hash,
        keyBytes: 8,
        valueBytes: threadBytes,
        entries: Math.min(MOST_THREADS, Math.floor(THREAD_BYTES / threadBytes)),
      });
      const fresh = this.#open("sb_fresh", { type: MapType.array, valueBytes: threadBytes, entries: 1 });
      this.#maps = {
        config: this.#config.map.fd.fd,
        tree: this.#tree.map.fd.fd,
        threads: threads.fd.fd,
        fresh: fresh.fd.fd,
        times: this.#times.fd.fd,
        costs: this.#costs.map.fd.fd,
        groups: places,
      };
      using forget = loadAssembled(forgetThread(this.#maps), { name: "sb_forget", type: "raw_tracepoint" });
      this.#links.add(openRawTracepoint("sched_process_exit", forget));
      this.#meter = this.#owned.use(this.#openMeter(pairs));
      this.recalibrate();
    } catch (error) {
      void this.#close();
      throw error;
    }
  }

  /** The system call by which a command enters the tree, just before its exec. */
  get entryCall(): EntryCall {
    return this.#tree.entryCall;
  }

  members(): number[] {
    return this.#tree.members();
  }

  /** Puts the breakpoints in. @param paths canonical path → a path to the inode @throws SbError */
  attach(paths: AttachPaths): void {
    for (const kind of ["return", "trampoline", "entry"] as const) {
      const rows = this.#rows.filter((row) => row.kind === kind);
      if (rows.length === 0) continue;
      const program = this.#load(kind, this.#maps);
      for (const [file, group] of Map.groupBy(rows, ({ file }) => file)) {
        this.#attachRows(program, { file, path: paths.get(file) ?? group[0].openPath, rows: group });
      }
    }
  }

  /** Measures what the breakpoints cost again, for what is timed from now on. */
  recalibrate(): void {
    const costs = this.#meter.measure();
    this.#spanNs = Math.max(0, ...costs.entryTail.values()) + Math.max(0, ...costs.returnHead.values());
    for (const kind of Object.keys(CostKind) as (keyof typeof CostKind)[]) {
      for (const [floorClass, ns] of costs[kind]) {
        this.#costs.store(costOffset(kind, costPlace(floorClass)), BigInt(Math.round(ns)));
      }
    }
  }

  /** Nothing is counted from now on. */
  cancel(): void {
    this.#config.setHeader("cancelled", 1n);
  }

  /** What was seen of each group so far. */
  times(): GroupTimes[] {
    return Array.from({ length: this.#groups }, (_, group) => this.#timesOf(group));
  }

  #timesOf(place: number): GroupTimes {
    const value = new Uint8Array(Math.max(128, TIMES.sizeBytes * this.#cpus));
    this.#times.lookup(pidKey(place), value);
    const view = new DataView(value.buffer);
    const copies = Array.from({ length: this.#cpus }, (_, cpu) => TIMES.read(view, cpu * TIMES.sizeBytes));
    const sum = (field: keyof typeof TIMES.offsets) =>
      copies.reduce((total, copy) => total + copy[field], 0n);
    const count = (field: keyof typeof TIMES.offsets) => toNumber(sum(field));
    const inclusiveNs = Number(BigInt.asIntN(64, sum("inclusiveNs")));
    const grossNs = count("grossNs");
    return {
      calls: count("calls"),
      returns: count("returns"),
      tails: count("tails"),
      opened: count("opened"),
      finished: count("finished"),
      lost: count("lost"),
      inclusiveNs,
      grossNs,
      nestedNs: Math.max(0, grossNs - inclusiveNs - count("finished") * this.#spanNs),
    };
  }

  #open(name: string, options: Omit<BpfMapOptions, "keyBytes"> & { keyBytes?: number }): BpfMap {
    return this.#owned.use(new BpfMap(name, { keyBytes: 4, ...options }));
  }

  #load(kind: Row["kind"], maps: TimingMaps): OwnedFd {
    const program = kind === "entry" ? entryTimer(maps, this.#features) : returnTimer(maps, {
      ...this.#features,
      poppedBytes: kind === "trampoline" ? RETURN_ADDRESS_BYTES : 0,
    });
    return this.#owned.use(loadAssembled(program, {
      name: kind === "entry" ? "sb_enter_time" : "sb_leave_time",
      type: this.#kernel.uprobeMulti ? "uprobe_multi" : "uprobe",
    }));
  }

  #attachRows(
    program: OwnedFd,
    { file, path, rows, pid }: {
      file: string;
      path: string;
      rows: readonly Pick<Row, "kind" | "fileOffset" | "cookie">[];
      pid?: number;
    },
  ): void {
    const links = attachSites(program, {
      file,
      path,
      isReturn: rows[0].kind === "trampoline",
      sites: rows,
      ...(pid === undefined ? {} : { pid }),
    }, this.#kernel);
    for (const link of links) this.#links.add(link);
  }

  /** The stubs are timed by the session's own programs, in groups behind the others, with a tree that holds sb alone. */
  #openMeter(pairs: readonly StubPair[]): CostMeter {
    const tree = this.#open("sb_self", { type: MapType.hash, valueBytes: 4, entries: 1 });
    tree.update(pidKey(this.#tree.holder), pidKey(1));
    const maps = { ...this.#maps, tree: tree.fd.fd };
    return new CostMeter(pairs, {
      attach: (path, sites, side) => {
        const kindOf = (isTrampoline: boolean): Row["kind"] => isTrampoline ? "trampoline" : side;
        for (const [kind, some] of Map.groupBy(sites, ({ isTrampoline }) => kindOf(isTrampoline))) {
          const rows = some.map(({ index, fileOffset }) => ({
            kind,
            fileOffset,
            // Place 0 costs nothing: what is measured is the bare clock.
            cookie: encodeCookie({ slot: this.#groups + index, floorClass: 0 }),
          }));
          this.#attachRows(this.#load(kind, maps), { file: "calibration", path, rows, pid: Deno.pid });
        }
      },
      spans: (index) => this.#timesOf(this.#groups + index),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  #close(): Promise<void> {
    return endSession({ config: this.#config, tree: this.#tree, links: this.#links, owned: this.#owned });
  }
}
