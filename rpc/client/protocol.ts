// deno-fmt-ignore-file
/** The protocol as types. Made from rpc/schema by scripts/gen_docs.ts; edit the schema, not this file. */

/** What the server bounds, for this peer; null is no bound. */
export interface Limits {
  /** The longest line (bytes). */
  line_bytes: number;
  /** Arrays and objects within each other (levels). */
  nesting: number;
  /** What may wait for a client that does not read (bytes). */
  queued_bytes: number;
  /** Requests in a batch (requests). */
  batch: number;
  /** Connections and detached sessions of the peer's user (connections). */
  connections: number | null;
  /** Probes of the peer's user (probes). */
  probes: number | null;
  /** Counts of the peer's user (counts). */
  counts: number | null;
  /** The longest delay of a hit (nanoseconds). */
  delay_ns: number;
}

/** The server. */
export interface ServerInfo {
  /** The version of `sb`. */
  version: string;
  /** What can carry probes out, the one in use first. */
  backends: string[];
  /** What this kernel offers of what may be missing. */
  features: string[];
  /** Of this protocol: methods and members may be added to it, none changes its meaning (version). */
  abi: number;
  /** The server's process (process id). */
  pid: number;
  /** The user that it runs as (user id). */
  uid: number;
  /** What the server bounds, for this peer; null is no bound. */
  limits: Limits;
}

/** The processes that a probe applies to; the caller and its descendants where it is absent. */
export type ScopeAsked = {
  /** The root of a process tree: a process, not a thread (process id). */
  tree: number;
  cgroup?: undefined;
  system?: undefined;
} | {
  /** A folder of the cgroup hierarchy (version 2), those below included; root only. */
  cgroup: string;
  tree?: undefined;
  system?: undefined;
} | {
  /** All processes; root only. */
  system: true;
  tree?: undefined;
  cgroup?: undefined;
};

/** A probe as it is asked for. */
export type AddParams = {
  /** What to delay, `FILE:PLACE[%return]`; a glob or `/regex/` names several functions. */
  target: string;
  /** The processes that a probe applies to; the caller and its descendants where it is absent. */
  scope?: ScopeAsked;
  /** Entry or return; may not contradict a target's `%return`. */
  at?: "entry" | "return";
  /** What a delay does: keep the processor, or give it away. */
  how?: "spin" | "sleep";
  /** Every Nth hit is delayed (executions). */
  every?: number;
  /** Of being delayed, for each hit that `every` chose (probability). */
  probability?: number;
  /** Delays at the most; null is no limit (delays). */
  times?: number | null;
  /** Start of the window, after the probe became live (nanoseconds). */
  start_ns?: number;
  /** Length of the window; null is for ever (nanoseconds). */
  duration_ns?: number | null;
  /** Whether the floor is subtracted from the delay. */
  compensate?: boolean;
  /** How processes out of scope are kept free of the trap: by having no breakpoint, or by being turned away. */
  isolation?: "auto" | "per-process" | "shared";
} & ({
  /** A delay with its schedule, `DELAY{,KEY=VALUE}`: `5us`, `exp:2us,every=10`. */
  spec: string;
  delay_ns?: undefined;
} | {
  /** A fixed delay (nanoseconds). */
  delay_ns: number;
  spec?: undefined;
});

/** A process. */
export interface Owner {
  /** Its id, as the server sees it (process id). */
  pid: number;
  /** Its name; null where it has ended. */
  comm: string | null;
}

/** The processes that a probe applies to; members of another kind are null. */
export interface Scope {
  /** A process tree, a cgroup or all processes. */
  kind: "tree" | "cgroup" | "all";
  /** The root of the tree (process id). */
  pid: number | null;
  /** The name of the root; null where it has ended. */
  comm: string | null;
  /** Processes in the tree now; null where the backend cannot tell (processes). */
  members: number | null;
  /** The folder of the cgroup. */
  path: string | null;
}

