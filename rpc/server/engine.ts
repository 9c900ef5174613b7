/** What carries probes out: the library, imported when it is first needed, and its pools, open while somebody has probes. */
import type { BackendRequest, ProbePlan, ProbeSession, RealBackend } from "../../mod.ts";
import { SbError } from "../../src/core/mod.ts";

/** The library. */
export type Library = typeof import("../../mod.ts");

/** How an engine is made. */
export interface EngineOptions {
  /** What the administrator asked for. */
  backend: BackendRequest;
}

/** What the machine can do, as `server.info` tells it. */
export interface EngineAbilities {
  backends: RealBackend[];
  features: string[];
}

/** A pool without sessions is closed after so long: its programs look at every fork, but loading them takes a while. */
const IDLE_MS = 30_000;

/** A pool that is kept open. */
interface KeptPool {
  /** A session of the server's own, without probes: the last session closes a pool. */
  keeper: Promise<ProbeSession>;
  sessions: number;
  idle: ReturnType<typeof setTimeout> | undefined;
}

/** Opens sessions, and keeps their pools open between them. Disposing waits until all breakpoints have left. */
export class Engine implements AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #kept = new Map<RealBackend, KeptPool>();
  readonly #closing = new Set<Promise<void>>();
  #library: Promise<Library> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** The library. Not imported before: it and what it reads are a quarter of the server's memory. */
  library(): Promise<Library> {
    return this.#library ??= import("../../mod.ts");
  }

  /** What this machine can do. */
  async abilities(): Promise<EngineAbilities> {
    const library = await this.library();
    const backends: RealBackend[] = [];
    const features: string[] = [];
    if (this.#options.backend !== "kmod") {
      const found = tryFeatures(library);
      if (found !== undefined) backends.push("ebpf");
      features.push(...found ?? []);
    }
    if (this.#options.backend !== "ebpf" && new library.SpeedBumpFiles().isLoaded) {
      backends.push("kmod");
      features.push("sleep");
    }
    return { backends, features };
  }

  /** The backend for these probes. @throws SbError where none can carry them out */
  async choose(plans: readonly ProbePlan[]): Promise<RealBackend> {
    const library = await this.library();
    const { backend } = library.chooseBackend(
      this.#options.backend,
      plans.map(({ target, spec }) => ({ target, spec })),
    );
    return backend;
  }

  /** Opens a session, to be given back with {@linkcode close}. @throws SbError */
  async open(backend: RealBackend): Promise<ProbeSession> {
    const library = await this.library();
    let kept = this.#kept.get(backend);
    if (kept === undefined) {
      kept = { keeper: library.open({ backend }), sessions: 0, idle: undefined };
      this.#kept.set(backend, kept);
    }
    clearTimeout(kept.idle);
    kept.sessions++;
    try {
      await kept.keeper;
    } catch (error) {
      // The next session tries anew.
      if (this.#kept.get(backend) === kept) this.#kept.delete(backend);
      throw ofServer(error);
    }
    try {
      return await library.open({ backend });
    } catch (error) {
      this.#leave(backend);
      throw error;
    }
  }

  /** Undoes a session. Settles when no further delay of it can start. */
  async close(session: ProbeSession): Promise<void> {
    try {
      await session[Symbol.asyncDispose]();
    } finally {
      this.#leave(session.backend as RealBackend);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const backend of [...this.#kept.keys()]) this.#closePool(backend);
    await Promise.all(this.#closing);
  }

  #leave(backend: RealBackend): void {
    const kept = this.#kept.get(backend);
    if (kept === undefined || --kept.sessions > 0) return;
    kept.idle = setTimeout(() => this.#closePool(backend), IDLE_MS);
  }

  #closePool(backend: RealBackend): void {
    const kept = this.#kept.get(backend);
    if (kept === undefined) return;
    clearTimeout(kept.idle);
    this.#kept.delete(backend);
    // One that could not be opened was told to who asked for it.
    const closing = kept.keeper.then((keeper) => keeper[Symbol.asyncDispose](), () => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** What the library tells whoever runs it is for who runs the server. */
function ofServer(error: unknown): unknown {
  if (!(error instanceof SbError) || error.code !== "permission.capability") return error;
  const { code, message, data } = error;
  return new SbError(code, message, { hint: "Start the server as root: sudo sb serve", data, cause: error });
}

/** The names of what the kernel's eBPF offers; undefined where it cannot be used. */
function tryFeatures(library: Library): string[] | undefined {
  try {
    const { uprobeMulti, sleepable, loop, uprobePmu } = library.probeFeatures();
    const found = { uprobe_multi: uprobeMulti, sleepable, loop, uprobe_pmu: uprobePmu !== null };
    return Object.entries(found).filter(([, has]) => has).map(([name]) => name);
  } catch (error) {
    if (error instanceof SbError) return undefined;
    throw error;
  }
}
