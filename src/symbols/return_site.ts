/** The returns of a function: every instruction by which control leaves it for its caller, or for a tail call. */
import { SbError, toHex } from "../core/mod.ts";
import type { CodeRange } from "./code_reader.ts";
import type { Site, SitePlan } from "./model.ts";
import { indirectJump, type JumpContext } from "./return_jump.ts";
import { type Body, conditionOf, decodeAt, decodeRange, jumps, type Placed, siteOf } from "./site_body.ts";
import { FlowGraph } from "./site_loop.ts";

/** A way out that cannot be told from a way on, or be probed; it becomes the reason for a trampoline. */
export class Undecided extends Error {
  readonly at: number;
  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }
}

/**
 * Plans a return probe: sites on the `ret` instructions and tail jumps where all are known, otherwise a trampoline.
 *
 * @throws SbError `probe.return_unsafe` for a trampoline where Go moves stacks, or an exception may cross
 */
export function planReturn(body: Body, options: { trampoline?: boolean }): SitePlan {
  const { start, end } = body.range;
  try {
    if (end <= start) throw new Undecided("a function of unknown size", start);
    return { how: "sites", sites: returnSites(body) };
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return trampoline(body, {
      ...options,
      why: `${error.message} at +${toHex(Math.max(0, error.at - start))}`,
    });
  }
}

/**
 * A uretprobe hijacks the return address. An exception that unwinds through it ends the program, since no frame is
 * known for the trampoline: refused for files that have exception tables or a C++ library. Go reads return addresses
 * when it moves a stack, and ends the program.
 */
function trampoline({ fn, code, range }: Body, options: { why: string; trampoline?: boolean }): SitePlan {
  const mayCross = code.exceptions || code.frames.at(range.start)?.hasLandingPads;
  if (fn.file.go || mayCross && !options.trampoline) {
    throw new SbError(
      "probe.return_unsafe",
      `Cannot probe the return of "${fn.target}": ${options.why}, and ${
        fn.file.go ? "Go moves its stacks" : "a C++ exception may cross the function"
      }`,
      {
        hint: fn.file.go
          ? `Probe the entry: ${fn.target.replace(/%return$/, "")}`
          : "Accept the risk with: sb run --return=trampoline …",
        data: { why: options.why },
      },
    );
  }
  return { how: "trampoline", sites: [], why: options.why };
}

/** Every way out of a function. @throws Undecided when one cannot be told, or be probed */
export function returnSites(body: Body): Site[] {
  const { code, range } = body;
  const { parts, list } = collectParts(body);
  const inParts = (at: number) => parts.some(({ start, end }) => at >= start && at < end);
  const frame = code.frames.at(range.start);
  const trusted = frame !== undefined &&
    list.every(({ kind, at }) => kind !== "ret" || isUnwound(body, at) === true);
  const context: JumpContext = {
    body,
    list,
    parts,
    isUnwound: (at) => trusted ? isUnwound(body, at) : null,
    marked: list[0]?.kind === "endbr",
  };
  const indirect = new Map<number, "inside" | "away" | null>();
  for (const [index, { kind }] of list.entries()) {
    if (kind === "jmp-indirect") indirect.set(index, indirectJump(context, index));
  }
  // What a switch or an unwinder leads to is found by decoding all; otherwise what is not reached does not count,
  // be it padding or data.
  const all = [...indirect.values()].includes("inside") || frame?.hasLandingPads === true;
  const graph = new FlowGraph(list);
  const sites: Site[] = [];
  for (const [index, found] of list.entries()) {
    if (!all && index > 0 && !graph.reaches(0, index)) continue;
    requireNext(body, found, { graph, inParts });
    const leaves = jumps(found) && found.target !== undefined && !inParts(found.target);
    const kind = indirect.get(index);
    if (kind === null) throw new Undecided("an indirect jump", found.at);
    if (found.kind !== "ret" && !leaves && kind !== "away") continue;
    if (all && frame && isUnwound(body, found.at) === false) {
      throw new Undecided(
        `${found.kind === "ret" ? "a return" : "a jump away"} with its frame in place`,
        found.at,
      );
    }
    if (!found.probeable) throw new Undecided("a way out that takes no breakpoint", found.at);
    if (found.kind === "ret" || found.kind === "jmp" || kind === "away") sites.push(siteOf(body, found));
    else {
      const condition = conditionOf(found, true, code);
      if (!condition) {
        throw new Undecided("a conditional tail jump that no single test of flags decides", found.at);
      }
      sites.push(siteOf(body, found, condition));
    }
  }
  if (sites.length === 0) throw new Undecided("no return instruction", range.start);
  return sites;
}