/** The file that holds the site. */
export interface File {
  /** Its path, links resolved. */
  path: string;
  /** Its build id in hexadecimal; null where it has none. */
  build_id: string | null;
  /** Whether another file is at that path by now. */
  replaced: boolean;
}

/** A breakpoint. */
export interface Site {
  /** Where it sits in the file. */
  file_offset: string;
  /** The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`, or `trampoline`; null where the backend does not keep it. */
  site: string | null;
}

/** Which hits are delayed, and when. */
export interface Schedule {
  /** Every Nth hit (executions). */
  every: number;
  /** Of being delayed, for each hit that `every` chose (probability). */
  probability: number;
  /** Delays at the most; null is no limit (delays). */
  times: number | null;
  /** Start of the window, after the probe became live (nanoseconds). */
  start_ns: number;
  /** Length of the window; null is for ever (nanoseconds). */
  duration_ns: number | null;
  /** What a delay does: keep the processor, or give it away. */
  how: "spin" | "sleep";
}

/** A probe, with its figures so far. */
export interface ProbeRow {
  /** The id of a probe, `p1`. */
  id: string;
  /** What carries it out: `ebpf` or `kmod`. */
  backend: string;
  /** How processes out of scope are kept free of the trap. */
  isolation: "private-file" | "per-process" | "shared";
  /** Whether it stays when every process of `sb` has ended. */
  persistent: boolean;
  /** The process whose end takes it away; null where there is none. */
  owner: Owner | null;
  /** The processes that a probe applies to; members of another kind are null. */
  scope: Scope;
  /** Its name; null where it has none. */
  tag: string | null;
  /** The canonical target, `FILE:SYMBOL[%return]`. */
  target: string;
  /** The symbol. */
  symbol: string;
  /** The file that holds the site. */
  file: File;
  /** Its breakpoints; none where they are not told. */
  sites: Site[];
  /** `live`: the breakpoints are in; `stale`: the file was replaced. */
  state: "live" | "disabled" | "stale";
  /** The delay as it was written. */
  delay: string;
  /** Its mean (nanoseconds). */
  delay_ns: number;
  /** Which hits are delayed, and when. */
  schedule: Schedule;
  /** Whether the floor is subtracted from the delay. */
  compensated: boolean;
  /** The smallest time that a hit can cost; null where it could not be measured (nanoseconds). */
  floor_ns: number | null;
  /** Whether it was measured on this machine. */
  floor_source: "calibrated" | "unknown";
  /** Executions in scope while the window was open (executions). */
  hits: number;
  /** Hits that the schedule chose, cut ones among them (executions). */
  delayed: number;
  /** Delays that ended early (delays). */
  cut: number;
  /** Executions known not to have been counted; no part of `hits` (executions). */
  misses: number;
  /** Draws outside 0 to 10 s, clipped to it (draws). */
  clipped: number;
  /** Sum of what delayed, uncut hits took longer (nanoseconds). */
  added_ns: number;
  /** What hits cost that were not delayed: floor × (hits − delayed) (nanoseconds). */
  overhead_ns: number;
  /** The least that a delayed, uncut hit took longer; null where there was none (nanoseconds). */
  min_ns: number | null;
  /** The mean of what such hits took longer; null where there was none (nanoseconds). */
  mean_ns: number | null;
  /** The most that such a hit took longer; null where there was none (nanoseconds). */
  max_ns: number | null;
  /** Executions out of scope that trapped and were turned away (executions). */
  outside: number;
}

/** What was added. */
export interface Probes {
  /** One for each function that the target names. */
  probes: ProbeRow[];
}

/** The file that holds the site. */
export interface PlannedFile {
  /** Its path, links resolved. */
  path: string;
  /** Its build id in hexadecimal; null where it has none. */
  build_id: string | null;
}

