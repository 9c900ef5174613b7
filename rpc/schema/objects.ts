/** The objects that answers are made of. */
import { boolean, choice, fraction, integer, list, MAX_INTEGER, nullable, object, string } from "./shape.ts";

const BACKEND = "What carries it out: `ebpf` or `kmod`.";
const ADDRESS = { pattern: "^0x[0-9a-f]+$" };
const NS = { unit: "nanoseconds" } as const;

/** The greatest process id of Linux: PID_MAX_LIMIT of include/linux/threads.h, less one. */
export const MAX_PID = 4_194_303;

/** The longest delay: 10 s. */
export const MAX_DELAY_NS = 10_000_000_000;

/** The latest start and the longest window: 30 days. */
export const MAX_SCHEDULE_NS = 2_592_000_000_000_000;

const file = object("The file that holds the site.", {
  path: string("Its path, links resolved.", { maxLength: MAX_INTEGER }),
  build_id: nullable(string("Its build id in hexadecimal; null where it has none.")),
  replaced: boolean("Whether another file is at that path by now."),
}, { name: "File" });

const plannedFile = object("The file that holds the site.", {
  path: file.members.path,
  build_id: file.members.build_id,
}, { name: "PlannedFile" });

const owner = object("A process.", {
  pid: integer("Its id, as the server sees it.", { unit: "process id" }),
  comm: nullable(string("Its name; null where it has ended.")),
}, { name: "Owner" });

const scope = object("The processes that a probe applies to; members of another kind are null.", {
  kind: choice("A process tree, a cgroup or all processes.", ["tree", "cgroup", "all"]),
  pid: nullable(integer("The root of the tree.", { unit: "process id" })),
  comm: nullable(string("The name of the root; null where it has ended.")),
  members: nullable(
    integer("Processes in the tree now; null where the backend cannot tell.", { unit: "processes" }),
  ),
  path: nullable(string("The folder of the cgroup.")),
}, { name: "Scope" });

const schedule = object("Which hits are delayed, and when.", {
  every: integer("Every Nth hit.", { unit: "executions", min: 1 }),
  probability: fraction("Of being delayed, for each hit that `every` chose.", {
    unit: "probability",
    max: 1,
  }),
  times: nullable(integer("Delays at the most; null is no limit.", { unit: "delays" })),
  start_ns: integer("Start of the window, after the probe became live.", NS),
  duration_ns: nullable(integer("Length of the window; null is for ever.", NS)),
  how: choice("What a delay does: keep the processor, or give it away.", ["spin", "sleep"]),
}, { name: "Schedule" });

const place = {
  target: string("The canonical target, `FILE:SYMBOL[%return]`.", { maxLength: MAX_INTEGER }),
  symbol: string("The symbol.", { maxLength: MAX_INTEGER }),
};

const delay = {
  delay: string("The delay as it was written."),
  delay_ns: integer("Its mean.", NS),
};

const floor = {
  floor_ns: nullable(
    integer("The smallest time that a hit can cost; null where it could not be measured.", NS),
  ),
  floor_source: choice("Whether it was measured on this machine.", ["calibrated", "unknown"]),
};

const compensated = boolean("Whether the floor is subtracted from the delay.");

const counts = {
  hits: integer("Executions in scope while the window was open.", { unit: "executions" }),
  delayed: integer("Hits that the schedule chose, cut ones among them.", { unit: "executions" }),
  cut: integer("Delays that ended early.", { unit: "delays" }),
  misses: integer("Executions known not to have been counted; no part of `hits`.", { unit: "executions" }),
  clipped: integer("Draws outside 0 to 10 s, clipped to it.", { unit: "draws" }),
  added_ns: integer("Sum of what delayed, uncut hits took longer.", NS),
  overhead_ns: integer("What hits cost that were not delayed: floor × (hits − delayed).", NS),
  min_ns: nullable(
    integer("The least that a delayed, uncut hit took longer; null where there was none.", NS),
  ),
  mean_ns: nullable(integer("The mean of what such hits took longer; null where there was none.", NS)),
};

const max_ns = nullable(integer("The most that such a hit took longer; null where there was none.", NS));

function quantile(percent: number) {
  return nullable(
    integer(`The quantile of ${percent} %, from the histogram; null where there was no such hit.`, NS),
  );
}

const bucket = object("Delays by length, over [`ge_ns`, `lt_ns`).", {
  ge_ns: integer("The least that belongs to it.", NS),
  lt_ns: integer("The least that does not.", NS),
  count: integer("Delayed, uncut hits in it.", { unit: "executions" }),
}, { name: "Bucket" });

/** A number's `site`. */
const SITE =
  "The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`, or `trampoline`";

const site = object("A breakpoint.", {
  file_offset: string("Where it sits in the file.", ADDRESS),
  site: nullable(string(`${SITE}; null where the backend does not keep it.`)),
}, { name: "Site" });

const condition = object("A hit counts only when it holds.", {
  mask: string("Bits of the flags register.", ADDRESS),
  when: choice("How they must be.", ["set", "clear"]),
}, { name: "Condition" });

