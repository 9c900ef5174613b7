"""The objects of the protocol, as dictionaries: docs/rpc.md has them in words.

Made from rpc/schema by scripts/gen_docs.ts; edit the schema, not this file.
"""

from typing import List, Literal, Optional, TypedDict


class Limits(TypedDict):
    """What the server bounds, for this peer; null is no bound."""

    # The longest line (bytes).
    line_bytes: int
    # Arrays and objects within each other (levels).
    nesting: int
    # What may wait for a client that does not read (bytes).
    queued_bytes: int
    # Requests in a batch (requests).
    batch: int
    # Connections and detached sessions of the peer's user (connections).
    connections: Optional[int]
    # Probes of the peer's user (probes).
    probes: Optional[int]
    # Counts of the peer's user (counts).
    counts: Optional[int]
    # The longest delay of a hit (nanoseconds).
    delay_ns: int


class ServerInfo(TypedDict):
    """The server."""

    # The version of `sb`.
    version: str
    # What can carry probes out, the one in use first.
    backends: List[str]
    # What this kernel offers of what may be missing.
    features: List[str]
    # Of this protocol: methods and members may be added to it, none changes its meaning (version).
    abi: int
    # The server's process (process id).
    pid: int
    # The user that it runs as (user id).
    uid: int
    # What the server bounds, for this peer; null is no bound.
    limits: Limits


class ScopeAsked(TypedDict, total=False):
    """The processes that a probe applies to; the caller and its descendants where it is absent."""

    # The root of a process tree: a process, not a thread (process id).
    tree: int
    # A folder of the cgroup hierarchy (version 2), those below included; root only.
    cgroup: str
    # All processes; root only.
    system: Literal[True]


class _AddParamsRequired(TypedDict):
    """A probe as it is asked for."""

    # What to delay, `FILE:PLACE[%return]`; a glob or `/regex/` names several functions.
    target: str


class AddParams(_AddParamsRequired, total=False):
    """A probe as it is asked for."""

    # A delay with its schedule, `DELAY{,KEY=VALUE}`: `5us`, `exp:2us,every=10`.
    spec: str
    # A fixed delay (nanoseconds).
    delay_ns: int
    # The processes that a probe applies to; the caller and its descendants where it is absent.
    scope: ScopeAsked
    # Entry or return; may not contradict a target's `%return`.
    at: Literal["entry", "return"]
    # What a delay does: keep the processor, or give it away.
    how: Literal["spin", "sleep"]
    # Every Nth hit is delayed (executions).
    every: int
    # Of being delayed, for each hit that `every` chose (probability).
    probability: float
    # Delays at the most; null is no limit (delays).
    times: Optional[int]
    # Start of the window, after the probe became live (nanoseconds).
    start_ns: int
    # Length of the window; null is for ever (nanoseconds).
    duration_ns: Optional[int]
    # Whether the floor is subtracted from the delay.
    compensate: bool
    # How processes out of scope are kept free of the trap: by having no breakpoint, or by being
    # turned away.
    isolation: Literal["auto", "per-process", "shared"]


class Owner(TypedDict):
    """A process."""

    # Its id, as the server sees it (process id).
    pid: int
    # Its name; null where it has ended.
    comm: Optional[str]


class Scope(TypedDict):
    """The processes that a probe applies to; members of another kind are null."""

    # A process tree, a cgroup or all processes.
    kind: Literal["tree", "cgroup", "all"]
    # The root of the tree (process id).
    pid: Optional[int]
    # The name of the root; null where it has ended.
    comm: Optional[str]
    # Processes in the tree now; null where the backend cannot tell (processes).
    members: Optional[int]
    # The folder of the cgroup.
    path: Optional[str]


class File(TypedDict):
    """The file that holds the site."""

    # Its path, links resolved.
    path: str
    # Its build id in hexadecimal; null where it has none.
    build_id: Optional[str]
    # Whether another file is at that path by now.
    replaced: bool