/** A hit counts only when it holds. */
export interface Condition {
  /** Bits of the flags register. */
  mask: string;
  /** How they must be. */
  when: "set" | "clear";
}

/** Where a breakpoint would sit. */
export interface PlannedSite {
  /** Where in the file. */
  file_offset: string;
  /** The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`, or `trampoline`. */
  site: string;
  /** The instruction, for people. */
  instruction: string;
  /** When an execution is a hit; null where each is. */
  condition: Condition | null;
}

/** A probe as it would be applied. */
export interface Planned {
  /** The canonical target, `FILE:SYMBOL[%return]`. */
  target: string;
  /** The symbol. */
  symbol: string;
  /** The symbol demangled; null where it is not mangled. */
  demangled: string | null;
  /** The other names of the same address. */
  aliases: string[];
  /** The file that holds the site. */
  file: PlannedFile;
  /** Of the first breakpoint. */
  file_offset: string;
  /** Whether the delay is at entry or at return. */
  at: "entry" | "return";
  /** Breakpoints at `sites`, or a uretprobe. */
  attach: "sites" | "trampoline";
  /** Where the breakpoints would sit. */
  sites: PlannedSite[];
  /** The delay as it was written. */
  delay: string;
  /** Its mean (nanoseconds). */
  delay_ns: number;
  /** The smallest time that a hit can cost; null where it could not be measured (nanoseconds). */
  floor_ns: number | null;
  /** Whether it was measured on this machine. */
  floor_source: "calibrated" | "unknown";
  /** Whether the floor is subtracted from the delay. */
  compensated: boolean;
  /** Which hits are delayed, and when. */
  schedule: Schedule;
}

/** What would be added. */
export interface Plan {
  /** One for each function that the target names. */
  probes: Planned[];
  /** What a pattern left out, and why. */
  notes: string[];
}

/** A change of a probe; what is not named is kept. */
export interface UpdateParams {
  /** The id of a probe, `p1`. */
  probe: string;
  /** A delay with its schedule, `DELAY{,KEY=VALUE}`: `5us`, `exp:2us,every=10`. */
  spec?: string;
  /** A fixed delay (nanoseconds). */
  delay_ns?: number;
  /** What a delay does: keep the processor, or give it away. */
  how?: "spin" | "sleep";
  /** Every Nth hit is delayed (executions). */
  every?: number;
  /** Of being delayed, for each hit that `every` chose (probability). */
  probability?: number;
  /** Delays at the most; null is no limit (delays). */
  times?: number | null;
  /** Start of the window, after the probe became live (nanoseconds). */
  start_ns?: number;
  /** Length of the window; null is for ever (nanoseconds). */
  duration_ns?: number | null;
  /** Whether the floor is subtracted from the delay. */
  compensate?: boolean;
}

/** Delays by length, over [`ge_ns`, `lt_ns`). */
export interface Bucket {
  /** The least that belongs to it (nanoseconds). */
  ge_ns: number;
  /** The least that does not (nanoseconds). */
  lt_ns: number;
  /** Delayed, uncut hits in it (executions). */
  count: number;
}

