/** The verbs on pinned eBPF probes. */
import { type PinnedProbe, PinnedProbes, type ProbePlan } from "../probe/mod.ts";
import { scanTree } from "../scope/mod.ts";
import { namedProcess } from "../sys/mod.ts";
import type {
  ControlAddOptions,
  ControlBackend,
  ControlChange,
  ControlledProbe,
  ControlTotals,
} from "./model.ts";

function numbers(ids: readonly string[]): number[] {
  return ids.map((id) => Number(id.slice(1)));
}

function controlled(probe: PinnedProbe): ControlledProbe {
  const { row, root } = probe;
  return {
    id: `e${row.id}`,
    backend: "ebpf",
    isolation: "shared",
    persistent: row.owner === null,
    owner: row.owner && namedProcess(row.owner.pid),
    scope: root ? { kind: "tree", ...namedProcess(root.pid), members: probe.members } : { kind: "all" },
    tag: row.tag,
    target: row.target,
    file: { path: row.file.path, buildId: row.file.buildId },
    sites: row.attach === "trampoline"
      ? [{ fileOffset: row.functionOffset, class: "trampoline" }]
      : row.sites.map((site) => ({ fileOffset: site.fileOffset, class: site.class })),
    state: probe.replaced ? "stale" : probe.attached ? "live" : "disabled",
    spec: row.spec,
    floor: probe.floor,
    statistics: probe.statistics,
    outside: probe.outside,
  };
}

/** Pinned eBPF probes behind the verbs. */
export class EbpfControl implements ControlBackend {
  readonly name = "ebpf";
  readonly #probes: PinnedProbes;

  constructor(probes: PinnedProbes) {
    this.#probes = probes;
  }

  /** @returns null when nothing is pinned, and nothing is to be made. @throws SbError */
  static async open(options: { make: boolean }): Promise<EbpfControl | null> {
    const probes = await PinnedProbes.open(options);
    return probes && new EbpfControl(probes);
  }

  get enabled(): boolean {
    return this.#probes.enabled;
  }

  get defaultDelayNs(): number {
    return this.#probes.defaultDelayNs;
  }

  set defaultDelayNs(ns: number) {
    this.#probes.defaultDelayNs = ns;
  }

  totals(): ControlTotals {
    const probes = this.#probes.list();
    const { hits, delayed, addedNs } = this.#probes.past;
    const owned = probes.filter(({ row }) => row.owner !== null).length;
    const sum = (figure: "hits" | "delayed" | "addedNs") =>
      probes.reduce((total, { statistics }) => total + statistics[figure], 0);
    return {
      probes: probes.length - owned,
      owned,
      hits: hits + sum("hits"),
      delayed: delayed + sum("delayed"),
      addedNs: addedNs + sum("addedNs"),
      untracked: this.#probes.untracked,
    };
  }

  list(): ControlledProbe[] {
    return this.#probes.list().map(controlled);
  }

  async add(plans: readonly ProbePlan[], options: ControlAddOptions): Promise<ControlledProbe[]> {
    return (await this.#probes.add(plans, { ...options, scan: scanTree })).map(controlled);
  }

  async update(ids: readonly string[], change: ControlChange): Promise<ControlledProbe[]> {
    return (await this.#probes.update(numbers(ids), change)).map(controlled);
  }

  remove(ids: readonly string[]): ControlledProbe[] {
    return this.#probes.remove(numbers(ids)).map(controlled);
  }

  clear(options: { owned: boolean }): number {
    return this.#probes.clear(options);
  }

  async setEnabled(enabled: boolean): Promise<string[]> {
    return [...await this.#probes.setEnabled(enabled)].map(([id, error]) => `e${id}: ${error.message}`);
  }

  [Symbol.dispose](): void {
    this.#probes[Symbol.dispose]();
  }
}
