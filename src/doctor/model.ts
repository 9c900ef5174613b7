/** What the doctor finds. Types only. */

/** ok; missing: not there; broken: there and refused; unknown: could not tell. */
export type Verdict = "ok" | "missing" | "broken" | "unknown";

/** A thing that was looked at. */
export interface DoctorCheck {
  /** A stable name: "uprobes", "libelf". */
  check: string;
  verdict: Verdict;
  /** What was seen, and where. */
  evidence: string;
  /** How to mend it; null when nothing is to be done. */
  hint: string | null;
  /** The eBPF backend cannot work without it. */
  required: boolean;
}

/** Whether a backend can be used, and why not. */
export interface BackendVerdict {
  usable: boolean;
  /** Why not: the failed checks; null when it is usable. */
  why: string | null;
}

/** What works on this machine. */
export interface DoctorReport {
  /** Whether any backend is usable. */
  ok: boolean;
  backends: { ebpf: BackendVerdict; kmod: BackendVerdict };
  checks: DoctorCheck[];
}