/** What a probe did. */
export interface Stats {
  /** The id of a probe, `p1`. */
  id: string;
  /** The canonical target, `FILE:SYMBOL[%return]`. */
  target: string;
  /** The symbol. */
  symbol: string;
  /** The other names of the same address. */
  aliases: string[];
  /** The file that holds the site. */
  file: File;
  /** Of the first breakpoint. */
  file_offset: string;
  /** The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`, or `trampoline`; several are joined by `+`. */
  site: string;
  /** The delay as it was written. */
  delay: string;
  /** Its mean (nanoseconds). */
  delay_ns: number;
  /** The smallest time that a hit can cost; null where it could not be measured (nanoseconds). */
  floor_ns: number | null;
  /** Whether it was measured on this machine. */
  floor_source: "calibrated" | "unknown";
  /** Whether the floor is subtracted from the delay. */
  compensated: boolean;
  /** Executions in scope while the window was open (executions). */
  hits: number;
  /** Hits that the schedule chose, cut ones among them (executions). */
  delayed: number;
  /** Delays that ended early (delays). */
  cut: number;
  /** Executions known not to have been counted; no part of `hits` (executions). */
  misses: number;
  /** Draws outside 0 to 10 s, clipped to it (draws). */
  clipped: number;
  /** Sum of what delayed, uncut hits took longer (nanoseconds). */
  added_ns: number;
  /** What hits cost that were not delayed: floor × (hits − delayed) (nanoseconds). */
  overhead_ns: number;
  /** The least that a delayed, uncut hit took longer; null where there was none (nanoseconds). */
  min_ns: number | null;
  /** The mean of what such hits took longer; null where there was none (nanoseconds). */
  mean_ns: number | null;
  /** The quantile of 50 %, from the histogram; null where there was no such hit (nanoseconds). */
  p50_ns: number | null;
  /** The quantile of 90 %, from the histogram; null where there was no such hit (nanoseconds). */
  p90_ns: number | null;
  /** The quantile of 99 %, from the histogram; null where there was no such hit (nanoseconds). */
  p99_ns: number | null;
  /** The most that such a hit took longer; null where there was none (nanoseconds). */
  max_ns: number | null;
  /** Buckets that are not empty, in order. */
  histogram: Bucket[];
}

/** A probe of any session, or of none, with its figures so far. */
export interface ListedProbe extends Omit<ProbeRow, "id" | "isolation" | "symbol"> {
  /** By which the methods know it; null for a probe that only its owner changes. */
  id: string | null;
  /** How processes out of scope are kept free of the trap; null where it is not told. */
  isolation: "private-file" | "per-process" | "shared" | null;
  /** The symbol; null where it is not told. */
  symbol: string | null;
}

/** Probes, in the order in which they were added. */
export interface ProbeList {
  /** The probes. */
  probes: ListedProbe[];
  /** What the session's probes missed, and why: processes that were late or could not be followed. */
  notes: string[];
}

/** Figures. */
export interface AllStats {
  /** One for each probe. */
  probes: Stats[];
  /** What the session's probes missed, and why: processes that were late or could not be followed. */
  notes: string[];
}

/** A subscription. */
export interface Subscribed {
  /** The id of a subscription, `s1`. */
  subscription: string;
}

/** A symbol of a file. */
export interface Symbol {
  /** As the file has it. */
  name: string;
  /** Demangled; null where it is not mangled. */
  demangled: string | null;
  /** Its version, `GLIBC_2.14`; null where it has none. */
  version: string | null;
  /** Of the function (bytes). */
  size_bytes: number;
  /** Its address in the file's own terms. */
  value: string;
  /** Where it begins in the file; null for imports. */
  file_offset: string | null;
  /** What it is. */
  kind: "function" | "ifunc" | "import" | "data";
  /** Where it was found. */
  source: "symtab" | "dynsym" | "debug" | "gnu_debugdata";
  /** Whether a target may name it. */
  probeable: boolean;
}

/** Symbols. */
export interface Symbols {
  /** In the order of the file. */
  symbols: Symbol[];
  /** Whether there are more. */
  truncated: boolean;
}

/** A count. */
export interface Counting {
  /** The id of a count, `c1`. */
  count: string;
  /** The root of the tree, as the server sees it (process id). */
  pid: number;
}

