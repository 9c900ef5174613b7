/** What the cases of the conformance suite are made with: requests, sessions on programs, the registration. */
import type { BackendSession, Delay, How, ProbeRequest, Schedule } from "../../src/probe/mod.ts";
import { planFor, type Program, programFile, type Stage } from "./program.ts";

/** Registers a case of the suite. */
export type Register = (title: string, run: (stage: Stage) => Promise<void>) => void;

/** What a request has beside its delay. */
export interface RequestOptions {
  delay?: Delay;
  schedule?: Partial<Schedule>;
  compensate?: boolean;
  how?: How;
}

/** What is asked of a place in the program. */
export function request(place: string, ns: number, options: RequestOptions = {}): ProbeRequest {
  return {
    target: `${programFile()}:${place}`,
    spec: {
      delayText: `${ns}ns`,
      delay: options.delay ?? { kind: "fixed", ns },
      schedule: { every: 1, probability: 1, times: null, startNs: 0, durationNs: null, ...options.schedule },
      how: options.how ?? "spin",
      compensate: options.compensate ?? true,
    },
  };
}

/** Opens a session on a tree, with its breakpoints in. */
export async function openOn(
  stage: Stage,
  program: Program,
  requests: readonly ProbeRequest[],
  trampoline = false,
): Promise<BackendSession> {
  const session = stage.open(planFor(requests, { trampoline }), { filter: true });
  try {
    session.enterTree(() => [program.pid]);
    session.attach(new Map());
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** A program with a session on it. */
export class Rig implements AsyncDisposable {
  readonly program: Program;
  readonly session: BackendSession;

  private constructor(program: Program, session: BackendSession) {
    this.program = program;
    this.session = session;
  }

  static async open(stage: Stage, requests: readonly ProbeRequest[], trampoline = false): Promise<Rig> {
    const program = await stage.start();
    try {
      return new Rig(program, await openOn(stage, program, requests, trampoline));
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Hits of each probe so far. */
  get hits(): number[] {
    return this.session.statistics().map(({ hits }) => hits);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    await this.program[Symbol.asyncDispose]();
  }
}
