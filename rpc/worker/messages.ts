/** What the server and its workers say to each other: a JSON text a line, one answer to each request, in order. */
import type { Plan, ProbePlan, ProbeRequest, TargetFile } from "../../mod.ts";
import type { ErrorCode } from "../../src/core/mod.ts";

/** The first argument of a process that is to be a worker: with `=UID:GID:GROUP,GROUP…` behind it. */
export const WORKER_ARGUMENT = "--serve-files";

/** The first line of a worker, when it has taken everything from itself that it does not need. */
export const READY = "ready";

/** What a worker is asked. */
export type WorkerRequest =
  | {
    do: "plan";
    request: ProbeRequest;
    /** Whether uretprobes are accepted where return instructions cannot be decoded. */
    trampoline: boolean;
    /** Names are looked up as this process would. */
    pid: number;
    /** More probes than the peer may have are refused here, where they cost the server nothing; null is no limit. */
    most: number | null;
  }
  | { do: "symbols"; file: string; pattern: string | null; limit: number; pid: number }
  | {
    do: "admit";
    /** Which of these may be read. */
    pids: readonly number[];
  }
  | {
    /** Opens the tracer, so that it goes by the user's rights; it stays open until the next request. */
    do: "tracer";
  };

/** A file of a plan: open in the worker, for reading, under a descriptor that stays so until the next request. */
export type HeldFile = Omit<TargetFile, "openPath" | "inode" | "modifiedNs"> & {
  inode: string;
  modifiedNs: string;
  fd: number;
};

/** A planned probe; its specification is that of the request. */
export type PlannedSites = Omit<ProbePlan, "file" | "spec"> & {
  /** Index of its file. */
  file: number;
};

/** What planning found. */
export interface PlanAnswer {
  plans: PlannedSites[];
  files: HeldFile[];
  notes: Plan["notes"];
  /** The plans as the protocol has them. */
  documents: unknown[];
}

/** Symbols as the protocol has them. */
export interface SymbolsAnswer {
  symbols: unknown[];
  /** Whether there are more than the limit. */
  truncated: boolean;
}

/** The tracer, opened. */
export interface TracerAnswer {
  /** Its descriptor in the worker. */
  fd: number;
}

/** An error of the table. */
export interface WorkerFault {
  code: ErrorCode;
  message: string;
  hint: string | null;
  data: Record<string, unknown>;
}

/** What a worker answers. */
export type WorkerAnswer = {
  /** Whether it has used so much of its processor time that another one must take its place. */
  spent: boolean;
} & ({ result: PlanAnswer | SymbolsAnswer | number[] | TracerAnswer } | { fault: WorkerFault });
