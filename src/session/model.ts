/** What a session is asked for and what it answers: runs, attachments, plans. Types only. */
import type {
  BackendName,
  BackendRequest,
  BystanderCost,
  Floor,
  Isolation,
  ProbePlan,
  ProbeReport,
  ProbeRequest,
} from "../probe/mod.ts";
import type { WatchEnd } from "./moments.ts";
import type { PlaceAsked } from "./probing.ts";

/** What a run and an attachment are both asked for. */
export interface SessionRequest {
  probes: ProbeRequest[];
  backend: BackendRequest;
  isolation: "auto" | Isolation;
  /** Whether uretprobes are accepted where return instructions cannot be decoded. */
  trampoline: boolean;
}

/** What `sb run` asks for. */
export interface RunRequest extends SessionRequest {
  command: readonly string[];
  /** The command is the tail of this process's own arguments: they are passed on byte by byte, text or not. */
  fromOwnArguments?: boolean;
  /** Whose command it is; null is the caller's. */
  user: string | null;
}

/** What `run()` asks for. */
export interface RunAsked {
  /** The program and its arguments: at least one word. It is looked up as a shell does. */
  command: readonly string[];
  /** What is slowed, from the command's exec on, in its process tree. */
  probes: readonly PlaceAsked[];
  /** `auto` is eBPF where it works, otherwise the kernel module where it is loaded. */
  backend?: BackendRequest;
  /** `auto` is a private copy of the file where it can be had, which is exact and free for others; otherwise `shared`. */
  isolation?: "auto" | Isolation;
  /** Whether uretprobes are accepted where return instructions cannot be decoded. */
  trampoline?: boolean;
  /** Whose command it is, by name; null is the caller's. */
  user?: string | null;
  /** The command is the tail of this process's own arguments: they are passed on byte by byte, text or not. */
  fromOwnArguments?: boolean;
}

/** Hooks of the caller. */
export interface RunOptions {
  /** The command executes, with its probes live. */
  onStart?: (pid: number) => void;
  /**
   * Whether signals to this process are the command's, as for a program that only runs it: SIGTERM and SIGHUP are forwarded,
   * SIGINT and SIGQUIT ignored (a terminal sends them to both), a second SIGINT undoes the probes and the command goes on.
   * Without it no signal is handled.
   */
  forwardsSignals?: boolean;
}

/** What `sb attach` asks for: a process by id, or by name when that is the only one. */
export interface AttachRequest extends SessionRequest {
  pid: number | null;
  name: string | null;
  /** Undo after this long; null is until the tree ends or the caller is interrupted. In nanoseconds. */
  forNs: number | null;
  /** Report this often; null is at the end only. In nanoseconds. */
  intervalNs: number | null;
}

/** What every report of probes has. */
export interface SessionResult {
  backend: BackendName;
  isolation: Isolation;
  /** From the command's exec, or from the moment the probes were live, in nanoseconds. */
  wallNs: number;
  probes: ProbeReport[];
  /** Only with `shared` isolation. */
  bystanders?: BystanderCost;
  /** Sentences for the reader: a later exec that ran unprobed, a fallback that was taken. */
  notes: string[];
}

/** How a command went, whatever was done to it. */
export interface CommandOutcome {
  command: readonly string[];
  /** null when a signal ended the command. */
  exit: number | null;
  /** "SIGTERM"; null when the command exited. */
  signal: string | null;
  /** From its exec to its end, in nanoseconds. */
  wallNs: number;
  /** CPU time of the command and of its descendants that were waited for, in nanoseconds. */
  userNs: number;
  sysNs: number;
  maxRssBytes: number;
}

/** How a run went. */
export interface RunResult extends SessionResult, CommandOutcome {}

/** How an attachment goes, at an interval or at its end. Figures count from the moment the probes were live. */
export interface AttachResult extends SessionResult {
  pid: number;
  /** The name of the root process. */
  comm: string;
  /** Why it ended; null while it goes on. */
  ended: WatchEnd | null;
}

/** What `--dry-run` prints: what would be applied. */
export interface DryRun {
  /** null for an attachment. */
  command: readonly string[] | null;
  /** null for a run. */
  pid: number | null;
  backend: BackendName;
  isolation: Isolation;
  /** Why it is not a stronger one; null when it is the strongest. */
  isolationReason: string | null;
  probes: (ProbePlan & {
    /** null where no floor is known before probes are attached. */
    floor: Floor | null;
  })[];
  notes: string[];
}
