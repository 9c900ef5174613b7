/**
 * What workers answer, checked before it is used: the files that they read may be made to take them over. A worker then
 * still says nothing but what its user could have had resolved, in files that the user may read.
 */
import type { Site } from "../../mod.ts";
import { SbError } from "../../src/core/mod.ts";
import type { HeldFile, PlanAnswer, PlannedSites, SymbolsAnswer } from "../worker/mod.ts";

const CLASSES: readonly string[] = [
  "push",
  "nop",
  "nop5",
  "jcc",
  "jmp",
  "call",
  "stepped",
] satisfies Site["class"][];
/** Longer than any path, and than most names that are seen. */
const MAX_TEXT = 1 << 16;

function refuse(what: string): never {
  throw new SbError("file.parser", `Cannot use what a worker answered: ${what} is malformed`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isBigCount(value: unknown): boolean {
  return typeof value === "string" && /^\d{1,20}$/.test(value);
}

function isOptional(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || value === null || check(value);
}

function isSite(value: unknown): value is Site {
  if (!isRecord(value)) return false;
  const { fileOffset, class: kind, instruction, condition } = value;
  return isCount(fileOffset) && CLASSES.includes(String(kind)) && isText(instruction) &&
    isOptional(condition, (flags) =>
      isRecord(flags) && isCount(flags.mask) && flags.mask <= 0xffff_ffff &&
      (flags.when === "set" || flags.when === "clear"));
}

function isFile(value: unknown): value is HeldFile {
  if (!isRecord(value)) return false;
  const { path, device, inode, sizeBytes, modifiedNs, buildId, machine, go, fd } = value;
  return isText(path) && isCount(device) && isBigCount(inode) && isCount(sizeBytes) &&
    isBigCount(modifiedNs) &&
    isOptional(buildId, isText) && (machine === "x86_64" || machine === "aarch64") &&
    typeof go === "boolean" &&
    isCount(fd);
}

function isPlan(value: unknown, files: number): value is PlannedSites {
  if (!isRecord(value)) return false;
  const { target, symbol, demangled, aliases, file, at, functionOffset, attach, sites } = value;
  return isText(target) && isText(symbol) && isOptional(demangled, isText) &&
    Array.isArray(aliases) && aliases.every(isText) && isCount(file) && file < files &&
    (at === "entry" || at === "return") && isCount(functionOffset) &&
    (attach === "sites" || attach === "trampoline") && Array.isArray(sites) && sites.every(isSite) &&
    (attach === "trampoline" || sites.length > 0);
}

/** @throws SbError `file.parser` */
export function readPlanAnswer(value: unknown): PlanAnswer {
  if (!isRecord(value)) return refuse("a plan");
  const { plans, files, notes, documents } = value;
  if (!Array.isArray(files) || !files.every(isFile)) return refuse("a file");
  if (!Array.isArray(plans) || !plans.every((plan) => isPlan(plan, files.length))) return refuse("a probe");
  if (!Array.isArray(notes) || !notes.every(isText)) return refuse("a note");
  if (!Array.isArray(documents) || documents.length !== plans.length) return refuse("a plan");
  return { plans, files, notes, documents };
}

/** @throws SbError `file.parser` */
export function readSymbolsAnswer(value: unknown): SymbolsAnswer {
  if (!isRecord(value) || !Array.isArray(value.symbols) || typeof value.truncated !== "boolean") {
    return refuse("a list of symbols");
  }
  return { symbols: value.symbols, truncated: value.truncated };
}

/** A descriptor of the worker's. @throws SbError `file.parser` */
export function readTracerAnswer(value: unknown): number {
  return isRecord(value) && isCount(value.fd) ? value.fd : refuse("the tracer");
}

/** Nobody but those that were asked about. @throws SbError `file.parser` */
export function readAdmitted(value: unknown, pids: readonly number[]): number[] {
  if (!Array.isArray(value)) return refuse("a list of processes");
  const asked = new Set(pids);
  return value.filter((pid): pid is number => asked.has(pid));
}
