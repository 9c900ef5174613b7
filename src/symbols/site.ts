/** Where the breakpoints of a probe go: the cheapest exact entry, or every way out of the function. */
import { decodeX86, type Instruction, textOfX86 } from "../code/mod.ts";
import { SbError, toHex } from "../core/mod.ts";
import { Code, type CodeSegment } from "./code_reader.ts";
import type { FlagCondition, Site, SiteClass, SitePlan, TargetFile, TargetFunction } from "./model.ts";

/** One flag test per jcc pair; the odd one of a pair is the opposite. l, ge, le, g need two flags compared. */
const CONDITION_MASK = [0x800, 0x1, 0x40, 0x41, 0x80, 0x4]; // Intel SDM vol. 1, appendix B

const codes = new WeakMap<TargetFile, Code>();

function codeOf(file: TargetFile): Code {
  let code = codes.get(file);
  if (!code) codes.set(file, code = new Code(file.openPath));
  return code;
}

/** What one function is decoded from; offsets are into the segment. */
interface Body {
  fn: TargetFunction;
  code: Code;
  segment: CodeSegment;
  start: number;
  end: number;
}

/**
 * Plans where the breakpoints of a function go. A trampoline is refused for Go, and for files with exception tables
 * unless `trampoline` is set: an exception that crosses a hijacked return address ends the program.
 *
 * @throws SbError `probe.site_not_executable`, `probe.site_inside_instruction`, `probe.site_unprobeable`,
 * `probe.return_unsafe`
 */
export function planSites(fn: TargetFunction, options: { trampoline?: boolean } = {}): SitePlan {
  const code = codeOf(fn.file);
  const segment = code.segmentAt(fn.fileOffset);
  if (!segment) {
    throw new SbError(
      "probe.site_not_executable",
      `Cannot probe "${fn.target}": offset ${toHex(fn.fileOffset)} is outside the executable segments`,
      { hint: `List the functions with: sb symbols ${fn.file.path}` },
    );
  }
  const start = fn.fileOffset - segment.fileOffset;
  const end = Math.min(segment.bytes.length, start + fn.sizeBytes);
  const body = { fn, code, segment, start, end };
  if (fn.file.machine !== "x86_64") {
    if (fn.at === "return") return trampoline(body, { why: "arm64 returns are not decoded", ...options });
    return { how: "sites", sites: [{ fileOffset: fn.fileOffset, class: "stepped", instruction: "" }] };
  }
  if (fn.at === "return") return planReturn(body, options);
  if (fn.exact) return { how: "sites", sites: [exactSite(body)] };
  return { how: "sites", sites: [entrySite(body)] };
}

function classOf({ kind, emulated, lengthBytes }: Instruction): SiteClass {
  if (!emulated) return "stepped";
  if (kind === "nop") return lengthBytes === 5 ? "nop5" : "nop";
  return kind as SiteClass;
}

function siteAt(body: Body, at: number, condition?: FlagCondition): Site {
  const found = decodeX86(body.segment.bytes, at);
  if (!found?.probeable) {
    throw new SbError(
      "probe.site_unprobeable",
      `Cannot probe "${body.fn.target}": the kernel refuses a breakpoint on ${
        textOfX86(body.segment.bytes, at)
      }`,
      { hint: `Choose another place: sb symbols ${body.fn.file.path}` },
    );
  }
  return {
    fileOffset: at + body.segment.fileOffset,
    class: classOf(found),
    instruction: textOfX86(body.segment.bytes, at),
    ...condition && { condition },
  };
}