/** A process of a counted tree, with what it did since it is counted. */
export interface CountedProcess {
  /** Rises with each process that comes into the tree (row). */
  row: number;
  /** Its id, as the server sees it; null where it has none there (process id). */
  pid: number | null;
  /** The name of its main thread, the last that it had. */
  comm: string;
  /** Whether it is the root of the tree. */
  root: boolean;
  /** `left`: it executed a program with other rights, and is not counted since. */
  state: "live" | "ended" | "left";
  /** How long it has been counted (nanoseconds). */
  counted_ns: number;
  /** Calls of `__kmalloc`: allocations whose size is no constant (executions). */
  kmalloc: number;
  /** Calls of `kfree` (executions). */
  kfree: number;
  /** Bytes asked for in those calls of `__kmalloc` that succeeded (bytes). */
  kmalloc_bytes: number;
  /** Bytes freed of what counted processes had asked for (bytes). */
  kfree_bytes: number;
  /** Calls of `schedule` (executions). */
  sched: number;
  /** Calls of `up` (executions). */
  up: number;
  /** Calls of `down_interruptible` (executions). */
  down: number;
  /** Calls of `mutex_lock` (executions). */
  lock: number;
  /** Calls of `mutex_unlock` (executions). */
  unlock: number;
  /** Calls of `kfree`, part of `kfree`, of memory of unknown size (executions). */
  unknown: number;
}

/** The sum over the tree, processes that ended included. */
export interface CountFigures {
  /** Calls of `__kmalloc`: allocations whose size is no constant (executions). */
  kmalloc: number;
  /** Calls of `kfree` (executions). */
  kfree: number;
  /** Bytes asked for in those calls of `__kmalloc` that succeeded (bytes). */
  kmalloc_bytes: number;
  /** Bytes freed of what counted processes had asked for (bytes). */
  kfree_bytes: number;
  /** Calls of `schedule` (executions). */
  sched: number;
  /** Calls of `up` (executions). */
  up: number;
  /** Calls of `down_interruptible` (executions). */
  down: number;
  /** Calls of `mutex_lock` (executions). */
  lock: number;
  /** Calls of `mutex_unlock` (executions). */
  unlock: number;
  /** Calls of `kfree`, part of `kfree`, of memory of unknown size (executions). */
  unknown: number;
}

/** A count as it was at a moment. */
export interface CountReading {
  /** The id of a count, `c1`. */
  count: string;
  /** The root of the tree, as the server sees it (process id). */
  pid: number;
  /** When it was read, by CLOCK_MONOTONIC (nanoseconds). */
  at_ns: number;
  /** Processes that there are figures of (processes). */
  known: number;
  /** Those of them that have neither ended nor left (processes). */
  live: number;
  /** By rising row; the root comes first. */
  processes: CountedProcess[];
  /** Whether there are processes behind the last of these. */
  has_more: boolean;
  /** The sum over the tree, processes that ended included. */
  total: CountFigures;
  /** Ended processes whose figures are in the total only (processes). */
  dropped: number;
  /** Descendants that could not be followed: nothing of them is in the figures (processes). */
  missed: number;
  /** Allocations, of whomever, that found the tracer's table of sizes full (executions). */
  untracked: number;
}

/** What resumes it. */
export interface Detached {
  /** 128 random bits, in hexadecimal. */
  token: string;
}

/** Figures at a moment. */
export interface Tick {
  /** The id of a subscription, `s1`. */
  subscription: string;
  /** When they were read, by CLOCK_MONOTONIC (nanoseconds). */
  at_ns: number;
  /** One for each probe. */
  probes: Stats[];
}

/** Which, and why. */
export interface Ended {
  /** The id of a probe, `p1`. */
  probe: string;
  /** The last process of its tree ended; root removed it; `expired` is for probes with an end of their own, which none has yet. */
  why: "scope empty" | "removed" | "expired";
}