class Site(TypedDict):
    """A breakpoint."""

    # Where it sits in the file.
    file_offset: str
    # The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`,
    # or `trampoline`; null where the backend does not keep it.
    site: Optional[str]


class Schedule(TypedDict):
    """Which hits are delayed, and when."""

    # Every Nth hit (executions).
    every: int
    # Of being delayed, for each hit that `every` chose (probability).
    probability: float
    # Delays at the most; null is no limit (delays).
    times: Optional[int]
    # Start of the window, after the probe became live (nanoseconds).
    start_ns: int
    # Length of the window; null is for ever (nanoseconds).
    duration_ns: Optional[int]
    # What a delay does: keep the processor, or give it away.
    how: Literal["spin", "sleep"]


class ProbeRow(TypedDict):
    """A probe, with its figures so far."""

    # The id of a probe, `p1`.
    id: str
    # What carries it out: `ebpf` or `kmod`.
    backend: str
    # How processes out of scope are kept free of the trap.
    isolation: Literal["private-file", "per-process", "shared"]
    # Whether it stays when every process of `sb` has ended.
    persistent: bool
    # The process whose end takes it away; null where there is none.
    owner: Optional[Owner]
    # The processes that a probe applies to; members of another kind are null.
    scope: Scope
    # Its name; null where it has none.
    tag: Optional[str]
    # The canonical target, `FILE:SYMBOL[%return]`.
    target: str
    # The symbol.
    symbol: str
    # The file that holds the site.
    file: File
    # Its breakpoints; none where they are not told.
    sites: List[Site]
    # `live`: the breakpoints are in; `stale`: the file was replaced.
    state: Literal["live", "disabled", "stale"]
    # The delay as it was written.
    delay: str
    # Its mean (nanoseconds).
    delay_ns: int
    # Which hits are delayed, and when.
    schedule: Schedule
    # Whether the floor is subtracted from the delay.
    compensated: bool
    # The smallest time that a hit can cost; null where it could not be measured (nanoseconds).
    floor_ns: Optional[int]
    # Whether it was measured on this machine.
    floor_source: Literal["calibrated", "unknown"]
    # Executions in scope while the window was open (executions).
    hits: int
    # Hits that the schedule chose, cut ones among them (executions).
    delayed: int
    # Delays that ended early (delays).
    cut: int
    # Executions known not to have been counted; no part of `hits` (executions).
    misses: int
    # Draws outside 0 to 10 s, clipped to it (draws).
    clipped: int
    # Sum of what delayed, uncut hits took longer (nanoseconds).
    added_ns: int
    # What hits cost that were not delayed: floor × (hits − delayed) (nanoseconds).
    overhead_ns: int
    # The least that a delayed, uncut hit took longer; null where there was none (nanoseconds).
    min_ns: Optional[int]
    # The mean of what such hits took longer; null where there was none (nanoseconds).
    mean_ns: Optional[int]
    # The most that such a hit took longer; null where there was none (nanoseconds).
    max_ns: Optional[int]
    # Executions out of scope that trapped and were turned away (executions).
    outside: int


class Probes(TypedDict):
    """What was added."""

    # One for each function that the target names.
    probes: List[ProbeRow]


class PlannedFile(TypedDict):
    """The file that holds the site."""

    # Its path, links resolved.
    path: str
    # Its build id in hexadecimal; null where it has none.
    build_id: Optional[str]


class Condition(TypedDict):
    """A hit counts only when it holds."""

    # Bits of the flags register.
    mask: str
    # How they must be.
    when: Literal["set", "clear"]


class PlannedSite(TypedDict):
    """Where a breakpoint would sit."""

    # Where in the file.
    file_offset: str
    # The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`,
    # or `trampoline`.
    site: str
    # The instruction, for people.
    instruction: str
    # When an execution is a hit; null where each is.
    condition: Optional[Condition]