function exactSite(body: Body): Site {
  const { code, segment, start, fn } = body;
  let at = -1;
  for (const entry of code.entries) {
    const offset = entry - segment.fileOffset;
    if (offset <= start && offset > at) at = offset;
  }
  if (at < 0) at = start;
  while (at < start) {
    const next = at + (decodeX86(segment.bytes, at)?.lengthBytes ?? 1);
    if (next > start) {
      const [low, high] = [at, next].map((offset) => toHex(offset + segment.fileOffset));
      throw new SbError(
        "probe.site_inside_instruction",
        `Cannot probe "${fn.target}": ${toHex(fn.fileOffset)} is inside the instruction ${low} to ${high}`,
        { hint: `Use ${fn.file.path}:${low} or ${fn.file.path}:${high}` },
      );
    }
    at = next;
  }
  return siteAt(body, start);
}

/** The lowest address that a branch of the function itself goes back to, or Infinity. */
function lowestLoop({ segment, start, end }: Body): number {
  let lowest = Infinity;
  for (let at = start; at < end;) {
    const found = decodeX86(segment.bytes, at);
    const target = found?.kind === "call" ? undefined : found?.target;
    if (target !== undefined && target >= start && target <= at) lowest = Math.min(lowest, target);
    at += found?.lengthBytes ?? 1;
  }
  return lowest;
}

function entrySite(body: Body): Site {
  const { segment, start, end, code, fn } = body;
  const loop = lowestLoop(body);
  let cheap = -1;
  for (let at = start; at < Math.max(end, start + 1);) {
    const found = decodeX86(segment.bytes, at);
    if (!found) break;
    // A Go function that had to grow its stack starts again: only the way on is a call.
    if (fn.file.go && loop === start && found.kind === "jcc" && found.condition === 6) {
      return siteAt(body, at, { mask: 0x41, when: "clear" });
    }
    if (at > start && (at >= loop || code.isTarget(at + segment.fileOffset))) break;
    if (at < loop && found.emulated) {
      if (classOf(found) === "nop5") return siteAt(body, at);
      if (cheap < 0) cheap = at;
    }
    if (found.kind !== "push" && found.kind !== "nop" && found.kind !== "endbr" && found.kind !== "other") {
      break;
    }
    at += found.lengthBytes;
  }
  return siteAt(body, cheap < 0 ? start : cheap);
}

function trampoline({ fn, code }: Body, options: { why: string; trampoline?: boolean }): SitePlan {
  if (fn.file.go || code.exceptions && !options.trampoline) {
    throw new SbError(
      "probe.return_unsafe",
      `Cannot probe the return of "${fn.target}": ${options.why}, and ${
        fn.file.go ? "Go moves its stacks" : "a C++ exception may cross the function"
      }`,
      { hint: fn.file.go ? "Probe the entry instead" : "Accept the risk with: sb run --return=trampoline …" },
    );
  }
  return { how: "trampoline", sites: [], why: options.why };
}

function planReturn(body: Body, options: { trampoline?: boolean }): SitePlan {
  const { segment, start, end, code } = body;
  const undecided = (at: number, what: string) =>
    trampoline(body, { ...options, why: `${what} at +${toHex(at - start)}` });
  if (end <= start) return undecided(start, "a function of unknown size");
  const sites: Site[] = [];
  for (let at = start; at < end;) {
    const found = decodeX86(segment.bytes, at);
    if (!found) return undecided(at, "an undecodable instruction");
    if (found.kind === "ret") sites.push(siteAt(body, at));
    if (found.kind === "jmp-indirect") return undecided(at, "an indirect jump");
    const leaves = found.kind !== "call" && found.target !== undefined &&
      (found.target < start || found.target >= end);
    if (leaves) {
      if (!code.entries.has(found.target as number + segment.fileOffset)) {
        return undecided(at, "a jump to no known function");
      }
      if (found.kind === "jmp") sites.push(siteAt(body, at));
      else {
        const condition = found.condition ?? 15;
        if (condition >= 12) return undecided(at, "a conditional tail jump on two flags");
        const when = condition & 1 ? "clear" : "set";
        sites.push(siteAt(body, at, { mask: CONDITION_MASK[condition >> 1], when }));
      }
    }
    at += found.lengthBytes;
  }
  if (sites.length === 0) return undecided(start, "no return instruction");
  return { how: "sites", sites };
}
