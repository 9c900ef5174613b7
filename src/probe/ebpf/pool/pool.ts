/** The eBPF pool: probes that come and go one by one, each with a scope of its own, over shared trackers and programs. */
import { SbError, toNumber } from "../../../core/mod.ts";
import { floorClassesOf } from "../../floor.ts";
import type { ProbePlan } from "../../model.ts";
import type { PoolAddOptions, PoolProbe, ProbePool } from "../../pool.ts";
import { isTimed } from "../../spec.ts";
import { ConfigMemory } from "../config_memory.ts";
import { type EbpfFeatures, probeFeatures } from "../features.ts";
import { requireGlobalIds } from "../identity.ts";
import { requireSpin } from "../program_choice.ts";
import { Closing } from "./closing.ts";
import { Floors } from "./floors.ts";
import { Gate } from "./gate.ts";
import { treeMap } from "./growing_map.ts";
import type { PoolParts } from "./parts.ts";
import { EbpfPoolProbe } from "./probe.ts";
import { findReach, type Reach, reaches } from "./reach.ts";
import { Segments } from "./segments.ts";
import { ScopeSets } from "./sets.ts";
import { SiteFloors } from "./site_floors.ts";
import { Tables } from "./tables.ts";
import { Telling } from "./telling.ts";
import { readHolder, Trackers } from "./trackers.ts";

/** Threads of Deno's pool that forked processes may take. */
const ARMED_AT_A_TIME = 16;

/** How a pool is opened. */
export interface EbpfPoolOptions {
  /** What to use of the kernel; everything it has by default. */
  features?: EbpfFeatures;
}

/** Opens a pool; the trackers are attached, and nothing else. @throws SbError */
export function openEbpfPool({ features = probeFeatures() }: EbpfPoolOptions = {}): ProbePool {
  return new EbpfPool(features);
}

class EbpfPool implements ProbePool {
  readonly backend = "ebpf";
  readonly #owned = new DisposableStack();
  /** Its head is what every program of the pool sees: whether all is over, sb's own id, the floors. */
  readonly #header: ConfigMemory;
  readonly #trackers: Trackers;
  readonly #parts: PoolParts;
  readonly #probes = new Set<EbpfPoolProbe>();
  /** Of probes that were removed: their breakpoints are leaving. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #sites = new SiteFloors<EbpfPoolProbe>((payer, other) =>
    reaches(payer.reach, other.reach, this.#parts.trees)
  );
  #live = 0;
  #unarmed = 0;
  #closed: Promise<void> | undefined;

  constructor(features: EbpfFeatures) {
    try {
      const header = this.#header = this.#owned.use(new ConfigMemory(1));
      header.setHeader("holder", BigInt(readHolder(header)));
      const sets = this.#owned.use(new ScopeSets());
      const tree = this.#owned.use(treeMap("sb_pool_tree", features));
      const tables = this.#owned.use(new Tables(features));
      const closing = new Closing();
      const floors = this.#owned.use(new Floors(header, { features, closing, sets, tables }));
      const segments = this.#owned.use(
        new Segments(
          {
            header: header.map.fd.fd,
            tree: tree.fd.fd,
            sets: sets.memory.map.fd.fd,
            tables: tables.map.fd.fd,
          },
          features,
        ),
      );
      this.#trackers = new Trackers({ header, tree, sets });
      this.#parts = {
        features,
        segments,
        tables,
        floors,
        closing,
        arming: new Gate(ARMED_AT_A_TIME),
        trees: this.#trackers.scopes,
        telling: this.#owned.use(
          new Telling({ holder: toNumber(header.header("holder")), tree, sets: sets.memory.map }),
        ),
        switched: (probe) => this.#switched(probe),
        removed: (probe, left) => this.#removed(probe, left),
        countUntracked: () => this.#unarmed++,
      };
    } catch (error) {
      this.#owned.dispose();
      throw error;
    }
  }

  get untracked(): number {
    return toNumber(this.#header.header("untracked")) + this.#unarmed;
  }

  async add(plans: readonly ProbePlan[], options: PoolAddOptions): Promise<PoolProbe[]> {
    if (this.#closed) throw new Error("the pool is closed");
    const { floors, trees } = this.#parts;
    this.#refuse(plans, options);
    floors.require(floorClassesOf(plans));
    const { scope, isolation, paths = new Map() } = options;
    const reach = findReach(scope, { trees, followed: isolation === "per-process" });
    const added: EbpfPoolProbe[] = [];
    try {
      for (const plan of plans) {
        const probe = new EbpfPoolProbe(this.#parts, { plan, isolation, reach, paths });
        added.push(probe);
        this.#probes.add(probe);
      }
      const results = await Promise.allSettled(added.map((probe) => probe.attach()));
      for (const result of results) if (result.status === "rejected") throw result.reason;
      if (this.#closed) throw new Error("the pool was closed while probes were added");
      if (reach.kind === "tree") trees.check(reach.tree, reach.asked);
      for (const probe of added) probe.goLive();
      return added;
    } catch (error) {
      for (const probe of added) probe.discard();
      this.#giveBack(reach);
      throw error;
    }
  }

  async settled(): Promise<void> {
    await Promise.all([this.#parts.closing.settled(), ...this.#leaving]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#header.setHeader("cancelled", 1n);
    for (const probe of this.#probes) probe.discard();
    // Its breakpoints are closed with the others.
    this.#parts.floors[Symbol.dispose]();
    await Promise.all([this.#trackers[Symbol.asyncDispose](), this.settled()]);
    this.#owned.dispose();
  }

  #refuse(plans: readonly ProbePlan[], { scope, isolation }: PoolAddOptions): void {
    const { features } = this.#parts;
    for (const { target, spec } of plans) requireSpin(target, spec);
    const lacks = !features.uprobeMulti && features.uprobePmu === null
      ? "uprobes"
      : plans.some(({ spec }) => isTimed(spec)) && !features.loop
      ? "bpf_loop (5.17)"
      : null;
    if (lacks !== null) {
      throw new SbError("backend.unavailable", `Cannot add probes with eBPF: this kernel has no ${lacks}`, {
        hint: "See what works here: sb doctor",
      });
    }
    if (isolation === "per-process" && (scope.kind !== "tree" || !features.uprobeMulti)) {
      throw new SbError(
        "isolation.unavailable",
        scope.kind === "tree"
          ? "Cannot isolate per process: this kernel has no uprobe_multi (6.6)"
          : "Cannot isolate per process: the scope is no tree",
        { hint: "Use the isolation shared" },
      );
    }
    if (scope.kind === "tree") requireGlobalIds();
  }

  #switched(probe: EbpfPoolProbe): void {
    if (probe.isEnabled) this.#sites.add(probe);
    else this.#sites.delete(probe);
    this.#live += probe.isEnabled ? 1 : -1;
    this.#parts.floors.watch(this.#live > 0);
  }

  #removed(probe: EbpfPoolProbe, left: Promise<void>): void {
    this.#probes.delete(probe);
    this.#leaving.add(left);
    void left.then(() => this.#leaving.delete(left));
    this.#giveBack(probe.reach);
  }

  /** A tree that no probe has any more is followed no more. */
  #giveBack(reach: Reach): void {
    if (reach.kind === "tree" && reach.tree.watchers.size === 0) this.#parts.trees.close(reach.tree);
  }
}
