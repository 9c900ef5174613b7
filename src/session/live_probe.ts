/** A probe of a session: its changes, its figures, and its end, whatever it ends by. */
import { SbError } from "../core/mod.ts";
import type {
  BackendName,
  How,
  Isolation,
  Late,
  PoolProbe,
  PoolScope,
  ProbePlan,
  ProbeReport,
  ProbeStatistics,
} from "../probe/mod.ts";
import { changeOf } from "./asked.ts";
import type { ChangeAsked, EndReason, Probe } from "./probing.ts";

let lastNumber = 0;

/** Whether an error says that somebody else took the probe away, or the whole module. */
function isGone(error: unknown): boolean {
  return error instanceof SbError && (error.code === "probe.not_found" || error.code === "module.not_loaded");
}

/** What a probe of a session is made of. */
export interface LiveProbeOptions {
  backend: BackendName;
  scope: PoolScope;
  /** Called once, when the probe has ended; its end waits for it. */
  onEnd: () => Promise<void>;
}

/** An eBPF program can only spin. @throws SbError `probe.sleep_unsupported` */
export function requireHow(
  how: How | undefined,
  { target, backend }: { target: string; backend: BackendName },
): void {
  if (how !== "sleep" || backend !== "ebpf") return;
  throw new SbError("probe.sleep_unsupported", `Cannot sleep in "${target}": an eBPF program can only spin`, {
    hint: 'Use the kernel module, open({ backend: "kmod" }), or how: "spin"',
  });
}

/** The probe. */
export class LiveProbe implements Probe {
  readonly id = `p${++lastNumber}`;
  readonly backend: BackendName;
  readonly scope: PoolScope;
  readonly ended: Promise<EndReason>;
  readonly #probe: PoolProbe;
  readonly #onEnd: () => Promise<void>;
  #settleEnded!: (reason: EndReason) => void;
  #ending: Promise<ProbeReport> | undefined;
  /** What it was just before its end. */
  #last: { report: ProbeReport; outside: number; members: number | null; late: Late } | undefined;

  constructor(probe: PoolProbe, { backend, scope, onEnd }: LiveProbeOptions) {
    this.backend = backend;
    this.scope = scope;
    this.ended = new Promise((resolve) => this.#settleEnded = resolve);
    this.#probe = probe;
    this.#onEnd = onEnd;
    // A failure is told to whoever removes it or closes the session.
    probe.emptied.then(() => this.leave("scope empty")).catch(() => {});
  }

  get plan(): ProbePlan {
    return this.#last?.report.plan ?? this.#probe.plan;
  }

  get isolation(): Isolation {
    return this.#probe.isolation;
  }

  get isEnabled(): boolean {
    return this.#ending === undefined && this.#probe.isEnabled;
  }

  get members(): number | null {
    return this.#last ? this.#last.members : this.#probe.members;
  }

  get outside(): number {
    return this.#last?.outside ?? this.#probe.outside;
  }

  get late(): Late {
    return this.#last?.late ?? this.#probe.late;
  }

  async update(change: ChangeAsked): Promise<void> {
    const { target } = this.plan;
    this.#requireLive("change");
    const checked = changeOf(change);
    requireHow(checked.settings?.how, { target, backend: this.backend });
    await this.#probe.update(checked);
  }

  async enable(): Promise<void> {
    this.#requireLive("enable");
    await this.#probe.setEnabled(true);
  }

  async disable(): Promise<void> {
    this.#requireLive("disable");
    await this.#probe.setEnabled(false);
  }

  stats(): ProbeReport {
    return this.#last?.report ?? this.#report(this.#probe.statistics());
  }

  remove(): Promise<ProbeReport> {
    return this.end("removed");
  }

  /** Ends it, once. @returns the last figures. @throws SbError also when somebody else took it away: there are none then */
  end(reason: EndReason): Promise<ProbeReport> {
    return this.#ending ??= this.#end(reason);
  }

  /** The same for who wants no figures: what somebody else took away is undone too. @throws SbError */
  async leave(reason: EndReason): Promise<void> {
    try {
      await this.end(reason);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave("removed");
  }

  async #end(reason: EndReason): Promise<ProbeReport> {
    const probe = this.#probe;
    try {
      // Until the last figures are there, those of now.
      this.#last = {
        report: this.#report(probe.statistics()),
        outside: probe.outside,
        members: probe.members === null ? null : 0,
        late: probe.late,
      };
      this.#last.report = { ...this.#last.report, statistics: await probe.remove() };
    } catch (error) {
      if (!isGone(error)) {
        // It is there still, and can be removed again.
        this.#last = undefined;
        this.#ending = undefined;
        throw error;
      }
      await this.#settle("removed");
      throw error;
    }
    await this.#settle(reason);
    return this.#last.report;
  }

  async #settle(reason: EndReason): Promise<void> {
    this.#settleEnded(reason);
    await this.#onEnd();
  }

  #report(statistics: ProbeStatistics): ProbeReport {
    const { plan, floor, replaced } = this.#probe;
    return { plan, floor, replaced, statistics };
  }

  #requireLive(verb: string): void {
    if (!this.#ending) return;
    throw new SbError("probe.not_found", `Cannot ${verb} ${this.id} ("${this.plan.target}"): it has ended`, {
      hint: "Add it again",
    });
  }
}
