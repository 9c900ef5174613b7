/** What the cases of pools are made with: stages, pools on programs, the registration. */
import type {
  PoolAddOptions,
  PoolProbe,
  PoolScope,
  ProbePool,
  ProbeRequest,
  ProbeStatistics,
} from "../../src/probe/mod.ts";
import { planFor, type Program } from "./program.ts";

/** What a pool is like where pools may differ. */
export interface PoolTraits {
  /** How what is added keeps others free of the trap. */
  isolation: PoolAddOptions["isolation"];
  /** Whether executions out of scope trap and are turned away. */
  outOfScope: "counted" | "untouched";
  /** Whether a forked child is in scope from its first instruction on, or some time later. */
  childrenAreExact: boolean;
  /** Whether delays can give the CPU up. */
  sleeps: boolean;
  /** Whether delays that begin on one processor wait for each other, as through perf events (before 6.6). */
  waitsOnProcessor: boolean;
  /** Whether a scope can be a cgroup, and every process. */
  cgroups: boolean;
  everyProcess: boolean;
  /** Whether processes that gain privilege can be left out. */
  guards: boolean;
}

/** A cgroup of the test's own. */
export interface CgroupFolder extends AsyncDisposable {
  readonly path: string;
  enter(program: Program): Promise<void>;
}

/** A backend with a pool, and programs for it. */
export interface PoolStage {
  readonly traits: PoolTraits;
  start(): Promise<Program>;
  /** A program whose `exec()` changes its ids, and its file. */
  startSetuid(): Promise<{ program: Program; file: string } & AsyncDisposable>;
  /** null where this machine has no cgroups of version 2. */
  openCgroup(): Promise<CgroupFolder | null>;
  openPool(): ProbePool;
}

/** Registers a case of the suite. */
export type PoolRegister = (title: string, run: (stage: PoolStage) => Promise<void>) => void;

/** The tree of a program. */
export function treeOf(program: Program, { guarded = false }: { guarded?: boolean } = {}): PoolScope {
  return { kind: "tree", pid: program.pid, scan: () => [program.pid], guarded };
}

/** A program with a pool. */
export class PoolRig implements AsyncDisposable {
  readonly stage: PoolStage;
  readonly pool: ProbePool;
  readonly program: Program;

  private constructor(stage: PoolStage, pool: ProbePool, program: Program) {
    this.stage = stage;
    this.pool = pool;
    this.program = program;
  }

  static async open(stage: PoolStage): Promise<PoolRig> {
    const program = await stage.start();
    try {
      return new PoolRig(stage, stage.openPool(), program);
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Adds what is asked, in the program's tree unless another scope is given. */
  async add(
    requests: readonly ProbeRequest[],
    { scope = treeOf(this.program), trampoline = false }: { scope?: PoolScope; trampoline?: boolean } = {},
  ): Promise<PoolProbe[]> {
    const { isolation } = this.stage.traits;
    return await this.pool.add(planFor(requests, { trampoline }), { scope, isolation });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.pool[Symbol.asyncDispose]();
    } finally {
      await this.program[Symbol.asyncDispose]();
    }
  }
}

/** Hits and delays so far. */
export function counts({ hits, delayed }: ProbeStatistics): [hits: number, delayed: number] {
  return [hits, delayed];
}

/** Whether a promise has settled by now. */
export async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  const turn = new Promise((resolve) => setTimeout(resolve, 0, pending));
  return await Promise.race([promise.catch(() => {}), turn]) !== pending;
}
