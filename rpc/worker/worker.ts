/** What a worker does: resolves targets, lists symbols, and asks the kernel which processes it may read. */
import {
  listSymbols,
  OpenFiles,
  openTracerFile,
  plannedDocument,
  planProbes,
  type SymbolRow,
} from "../../mod.ts";
import { SbError, toHex } from "../../src/core/mod.ts";
import { mayRead, type OwnedFd } from "../../src/sys/mod.ts";
import type { HeldFile, PlanAnswer, SymbolsAnswer, TracerAnswer, WorkerRequest } from "./messages.ts";

/** Files kept open; with their symbol tables, a few MiB each where they are large. */
const MOST_FILES = 24;

/** A worker. Disposing closes its files. */
export class Worker implements Disposable {
  readonly #files = new OpenFiles({ most: MOST_FILES });
  #tracer: OwnedFd | undefined;

  constructor() {
    // Opens the libraries, and compiles what every request runs through.
    const name = "/proc/self/exe";
    for (const _ of listSymbols(name, { pattern: "no such function" })) break;
  }

  /** @throws SbError */
  carryOut(request: WorkerRequest): PlanAnswer | SymbolsAnswer | number[] | TracerAnswer {
    this.#tracer?.[Symbol.dispose]();
    this.#tracer = undefined;
    switch (request.do) {
      case "plan":
        return this.#plan(request);
      case "symbols":
        return this.#symbols(request);
      case "admit":
        return request.pids.filter(mayRead);
      case "tracer":
        this.#tracer = openTracerFile();
        return { fd: this.#tracer.fd };
    }
  }

  [Symbol.dispose](): void {
    this.#tracer?.[Symbol.dispose]();
    this.#files[Symbol.dispose]();
  }

  #plan({ request, trampoline, pid, most }: Extract<WorkerRequest, { do: "plan" }>): PlanAnswer {
    const { probes, notes } = planProbes([request], { pid, files: this.#files, trampoline });
    if (most !== null && probes.length > most) throw tooMany(request.target, { count: probes.length, most });
    const files: HeldFile[] = [];
    const indexes = new Map<string, number>();
    const plans = probes.map((plan) => {
      const { file: { openPath, inode, modifiedNs, ...facts }, spec: _, ...rest } = plan;
      let file = indexes.get(openPath);
      if (file === undefined) {
        indexes.set(openPath, file = files.length);
        const fd = Number(openPath.slice(openPath.lastIndexOf("/") + 1));
        files.push({ ...facts, inode: String(inode), modifiedNs: String(modifiedNs), fd });
      }
      return { ...rest, file };
    });
    return { plans, files, notes, documents: probes.map(plannedDocument) };
  }

  #symbols({ file, pattern, limit, pid }: Extract<WorkerRequest, { do: "symbols" }>): SymbolsAnswer {
    const listing = listSymbols(file, { pid, files: this.#files, ...(pattern === null ? {} : { pattern }) });
    const symbols: unknown[] = [];
    for (const row of listing) {
      if (symbols.length === limit) break;
      symbols.push(symbolDocument(row));
    }
    return { symbols, truncated: listing.length > limit };
  }
}

function tooMany(target: string, { count, most }: { count: number; most: number }): SbError {
  return new SbError(
    "quota.probes",
    `Cannot probe "${target}": it is ${count} functions, and a user may have ${most} probes`,
    { hint: "Name fewer functions", data: { limit: most, count } },
  );
}

function symbolDocument(row: SymbolRow) {
  return {
    name: row.name,
    demangled: row.demangled,
    version: row.version,
    size_bytes: row.sizeBytes,
    value: toHex(row.value),
    file_offset: row.fileOffset === null ? null : toHex(row.fileOffset),
    kind: row.kind,
    source: row.source,
    probeable: row.kind === "function" && row.fileOffset !== null,
  };
}