function isUnwound({ code }: Body, at: number): boolean | null {
  const frame = code.frames.at(at);
  return frame ? code.frames.isUnwound(frame, at) : null;
}

/** An instruction must be followed by one, unless it is the last of its part: a call that never returns, then. */
function requireNext(
  body: Body,
  found: Placed,
  { graph, inParts }: { graph: FlowGraph; inParts: (at: number) => boolean },
): void {
  const { kind, at, lengthBytes, target } = found;
  const goesOn = kind !== "jmp" && kind !== "jmp-indirect" && kind !== "ret" && kind !== "trap";
  const next = at + lengthBytes;
  if (goesOn && inParts(next) && graph.indexAt(next) < 0) {
    throw new Undecided("an undecodable instruction", next);
  }
  if (jumps(found) && target !== undefined && inParts(target) && graph.indexAt(target) < 0) {
    throw new Undecided(
      decodeAt(body.code, target) ? "a jump into an instruction" : "an undecodable instruction",
      target,
    );
  }
}

/** The function's range and what belongs to it elsewhere: `.cold` parts, named or not, that it jumps to. */
function collectParts(body: Body): { parts: CodeRange[]; list: Placed[] } {
  const parts = [body.range];
  const list: Placed[] = [];
  for (let number = 0; number < parts.length; number++) {
    const decoded = decodeRange(body.code, parts[number]);
    list.push(...decoded);
    for (const found of decoded) {
      const { target } = found;
      if (!jumps(found) || target === undefined) continue;
      if (parts.some(({ start, end }) => target >= start && target < end)) continue;
      const part = partAt(body, { target, from: found.at });
      if (part) parts.push(part);
    }
  }
  return { parts, list };
}

/**
 * The part of the function that a jump out of its range leads to; null when it leads away, as a tail call does.
 *
 * A part is what is named `.cold`, what is entered with the frame in place, and what goes back into the function or
 * never returns. All else has left: another function's entry, a procedure linkage table, a shared ending.
 */
function partAt({ code, range }: Body, jump: { target: number; from: number }): CodeRange | null {
  const { target } = jump;
  if (code.isLinkage(target) || code.entries.has(target)) return null;
  const boundary = code.boundaryAt(target);
  if (boundary === undefined) throw new Undecided("a jump to no known function", jump.from);
  if (code.coldParts.has(boundary)) return { start: boundary, end: code.endOf(boundary) };
  const frame = code.frames.at(target);
  const around = frame ??
    (code.entries.has(boundary) ? { start: boundary, end: code.endOf(boundary) } : null);
  if (!around || target >= around.end) throw new Undecided("a jump to no known function", jump.from);
  const piece = { start: around.start, end: around.end };
  if (frame && !code.frames.isUnwound(frame, target)) return piece;
  const decoded = decodeRange(code, piece);
  const isOutside = (at: number) => at < piece.start || at >= piece.end;
  const goesBack = decoded.some((found) =>
    jumps(found) && found.target !== undefined && found.target > range.start && found.target < range.end
  );
  const returns = decoded.some((found) =>
    found.kind === "ret" || found.kind === "jmp-indirect" ||
    jumps(found) && found.target !== undefined && isOutside(found.target)
  );
  return goesBack || !returns ? piece : null;
}
