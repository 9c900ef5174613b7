/** The entry of a function: the cheapest instruction that every call passes exactly once. */
import { SbError } from "../core/mod.ts";
import type { Code, CodeRange } from "./code_reader.ts";
import type { Site } from "./model.ts";
import {
  type Body,
  classOf,
  conditionOf,
  decodeRange,
  endsLine,
  isCheap,
  jumps,
  type Placed,
  refusedByKernel,
  siteOf,
} from "./site_body.ts";
import { exitsOfLoop, FlowGraph, stackGrowth } from "./site_loop.ts";

/** How far a branch with an 8-bit displacement reaches. */
const SHORT_REACH_BYTES = 130;
/** What is decoded of a neighbour, so that decoding starts at an instruction. */
const NEIGHBOUR_BYTES = 4096;

/**
 * Chooses where the entry of a function is probed: of the instructions before the first branch, itself among them,
 * one that the kernel emulates, so long as nothing branches to it or between it and the start. Where the function
 * jumps back to its start (a loop, or Go's growing of the stack), the way out of that loop instead.
 *
 * Direct branches are seen, from anywhere in the segment; indirect ones are taken not to go into a prologue.
 *
 * @throws SbError `probe.site_unprobeable`
 */
export function entrySites(body: Body): Site[] {
  const { code, range } = body;
  const list = decodeRange(code, range);
  if (list.length === 0 || list[0].at !== range.start) throw refusedByKernel(body, range.start);
  const own = new Set(list.filter(jumps).map(({ target }) => target));
  const near = neighbourTargets(code, range);
  const entered = (at: number) => near.has(at) || code.isFarTarget(at);
  if (own.has(range.start)) {
    const graph = new FlowGraph(list, body.fn.file.go ? stackGrowth(list) : undefined);
    const sites = loopSites(body, graph, { own, entered });
    if (sites) return sites;
    if (graph.inCycle(0)) throw passedOften(body);
  }
  const site = cheapest(body, straightLine(list, 0, (at) => own.has(at) || entered(at)));
  if (!site) throw refusedByKernel(body, range.start);
  return [site];
}

/** The instructions from one on that run one after the other, up to the first that something else leads to. */
function straightLine(list: readonly Placed[], from: number, isJoined: (at: number) => boolean): Placed[] {
  const line: Placed[] = [];
  for (let index = from; index < list.length; index++) {
    const found = list[index];
    const before = line.at(-1);
    if (before && (isJoined(found.at) || found.at !== before.at + before.lengthBytes)) break;
    line.push(found);
    if (endsLine(found)) break;
  }
  return line;
}

/** nop5 before the first that is emulated, that before the first that can be probed at all. */
function cheapest(body: Body, line: readonly Placed[]): Site | null {
  const usable = line.filter(({ probeable }) => probeable);
  const found = usable.find((one) => one.emulated && classOf(one, body.code) === "nop5") ??
    usable.find((one) => isCheap(one, body.code)) ?? usable[0];
  return found ? siteOf(body, found) : null;
}

/** Where the ways out of the loop that begins the function are passed; null when there is no such place. */
function loopSites(
  body: Body,
  graph: FlowGraph,
  targets: { own: ReadonlySet<number | undefined>; entered: (at: number) => boolean },
): Site[] | null {
  const { code, fn } = body;
  const exits = exitsOfLoop(graph, { mayCall: fn.file.go });
  if (!exits) return null;
  const heads = [...new Set(exits.map(({ to }) => to))];
  const sites: Site[] = [];
  for (const head of heads) {
    const others = heads.filter((other): other is number => other !== null && other !== head);
    let site: Site | null = null;
    if (head !== null) {
      // What two ways out lead to would count for both; what nothing else enters is passed once.
      const isJoined = (at: number) => {
        const index = graph.indexAt(at);
        return graph.inCycle(index) || others.some((other) => graph.reaches(other, index)) ||
          !targets.own.has(at) && targets.entered(at);
      };
      const joined = isJoined(graph.list[head].at);
      if (!joined) site = cheapest(body, straightLine(graph.list, head, isJoined));
    }
    const edges = exits.filter(({ to }) => to === head);
    const tested = edges.map(({ from, taken }) => conditionOf(graph.list[from], taken, code));
    // A stepped way out costs more than the test of flags on the emulated branch.
    if (site?.class === "stepped" && tested.every((condition) => condition !== null)) site = null;
    if (site) sites.push(site);
    else {
      for (const [index, { from }] of edges.entries()) {
        const condition = tested[index];
        if (!condition || !graph.list[from].probeable) return null;
        sites.push(siteOf(body, graph.list[from], condition));
      }
    }
  }
  return sites.length > 0 ? sites : null;
}

/** Where short branches of the functions before and after go. */
function neighbourTargets(code: Code, { start, end }: CodeRange): Set<number> {
  const targets = new Set<number>();
  const collect = (range: CodeRange) => {
    for (const found of decodeRange(code, range)) {
      if (found.target !== undefined) targets.add(found.target);
    }
  };
  let from = code.boundaryAt(start - 1);
  if (from !== undefined && start - from <= NEIGHBOUR_BYTES) {
    collect({ start: from, end: start });
    // The one before may be shorter than a branch reaches.
    for (let before = from; start - before < SHORT_REACH_BYTES;) {
      from = code.boundaryAt(before - 1);
      if (from === undefined || before - from > NEIGHBOUR_BYTES) break;
      collect({ start: from, end: before });
      before = from;
    }
  }
  for (let at = end; at < end + SHORT_REACH_BYTES;) {
    const next = Math.min(code.boundaryAfter(at) ?? Infinity, end + SHORT_REACH_BYTES);
    collect({ start: at, end: next });
    at = next;
  }
  return targets;
}

function passedOften({ fn, range }: Body): SbError {
  const place = `${fn.file.path}:${fn.symbol}+0x0`;
  return new SbError(
    "probe.site_unprobeable",
    `Cannot probe "${fn.target}": it jumps back to its first instruction, and no other is passed once a call`,
    {
      hint: `Count every pass, with: ${place}`,
      data: { target: place, size_bytes: range.end - range.start },
    },
  );
}
