/** What the verbs for probes that outlive their command speak of. Types only. */
import type { Delay, ProbePlan, ProbeSpec, RealBackend, ScheduleSettings } from "../probe/mod.ts";
import type { ListedProbe } from "../session/mod.ts";

/** A probe as `sb list` shows it; its id is `k12` or `e3`, unique over the backends. */
export interface ControlledProbe extends ListedProbe {
  backend: RealBackend;
}

/** What an update changes; the rest is kept. */
export interface ControlChange {
  delayText: string;
  delay: Delay;
  /** Only what is named. */
  settings: Partial<ScheduleSettings>;
}

/** How probes are added. */
export interface ControlAddOptions {
  /** Root of the tree; null is every process. */
  root: number | null;
  owner: number | null;
  tag: string | null;
}

/** What a backend counted altogether. */
export interface ControlTotals {
  /** Probes without an owner. */
  probes: number;
  owned: number;
  hits: number;
  /** null where the backend does not add it up. */
  delayed: number | null;
  addedNs: number;
  /** Processes that could not be followed: their hits are missing. */
  untracked: number;
}

/** A backend whose probes outlive the command. Held for this process alone until it is disposed. */
export interface ControlBackend extends Disposable {
  readonly name: RealBackend;
  /** Whether probes without an owner have their breakpoints. */
  readonly enabled: boolean;
  /** The delay of an add without one, nanoseconds, 0 to 10^10. */
  defaultDelayNs: number;
  totals(): ControlTotals;
  /** Every probe that has an id, by id. @param options.sessions with those of sessions */
  list(options?: { sessions: boolean }): ControlledProbe[];
  /** Adds probes, all or none. @throws SbError */
  add(plans: readonly ProbePlan[], options: ControlAddOptions): Promise<ControlledProbe[]>;
  /** @param ids of this backend. @throws SbError */
  update(ids: readonly string[], change: ControlChange): Promise<ControlledProbe[]>;
  /** @returns the last figures */
  remove(ids: readonly string[]): ControlledProbe[];
  /** Removes the probes without an owner, with `owned` those with one too. @returns how many there were */
  clear(options: { owned: boolean }): number;
  /** Puts the breakpoints in or takes them out; the figures stay. @returns what could not be attached */
  setEnabled(enabled: boolean): Promise<string[]>;
}

/** Backends that a command means. */
export type ControlChoice = "auto" | RealBackend;

/** What `sb add` asks for. */
export interface AddRequest {
  target: string;
  /** null is the backend's default delay. */
  spec: ProbeSpec | null;
  /** For a spec that the default delay makes. */
  settings: Partial<ScheduleSettings>;
  /** Root of the tree; null is every process. */
  root: number | null;
  owner: number | null;
  tag: string | null;
  backend: ControlChoice;
  /** Whether uretprobes are accepted where return instructions cannot be decoded. */
  trampoline: boolean;
}

/** What a verb did. */
export interface ControlResult {
  probes: ControlledProbe[];
  /** Sentences for the reader. */
  notes: string[];
}

/** What was added. */
export interface AddResult extends ControlResult {
  backend: RealBackend;
  /** Whether the probes are live now. */
  enabled: boolean;
  /** Processes out of scope that pay for the breakpoints. */
  bystanders: number;
}

/** A backend, as `sb status` shows it. */
export interface BackendStatus {
  backend: RealBackend;
  /** Whether the module is loaded, or something is pinned; the other fields are null where it is not. */
  present: boolean;
  enabled: boolean | null;
  defaultDelayNs: number | null;
  totals: ControlTotals | null;
}