class Planned(TypedDict):
    """A probe as it would be applied."""

    # The canonical target, `FILE:SYMBOL[%return]`.
    target: str
    # The symbol.
    symbol: str
    # The symbol demangled; null where it is not mangled.
    demangled: Optional[str]
    # The other names of the same address.
    aliases: List[str]
    # The file that holds the site.
    file: PlannedFile
    # Of the first breakpoint.
    file_offset: str
    # Whether the delay is at entry or at return.
    at: Literal["entry", "return"]
    # Breakpoints at `sites`, or a uretprobe.
    attach: Literal["sites", "trampoline"]
    # Where the breakpoints would sit.
    sites: List[PlannedSite]
    # The delay as it was written.
    delay: str
    # Its mean (nanoseconds).
    delay_ns: int
    # The smallest time that a hit can cost; null where it could not be measured (nanoseconds).
    floor_ns: Optional[int]
    # Whether it was measured on this machine.
    floor_source: Literal["calibrated", "unknown"]
    # Whether the floor is subtracted from the delay.
    compensated: bool
    # Which hits are delayed, and when.
    schedule: Schedule


class Plan(TypedDict):
    """What would be added."""

    # One for each function that the target names.
    probes: List[Planned]
    # What a pattern left out, and why.
    notes: List[str]


class _UpdateParamsRequired(TypedDict):
    """A change of a probe; what is not named is kept."""

    # The id of a probe, `p1`.
    probe: str


class UpdateParams(_UpdateParamsRequired, total=False):
    """A change of a probe; what is not named is kept."""

    # A delay with its schedule, `DELAY{,KEY=VALUE}`: `5us`, `exp:2us,every=10`.
    spec: str
    # A fixed delay (nanoseconds).
    delay_ns: int
    # What a delay does: keep the processor, or give it away.
    how: Literal["spin", "sleep"]
    # Every Nth hit is delayed (executions).
    every: int
    # Of being delayed, for each hit that `every` chose (probability).
    probability: float
    # Delays at the most; null is no limit (delays).
    times: Optional[int]
    # Start of the window, after the probe became live (nanoseconds).
    start_ns: int
    # Length of the window; null is for ever (nanoseconds).
    duration_ns: Optional[int]
    # Whether the floor is subtracted from the delay.
    compensate: bool


class Bucket(TypedDict):
    """Delays by length, over [`ge_ns`, `lt_ns`)."""

    # The least that belongs to it (nanoseconds).
    ge_ns: int
    # The least that does not (nanoseconds).
    lt_ns: int
    # Delayed, uncut hits in it (executions).
    count: int


class Stats(TypedDict):
    """What a probe did."""

    # The id of a probe, `p1`.
    id: str
    # The canonical target, `FILE:SYMBOL[%return]`.
    target: str
    # The symbol.
    symbol: str
    # The other names of the same address.
    aliases: List[str]
    # The file that holds the site.
    file: File
    # Of the first breakpoint.
    file_offset: str
    # The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`,
    # or `trampoline`; several are joined by `+`.
    site: str
    # The delay as it was written.
    delay: str
    # Its mean (nanoseconds).
    delay_ns: int
    # The smallest time that a hit can cost; null where it could not be measured (nanoseconds).
    floor_ns: Optional[int]
    # Whether it was measured on this machine.
    floor_source: Literal["calibrated", "unknown"]
    # Whether the floor is subtracted from the delay.
    compensated: bool
    # Executions in scope while the window was open (executions).
    hits: int
    # Hits that the schedule chose, cut ones among them (executions).
    delayed: int
    # Delays that ended early (delays).
    cut: int
    # Executions known not to have been counted; no part of `hits` (executions).
    misses: int
    # Draws outside 0 to 10 s, clipped to it (draws).
    clipped: int
    # Sum of what delayed, uncut hits took longer (nanoseconds).
    added_ns: int
    # What hits cost that were not delayed: floor × (hits − delayed) (nanoseconds).
    overhead_ns: int
    # The least that a delayed, uncut hit took longer; null where there was none (nanoseconds).
    min_ns: Optional[int]
    # The mean of what such hits took longer; null where there was none (nanoseconds).
    mean_ns: Optional[int]
    # The quantile of 50 %, from the histogram; null where there was no such hit (nanoseconds).
    p50_ns: Optional[int]
    # The quantile of 90 %, from the histogram; null where there was no such hit (nanoseconds).
    p90_ns: Optional[int]
    # The quantile of 99 %, from the histogram; null where there was no such hit (nanoseconds).
    p99_ns: Optional[int]
    # The most that such a hit took longer; null where there was none (nanoseconds).
    max_ns: Optional[int]
    # Buckets that are not empty, in order.
    histogram: List[Bucket]