/** Method → what it takes and answers. */
export interface Methods {
  /** Describes every method as an OpenRPC document. */
  "rpc.discover": {
    params: Record<string, never>;
    result: Record<string, unknown>;
  };
  /** Tells what the server is and can do. */
  "server.info": {
    params: Record<string, never>;
    result: ServerInfo;
  };
  /** Adds probes, all or none. */
  "probe.add": {
    params: AddParams;
    result: Probes;
  };
  /** Resolves and judges what `probe.add` would add, and applies nothing. */
  "probe.plan": {
    params: AddParams;
    result: Plan;
  };
  /** Changes a probe while it is live. */
  "probe.update": {
    params: UpdateParams;
    result: Record<string, never>;
  };
  /** Removes a probe and answers its last figures. */
  "probe.remove": {
    params: {
      /** The id of a probe, `p1`. */
      probe: string;
    };
    result: Stats;
  };
  /** Lists the probes of the session. */
  "probe.list": {
    params: {
      /** Those of all sessions: of every user for root, of one's own otherwise. */
      all?: boolean;
    };
    result: ProbeList;
  };
  /** Lets a probe, or all of the session, delay again. */
  "probe.enable": {
    params: {
      /** The id of a probe, `p1`. */
      probe?: string;
    };
    result: Record<string, never>;
  };
  /** Keeps a probe, or all of the session, from delaying and counting. */
  "probe.disable": {
    params: {
      /** The id of a probe, `p1`. */
      probe?: string;
    };
    result: Record<string, never>;
  };
  /** Removes a probe, or all of the session. */
  "probe.clear": {
    params: {
      /** The id of a probe, `p1`. */
      probe?: string;
    };
    result: Record<string, never>;
  };
  /** Answers what a probe, or each of the session, did so far. */
  "probe.stats": {
    params: {
      /** The id of a probe, `p1`. */
      probe?: string;
    };
    result: AllStats;
  };
  /** Sends `stats.tick` at an interval, until `stats.unsubscribe` or the end of the session. */
  "stats.subscribe": {
    params: {
      /** From one to the next (nanoseconds). */
      interval_ns: number;
    };
    result: Subscribed;
  };
  /** Ends a subscription. */
  "stats.unsubscribe": {
    params: {
      /** The id of a subscription, `s1`. */
      subscription: string;
    };
    result: Record<string, never>;
  };
  /** Lists symbols of a file. */
  "symbols.search": {
    params: {
      /** A path, or the name of a library as in a target. */
      file: string;
      /** A part of a name, a glob or `/regex/`; all symbols where it is absent. */
      pattern?: string;
      /** Symbols at the most (symbols). */
      limit?: number;
      /** A process in whose mount namespace the file is (process id). */
      pid?: number;
    };
    result: Symbols;
  };
  /** Counts what a process tree makes the kernel do, from now on. */
  "count.add": {
    params: {
      /** The root of a process tree: a process, not a thread; the caller where it is absent (process id). */
      pid?: number;
    };
    result: Counting;
  };
  /** Ends a count and answers its last figures. */
  "count.remove": {
    params: {
      /** The id of a count, `c1`. */
      count: string;
    };
    result: CountReading;
  };
  /** Answers what was counted so far. */
  "count.read": {
    params: {
      /** The id of a count, `c1`. */
      count: string;
      /** Processes with a row above this one (row). */
      after?: number;
      /** Processes at the most (processes). */
      limit?: number;
    };
    result: CountReading;
  };
  /** Keeps the session's probes and counts for a while, for another connection to resume. */
  "session.detach": {
    params: {
      /** 1 s to 1 h, from now (nanoseconds). */
      ttl_ns: number;
    };
    result: Detached;
  };
  /** Takes a detached session over. */
  "session.resume": {
    params: {
      /** 128 random bits, in hexadecimal. */
      token: string;
    };
    result: Probes;
  };
}

/** Notification → what it carries. */
export interface Notifications {
  /** The figures of the session's probes, for a subscription. */
  "stats.tick": Tick;
  /** A probe is no longer there, and the session did not ask for it. */
  "probe.ended": Ended;
}

/** The name of a method. */
export type MethodName = keyof Methods;

/** What a method takes. */
export type ParamsOf<M extends MethodName> = Methods[M]["params"];

/** What a method answers. */
export type ResultOf<M extends MethodName> = Methods[M]["result"];