const plannedSite = object("Where a breakpoint would sit.", {
  file_offset: string("Where in the file.", ADDRESS),
  site: string(`${SITE}.`),
  instruction: string("The instruction, for people."),
  condition: nullable(condition, {
    sentence: "When an execution is a hit; null where each is.",
  }),
}, { name: "PlannedSite" });

/** What a client calls a probe. */
export const probeId = string("The id of a probe, `p1`.", { minLength: 1, maxLength: 64 });

/** A probe of the session. */
export const probeRow = object("A probe, with its figures so far.", {
  id: probeId,
  backend: string(BACKEND),
  isolation: choice("How processes out of scope are kept free of the trap.", [
    "private-file",
    "per-process",
    "shared",
  ]),
  persistent: boolean("Whether it stays when every process of `sb` has ended."),
  owner: nullable(owner, {
    sentence: "The process whose end takes it away; null where there is none.",
  }),
  scope,
  tag: nullable(string("Its name; null where it has none.")),
  target: place.target,
  symbol: place.symbol,
  file,
  sites: list("Its breakpoints; none where they are not told.", site),
  state: choice("`live`: the breakpoints are in; `stale`: the file was replaced.", [
    "live",
    "disabled",
    "stale",
  ]),
  ...delay,
  schedule,
  compensated,
  ...floor,
  ...counts,
  max_ns,
  outside: integer("Executions out of scope that trapped and were turned away.", { unit: "executions" }),
}, { name: "ProbeRow" });

/** A row of a list: `sb list --json` has the same, without `symbol` and `scope.path`. */
export const listedProbe = object("A probe of any session, or of none, with its figures so far.", {
  ...probeRow.members,
  id: nullable(string("By which the methods know it; null for a probe that only its owner changes.")),
  isolation: nullable(choice(
    "How processes out of scope are kept free of the trap; null where it is not told.",
    probeRow.members.isolation.values,
  )),
  symbol: nullable(string("The symbol; null where it is not told.", { maxLength: MAX_INTEGER })),
}, { name: "ListedProbe" });

/** What a probe did: `sb run --json` has the same, without the id. */
export const statistics = object("What a probe did.", {
  id: probeId,
  ...place,
  aliases: list("The other names of the same address.", string("A symbol.", { maxLength: MAX_INTEGER })),
  file,
  file_offset: string("Of the first breakpoint.", ADDRESS),
  site: string(`${SITE}; several are joined by \`+\`.`),
  ...delay,
  ...floor,
  compensated,
  ...counts,
  p50_ns: quantile(50),
  p90_ns: quantile(90),
  p99_ns: quantile(99),
  max_ns,
  histogram: list("Buckets that are not empty, in order.", bucket),
}, { name: "Stats" });

/** What would be applied: `sb run --dry-run --json` has the same. */
export const planned = object("A probe as it would be applied.", {
  ...place,
  demangled: nullable(
    string("The symbol demangled; null where it is not mangled.", { maxLength: MAX_INTEGER }),
  ),
  aliases: list("The other names of the same address.", string("A symbol.", { maxLength: MAX_INTEGER })),
  file: plannedFile,
  file_offset: string("Of the first breakpoint.", ADDRESS),
  at: choice("Whether the delay is at entry or at return.", ["entry", "return"]),
  attach: choice("Breakpoints at `sites`, or a uretprobe.", ["sites", "trampoline"]),
  sites: list("Where the breakpoints would sit.", plannedSite),
  ...delay,
  ...floor,
  compensated,
  schedule,
}, { name: "Planned" });

/** A symbol of a file: `sb symbols --json` has the same. */
export const symbol = object("A symbol of a file.", {
  name: string("As the file has it.", { maxLength: MAX_INTEGER }),
  demangled: nullable(string("Demangled; null where it is not mangled.", { maxLength: MAX_INTEGER })),
  version: nullable(string("Its version, `GLIBC_2.14`; null where it has none.")),
  size_bytes: integer("Of the function.", { unit: "bytes" }),
  value: string("Its address in the file's own terms.", ADDRESS),
  file_offset: nullable(string("Where it begins in the file; null for imports.", ADDRESS)),
  kind: choice("What it is.", ["function", "ifunc", "import", "data"]),
  source: choice("Where it was found.", ["symtab", "dynsym", "debug", "gnu_debugdata"]),
  probeable: boolean("Whether a target may name it."),
}, { name: "Symbol" });

/** What the server bounds, for this peer. */
export const limits = object("What the server bounds, for this peer; null is no bound.", {
  line_bytes: integer("The longest line.", { unit: "bytes" }),
  nesting: integer("Arrays and objects within each other.", { unit: "levels" }),
  queued_bytes: integer("What may wait for a client that does not read.", { unit: "bytes" }),
  batch: integer("Requests in a batch.", { unit: "requests" }),
  connections: nullable(
    integer("Connections and detached sessions of the peer's user.", { unit: "connections" }),
  ),
  probes: nullable(integer("Probes of the peer's user.", { unit: "probes" })),
  counts: nullable(integer("Counts of the peer's user.", { unit: "counts" })),
  delay_ns: integer("The longest delay of a hit.", NS),
}, { name: "Limits" });