class ListedProbe(TypedDict):
    """A probe of any session, or of none, with its figures so far."""

    # By which the methods know it; null for a probe that only its owner changes.
    id: Optional[str]
    # What carries it out: `ebpf` or `kmod`.
    backend: str
    # How processes out of scope are kept free of the trap; null where it is not told.
    isolation: Optional[Literal["private-file", "per-process", "shared"]]
    # Whether it stays when every process of `sb` has ended.
    persistent: bool
    # The process whose end takes it away; null where there is none.
    owner: Optional[Owner]
    # The processes that a probe applies to; members of another kind are null.
    scope: Scope
    # Its name; null where it has none.
    tag: Optional[str]
    # The canonical target, `FILE:SYMBOL[%return]`.
    target: str
    # The symbol; null where it is not told.
    symbol: Optional[str]
    # The file that holds the site.
    file: File
    # Its breakpoints; none where they are not told.
    sites: List[Site]
    # `live`: the breakpoints are in; `stale`: the file was replaced.
    state: Literal["live", "disabled", "stale"]
    # The delay as it was written.
    delay: str
    # Its mean (nanoseconds).
    delay_ns: int
    # Which hits are delayed, and when.
    schedule: Schedule
    # Whether the floor is subtracted from the delay.
    compensated: bool
    # The smallest time that a hit can cost; null where it could not be measured (nanoseconds).
    floor_ns: Optional[int]
    # Whether it was measured on this machine.
    floor_source: Literal["calibrated", "unknown"]
    # Executions in scope while the window was open (executions).
    hits: int
    # Hits that the schedule chose, cut ones among them (executions).
    delayed: int
    # Delays that ended early (delays).
    cut: int
    # Executions known not to have been counted; no part of `hits` (executions).
    misses: int
    # Draws outside 0 to 10 s, clipped to it (draws).
    clipped: int
    # Sum of what delayed, uncut hits took longer (nanoseconds).
    added_ns: int
    # What hits cost that were not delayed: floor × (hits − delayed) (nanoseconds).
    overhead_ns: int
    # The least that a delayed, uncut hit took longer; null where there was none (nanoseconds).
    min_ns: Optional[int]
    # The mean of what such hits took longer; null where there was none (nanoseconds).
    mean_ns: Optional[int]
    # The most that such a hit took longer; null where there was none (nanoseconds).
    max_ns: Optional[int]
    # Executions out of scope that trapped and were turned away (executions).
    outside: int


class ProbeList(TypedDict):
    """Probes, in the order in which they were added."""

    # The probes.
    probes: List[ListedProbe]
    # What the session's probes missed, and why: processes that were late or could not be followed.
    notes: List[str]


class AllStats(TypedDict):
    """Figures."""

    # One for each probe.
    probes: List[Stats]
    # What the session's probes missed, and why: processes that were late or could not be followed.
    notes: List[str]


class Subscribed(TypedDict):
    """A subscription."""

    # The id of a subscription, `s1`.
    subscription: str


class Symbol(TypedDict):
    """A symbol of a file."""

    # As the file has it.
    name: str
    # Demangled; null where it is not mangled.
    demangled: Optional[str]
    # Its version, `GLIBC_2.14`; null where it has none.
    version: Optional[str]
    # Of the function (bytes).
    size_bytes: int
    # Its address in the file's own terms.
    value: str
    # Where it begins in the file; null for imports.
    file_offset: Optional[str]
    # What it is.
    kind: Literal["function", "ifunc", "import", "data"]
    # Where it was found.
    source: Literal["symtab", "dynsym", "debug", "gnu_debugdata"]
    # Whether a target may name it.
    probeable: bool


class Symbols(TypedDict):
    """Symbols."""

    # In the order of the file.
    symbols: List[Symbol]
    # Whether there are more.
    truncated: bool


class Counting(TypedDict):
    """A count."""

    # The id of a count, `c1`.
    count: str
    # The root of the tree, as the server sees it (process id).
    pid: int


class CountedProcess(TypedDict):
    """A process of a counted tree, with what it did since it is counted."""

    # Rises with each process that comes into the tree (row).
    row: int
    # Its id, as the server sees it; null where it has none there (process id).
    pid: Optional[int]
    # The name of its main thread, the last that it had.
    comm: str
    # Whether it is the root of the tree.
    root: bool
    # `left`: it executed a program with other rights, and is not counted since.
    state: Literal["live", "ended", "left"]
    # How long it has been counted (nanoseconds).
    counted_ns: int
    # Calls of `__kmalloc`: allocations whose size is no constant (executions).
    kmalloc: int
    # Calls of `kfree` (executions).
    kfree: int
    # Bytes asked for in those calls of `__kmalloc` that succeeded (bytes).
    kmalloc_bytes: int
    # Bytes freed of what counted processes had asked for (bytes).
    kfree_bytes: int
    # Calls of `schedule` (executions).
    sched: int
    # Calls of `up` (executions).
    up: int
    # Calls of `down_interruptible` (executions).
    down: int
    # Calls of `mutex_lock` (executions).
    lock: int
    # Calls of `mutex_unlock` (executions).
    unlock: int
    # Calls of `kfree`, part of `kfree`, of memory of unknown size (executions).
    unknown: int


class CountFigures(TypedDict):
    """The sum over the tree, processes that ended included."""

    # Calls of `__kmalloc`: allocations whose size is no constant (executions).
    kmalloc: int
    # Calls of `kfree` (executions).
    kfree: int
    # Bytes asked for in those calls of `__kmalloc` that succeeded (bytes).
    kmalloc_bytes: int
    # Bytes freed of what counted processes had asked for (bytes).
    kfree_bytes: int
    # Calls of `schedule` (executions).
    sched: int
    # Calls of `up` (executions).
    up: int
    # Calls of `down_interruptible` (executions).
    down: int
    # Calls of `mutex_lock` (executions).
    lock: int
    # Calls of `mutex_unlock` (executions).
    unlock: int
    # Calls of `kfree`, part of `kfree`, of memory of unknown size (executions).
    unknown: int


class CountReading(TypedDict):
    """A count as it was at a moment."""

    # The id of a count, `c1`.
    count: str
    # The root of the tree, as the server sees it (process id).
    pid: int
    # When it was read, by CLOCK_MONOTONIC (nanoseconds).
    at_ns: int
    # Processes that there are figures of (processes).
    known: int
    # Those of them that have neither ended nor left (processes).
    live: int
    # By rising row; the root comes first.
    processes: List[CountedProcess]
    # Whether there are processes behind the last of these.
    has_more: bool
    # The sum over the tree, processes that ended included.
    total: CountFigures
    # Ended processes whose figures are in the total only (processes).
    dropped: int
    # Descendants that could not be followed: nothing of them is in the figures (processes).
    missed: int
    # Allocations, of whomever, that found the tracer's table of sizes full (executions).
    untracked: int


class Detached(TypedDict):
    """What resumes it."""

    # 128 random bits, in hexadecimal.
    token: str


class Tick(TypedDict):
    """Figures at a moment."""

    # The id of a subscription, `s1`.
    subscription: str
    # When they were read, by CLOCK_MONOTONIC (nanoseconds).
    at_ns: int
    # One for each probe.
    probes: List[Stats]


class Ended(TypedDict):
    """Which, and why."""

    # The id of a probe, `p1`.
    probe: str
    # The last process of its tree ended; root removed it; `expired` is for probes with an end of
    # their own, which none has yet.
    why: Literal["scope empty", "removed", "expired"]
