// Code generated from rpc/schema by scripts/gen_docs.ts. DO NOT EDIT.

package sb

// Limits: what the server bounds, for this peer; null is no bound.
type Limits struct {
	// The longest line (bytes).
	LineBytes int64 `json:"line_bytes"`

	// Arrays and objects within each other (levels).
	Nesting int64 `json:"nesting"`

	// What may wait for a client that does not read (bytes).
	QueuedBytes int64 `json:"queued_bytes"`

	// Requests in a batch (requests).
	Batch int64 `json:"batch"`

	// Connections and detached sessions of the peer's user (connections).
	Connections *int64 `json:"connections"`

	// Probes of the peer's user (probes).
	Probes *int64 `json:"probes"`

	// Counts of the peer's user (counts).
	Counts *int64 `json:"counts"`

	// The longest delay of a hit (nanoseconds).
	DelayNs int64 `json:"delay_ns"`
}

// ServerInfo: the server.
type ServerInfo struct {
	// The version of `sb`.
	Version string `json:"version"`

	// What can carry probes out, the one in use first.
	Backends []string `json:"backends"`

	// What this kernel offers of what may be missing.
	Features []string `json:"features"`

	// Of this protocol: methods and members may be added to it, none changes its meaning (version).
	Abi int64 `json:"abi"`

	// The server's process (process id).
	Pid int64 `json:"pid"`

	// The user that it runs as (user id).
	Uid int64 `json:"uid"`

	// What the server bounds, for this peer; null is no bound.
	Limits Limits `json:"limits"`
}

// ScopeAsked: the processes that a probe applies to; the caller and its descendants where it is
// absent.
type ScopeAsked struct {
	// The root of a process tree: a process, not a thread (process id).
	Tree *int64 `json:"tree,omitempty"`

	// A folder of the cgroup hierarchy (version 2), those below included; root only.
	Cgroup *string `json:"cgroup,omitempty"`

	// All processes; root only.
	System *bool `json:"system,omitempty"`
}

// AddParams: a probe as it is asked for.
type AddParams struct {
	// What to delay, `FILE:PLACE[%return]`; a glob or `/regex/` names several functions.
	Target string `json:"target"`

	// A delay with its schedule, `DELAY{,KEY=VALUE}`: `5us`, `exp:2us,every=10`.
	Spec *string `json:"spec,omitempty"`

	// A fixed delay (nanoseconds).
	DelayNs *int64 `json:"delay_ns,omitempty"`

	// The processes that a probe applies to; the caller and its descendants where it is absent.
	Scope *ScopeAsked `json:"scope,omitempty"`

	// Entry or return; may not contradict a target's `%return`. One of "entry", "return".
	At *string `json:"at,omitempty"`

	// What a delay does: keep the processor, or give it away. One of "spin", "sleep".
	How *string `json:"how,omitempty"`

	// Every Nth hit is delayed (executions).
	Every *int64 `json:"every,omitempty"`

	// Of being delayed, for each hit that `every` chose (probability).
	Probability *float64 `json:"probability,omitempty"`

	// Delays at the most; null is no limit (delays). A pointer to nil says null.
	Times **int64 `json:"times,omitempty"`

	// Start of the window, after the probe became live (nanoseconds).
	StartNs *int64 `json:"start_ns,omitempty"`

	// Length of the window; null is for ever (nanoseconds). A pointer to nil says null.
	DurationNs **int64 `json:"duration_ns,omitempty"`

	// Whether the floor is subtracted from the delay.
	Compensate *bool `json:"compensate,omitempty"`

	// How processes out of scope are kept free of the trap: by having no breakpoint, or by being
	// turned away. One of "auto", "per-process", "shared".
	Isolation *string `json:"isolation,omitempty"`
}

// Owner: a process.
type Owner struct {
	// Its id, as the server sees it (process id).
	Pid int64 `json:"pid"`

	// Its name; null where it has ended.
	Comm *string `json:"comm"`
}

// Scope: the processes that a probe applies to; members of another kind are null.
type Scope struct {
	// A process tree, a cgroup or all processes. One of "tree", "cgroup", "all".
	Kind string `json:"kind"`

	// The root of the tree (process id).
	Pid *int64 `json:"pid"`

	// The name of the root; null where it has ended.
	Comm *string `json:"comm"`

	// Processes in the tree now; null where the backend cannot tell (processes).
	Members *int64 `json:"members"`

	// The folder of the cgroup.
	Path *string `json:"path"`
}

// File: the file that holds the site.
type File struct {
	// Its path, links resolved.
	Path string `json:"path"`

	// Its build id in hexadecimal; null where it has none.
	BuildID *string `json:"build_id"`

	// Whether another file is at that path by now.
	Replaced bool `json:"replaced"`
}

// Site: a breakpoint.
type Site struct {
	// Where it sits in the file.
	FileOffset string `json:"file_offset"`

	// The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`,
	// or `trampoline`; null where the backend does not keep it.
	Site *string `json:"site"`
}

// Schedule: which hits are delayed, and when.
type Schedule struct {
	// Every Nth hit (executions).
	Every int64 `json:"every"`

	// Of being delayed, for each hit that `every` chose (probability).
	Probability float64 `json:"probability"`

	// Delays at the most; null is no limit (delays).
	Times *int64 `json:"times"`

	// Start of the window, after the probe became live (nanoseconds).
	StartNs int64 `json:"start_ns"`

	// Length of the window; null is for ever (nanoseconds).
	DurationNs *int64 `json:"duration_ns"`

	// What a delay does: keep the processor, or give it away. One of "spin", "sleep".
	How string `json:"how"`
}

// ProbeRow: a probe, with its figures so far.
type ProbeRow struct {
	// The id of a probe, `p1`.
	ID string `json:"id"`

	// What carries it out: `ebpf` or `kmod`.
	Backend string `json:"backend"`

	// How processes out of scope are kept free of the trap. One of "private-file", "per-process",
	// "shared".
	Isolation string `json:"isolation"`

	// Whether it stays when every process of `sb` has ended.
	Persistent bool `json:"persistent"`

	// The process whose end takes it away; null where there is none.
	Owner *Owner `json:"owner"`

	// The processes that a probe applies to; members of another kind are null.
	Scope Scope `json:"scope"`

	// Its name; null where it has none.
	Tag *string `json:"tag"`

	// The canonical target, `FILE:SYMBOL[%return]`.
	Target string `json:"target"`

	// The symbol.
	Symbol string `json:"symbol"`

	// The file that holds the site.
	File File `json:"file"`

	// Its breakpoints; none where they are not told.
	Sites []Site `json:"sites"`

	// `live`: the breakpoints are in; `stale`: the file was replaced. One of "live", "disabled",
	// "stale".
	State string `json:"state"`

	// The delay as it was written.
	Delay string `json:"delay"`

	// Its mean (nanoseconds).
	DelayNs int64 `json:"delay_ns"`

	// Which hits are delayed, and when.
	Schedule Schedule `json:"schedule"`

	// Whether the floor is subtracted from the delay.
	Compensated bool `json:"compensated"`

	// The smallest time that a hit can cost; null where it could not be measured (nanoseconds).
	FloorNs *int64 `json:"floor_ns"`

	// Whether it was measured on this machine. One of "calibrated", "unknown".
	FloorSource string `json:"floor_source"`

	// Executions in scope while the window was open (executions).
	Hits int64 `json:"hits"`

	// Hits that the schedule chose, cut ones among them (executions).
	Delayed int64 `json:"delayed"`

	// Delays that ended early (delays).
	Cut int64 `json:"cut"`

	// Executions known not to have been counted; no part of `hits` (executions).
	Misses int64 `json:"misses"`

	// Draws outside 0 to 10 s, clipped to it (draws).
	Clipped int64 `json:"clipped"`

	// Sum of what delayed, uncut hits took longer (nanoseconds).
	AddedNs int64 `json:"added_ns"`

	// What hits cost that were not delayed: floor × (hits − delayed) (nanoseconds).
	OverheadNs int64 `json:"overhead_ns"`

	// The least that a delayed, uncut hit took longer; null where there was none (nanoseconds).
	MinNs *int64 `json:"min_ns"`

	// The mean of what such hits took longer; null where there was none (nanoseconds).
	MeanNs *int64 `json:"mean_ns"`

	// The most that such a hit took longer; null where there was none (nanoseconds).
	MaxNs *int64 `json:"max_ns"`

	// Executions out of scope that trapped and were turned away (executions).
	Outside int64 `json:"outside"`
}

// Probes: what was added.
type Probes struct {
	// One for each function that the target names.
	Probes []ProbeRow `json:"probes"`
}

// PlannedFile: the file that holds the site.
type PlannedFile struct {
	// Its path, links resolved.
	Path string `json:"path"`

	// Its build id in hexadecimal; null where it has none.
	BuildID *string `json:"build_id"`
}

// Condition: a hit counts only when it holds.
type Condition struct {
	// Bits of the flags register.
	Mask string `json:"mask"`

	// How they must be. One of "set", "clear".
	When string `json:"when"`
}

// PlannedSite: where a breakpoint would sit.
type PlannedSite struct {
	// Where in the file.
	FileOffset string `json:"file_offset"`

	// The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`,
	// or `trampoline`.
	Site string `json:"site"`

	// The instruction, for people.
	Instruction string `json:"instruction"`

	// When an execution is a hit; null where each is.
	Condition *Condition `json:"condition"`
}

// Planned: a probe as it would be applied.
type Planned struct {
	// The canonical target, `FILE:SYMBOL[%return]`.
	Target string `json:"target"`

	// The symbol.
	Symbol string `json:"symbol"`

	// The symbol demangled; null where it is not mangled.
	Demangled *string `json:"demangled"`

	// The other names of the same address.
	Aliases []string `json:"aliases"`

	// The file that holds the site.
	File PlannedFile `json:"file"`

	// Of the first breakpoint.
	FileOffset string `json:"file_offset"`

	// Whether the delay is at entry or at return. One of "entry", "return".
	At string `json:"at"`

	// Breakpoints at `sites`, or a uretprobe. One of "sites", "trampoline".
	Attach string `json:"attach"`

	// Where the breakpoints would sit.
	Sites []PlannedSite `json:"sites"`

	// The delay as it was written.
	Delay string `json:"delay"`

	// Its mean (nanoseconds).
	DelayNs int64 `json:"delay_ns"`

	// The smallest time that a hit can cost; null where it could not be measured (nanoseconds).
	FloorNs *int64 `json:"floor_ns"`

	// Whether it was measured on this machine. One of "calibrated", "unknown".
	FloorSource string `json:"floor_source"`

	// Whether the floor is subtracted from the delay.
	Compensated bool `json:"compensated"`

	// Which hits are delayed, and when.
	Schedule Schedule `json:"schedule"`
}

// Plan: what would be added.
type Plan struct {
	// One for each function that the target names.
	Probes []Planned `json:"probes"`

	// What a pattern left out, and why.
	Notes []string `json:"notes"`
}

// UpdateParams: a change of a probe; what is not named is kept.
type UpdateParams struct {
	// The id of a probe, `p1`.
	Probe string `json:"probe"`

	// A delay with its schedule, `DELAY{,KEY=VALUE}`: `5us`, `exp:2us,every=10`.
	Spec *string `json:"spec,omitempty"`

	// A fixed delay (nanoseconds).
	DelayNs *int64 `json:"delay_ns,omitempty"`

	// What a delay does: keep the processor, or give it away. One of "spin", "sleep".
	How *string `json:"how,omitempty"`

	// Every Nth hit is delayed (executions).
	Every *int64 `json:"every,omitempty"`

	// Of being delayed, for each hit that `every` chose (probability).
	Probability *float64 `json:"probability,omitempty"`

	// Delays at the most; null is no limit (delays). A pointer to nil says null.
	Times **int64 `json:"times,omitempty"`

	// Start of the window, after the probe became live (nanoseconds).
	StartNs *int64 `json:"start_ns,omitempty"`

	// Length of the window; null is for ever (nanoseconds). A pointer to nil says null.
	DurationNs **int64 `json:"duration_ns,omitempty"`

	// Whether the floor is subtracted from the delay.
	Compensate *bool `json:"compensate,omitempty"`
}

// Bucket: delays by length, over [`ge_ns`, `lt_ns`).
type Bucket struct {
	// The least that belongs to it (nanoseconds).
	GeNs int64 `json:"ge_ns"`

	// The least that does not (nanoseconds).
	LtNs int64 `json:"lt_ns"`

	// Delayed, uncut hits in it (executions).
	Count int64 `json:"count"`
}

// Stats: what a probe did.
type Stats struct {
	// The id of a probe, `p1`.
	ID string `json:"id"`

	// The canonical target, `FILE:SYMBOL[%return]`.
	Target string `json:"target"`

	// The symbol.
	Symbol string `json:"symbol"`

	// The other names of the same address.
	Aliases []string `json:"aliases"`

	// The file that holds the site.
	File File `json:"file"`

	// Of the first breakpoint.
	FileOffset string `json:"file_offset"`

	// The class of the instruction under it: `push`, `nop`, `nop5`, `jcc`, `jmp`, `call`, `stepped`,
	// or `trampoline`; several are joined by `+`.
	Site string `json:"site"`

	// The delay as it was written.
	Delay string `json:"delay"`

	// Its mean (nanoseconds).
	DelayNs int64 `json:"delay_ns"`

	// The smallest time that a hit can cost; null where it could not be measured (nanoseconds).
	FloorNs *int64 `json:"floor_ns"`

	// Whether it was measured on this machine. One of "calibrated", "unknown".
	FloorSource string `json:"floor_source"`

	// Whether the floor is subtracted from the delay.
	Compensated bool `json:"compensated"`

	// Executions in scope while the window was open (executions).
	Hits int64 `json:"hits"`

	// Hits that the schedule chose, cut ones among them (executions).
	Delayed int64 `json:"delayed"`

	// Delays that ended early (delays).
	Cut int64 `json:"cut"`

	// Executions known not to have been counted; no part of `hits` (executions).
	Misses int64 `json:"misses"`

	// Draws outside 0 to 10 s, clipped to it (draws).
	Clipped int64 `json:"clipped"`

	// Sum of what delayed, uncut hits took longer (nanoseconds).
	AddedNs int64 `json:"added_ns"`

	// What hits cost that were not delayed: floor × (hits − delayed) (nanoseconds).
	OverheadNs int64 `json:"overhead_ns"`

	// The least that a delayed, uncut hit took longer; null where there was none (nanoseconds).
	MinNs *int64 `json:"min_ns"`

	// The mean of what such hits took longer; null where there was none (nanoseconds).
	MeanNs *int64 `json:"mean_ns"`

	// The quantile of 50 %, from the histogram; null where there was no such hit (nanoseconds).
	P50Ns *int64 `json:"p50_ns"`

	// The quantile of 90 %, from the histogram; null where there was no such hit (nanoseconds).
	P90Ns *int64 `json:"p90_ns"`

	// The quantile of 99 %, from the histogram; null where there was no such hit (nanoseconds).
	P99Ns *int64 `json:"p99_ns"`

	// The most that such a hit took longer; null where there was none (nanoseconds).
	MaxNs *int64 `json:"max_ns"`

	// Buckets that are not empty, in order.
	Histogram []Bucket `json:"histogram"`
}

// ListedProbe: a probe of any session, or of none, with its figures so far.
type ListedProbe struct {
	// By which the methods know it; null for a probe that only its owner changes.
	ID *string `json:"id"`

	// What carries it out: `ebpf` or `kmod`.
	Backend string `json:"backend"`

	// How processes out of scope are kept free of the trap; null where it is not told.
	Isolation *string `json:"isolation"`

	// Whether it stays when every process of `sb` has ended.
	Persistent bool `json:"persistent"`

	// The process whose end takes it away; null where there is none.
	Owner *Owner `json:"owner"`

	// The processes that a probe applies to; members of another kind are null.
	Scope Scope `json:"scope"`

	// Its name; null where it has none.
	Tag *string `json:"tag"`

	// The canonical target, `FILE:SYMBOL[%return]`.
	Target string `json:"target"`

	// The symbol; null where it is not told.
	Symbol *string `json:"symbol"`

	// The file that holds the site.
	File File `json:"file"`

	// Its breakpoints; none where they are not told.
	Sites []Site `json:"sites"`

	// `live`: the breakpoints are in; `stale`: the file was replaced. One of "live", "disabled",
	// "stale".
	State string `json:"state"`

	// The delay as it was written.
	Delay string `json:"delay"`

	// Its mean (nanoseconds).
	DelayNs int64 `json:"delay_ns"`

	// Which hits are delayed, and when.
	Schedule Schedule `json:"schedule"`

	// Whether the floor is subtracted from the delay.
	Compensated bool `json:"compensated"`

	// The smallest time that a hit can cost; null where it could not be measured (nanoseconds).
	FloorNs *int64 `json:"floor_ns"`

	// Whether it was measured on this machine. One of "calibrated", "unknown".
	FloorSource string `json:"floor_source"`

	// Executions in scope while the window was open (executions).
	Hits int64 `json:"hits"`

	// Hits that the schedule chose, cut ones among them (executions).
	Delayed int64 `json:"delayed"`

	// Delays that ended early (delays).
	Cut int64 `json:"cut"`

	// Executions known not to have been counted; no part of `hits` (executions).
	Misses int64 `json:"misses"`

	// Draws outside 0 to 10 s, clipped to it (draws).
	Clipped int64 `json:"clipped"`

	// Sum of what delayed, uncut hits took longer (nanoseconds).
	AddedNs int64 `json:"added_ns"`

	// What hits cost that were not delayed: floor × (hits − delayed) (nanoseconds).
	OverheadNs int64 `json:"overhead_ns"`

	// The least that a delayed, uncut hit took longer; null where there was none (nanoseconds).
	MinNs *int64 `json:"min_ns"`

	// The mean of what such hits took longer; null where there was none (nanoseconds).
	MeanNs *int64 `json:"mean_ns"`

	// The most that such a hit took longer; null where there was none (nanoseconds).
	MaxNs *int64 `json:"max_ns"`

	// Executions out of scope that trapped and were turned away (executions).
	Outside int64 `json:"outside"`
}

// ProbeList: probes, in the order in which they were added.
type ProbeList struct {
	// The probes.
	Probes []ListedProbe `json:"probes"`

	// What the session's probes missed, and why: processes that were late or could not be followed.
	Notes []string `json:"notes"`
}

// AllStats: figures.
type AllStats struct {
	// One for each probe.
	Probes []Stats `json:"probes"`

	// What the session's probes missed, and why: processes that were late or could not be followed.
	Notes []string `json:"notes"`
}

// Subscribed: a subscription.
type Subscribed struct {
	// The id of a subscription, `s1`.
	Subscription string `json:"subscription"`
}

// Symbol: a symbol of a file.
type Symbol struct {
	// As the file has it.
	Name string `json:"name"`

	// Demangled; null where it is not mangled.
	Demangled *string `json:"demangled"`

	// Its version, `GLIBC_2.14`; null where it has none.
	Version *string `json:"version"`

	// Of the function (bytes).
	SizeBytes int64 `json:"size_bytes"`

	// Its address in the file's own terms.
	Value string `json:"value"`

	// Where it begins in the file; null for imports.
	FileOffset *string `json:"file_offset"`

	// What it is. One of "function", "ifunc", "import", "data".
	Kind string `json:"kind"`

	// Where it was found. One of "symtab", "dynsym", "debug", "gnu_debugdata".
	Source string `json:"source"`

	// Whether a target may name it.
	Probeable bool `json:"probeable"`
}

// Symbols: symbols.
type Symbols struct {
	// In the order of the file.
	Symbols []Symbol `json:"symbols"`

	// Whether there are more.
	Truncated bool `json:"truncated"`
}

// Counting: a count.
type Counting struct {
	// The id of a count, `c1`.
	Count string `json:"count"`

	// The root of the tree, as the server sees it (process id).
	Pid int64 `json:"pid"`
}

// CountedProcess: a process of a counted tree, with what it did since it is counted.
type CountedProcess struct {
	// Rises with each process that comes into the tree (row).
	Row int64 `json:"row"`

	// Its id, as the server sees it; null where it has none there (process id).
	Pid *int64 `json:"pid"`

	// The name of its main thread, the last that it had.
	Comm string `json:"comm"`

	// Whether it is the root of the tree.
	Root bool `json:"root"`

	// `left`: it executed a program with other rights, and is not counted since. One of "live",
	// "ended", "left".
	State string `json:"state"`

	// How long it has been counted (nanoseconds).
	CountedNs int64 `json:"counted_ns"`

	// Calls of `__kmalloc`: allocations whose size is no constant (executions).
	Kmalloc int64 `json:"kmalloc"`

	// Calls of `kfree` (executions).
	Kfree int64 `json:"kfree"`

	// Bytes asked for in those calls of `__kmalloc` that succeeded (bytes).
	KmallocBytes int64 `json:"kmalloc_bytes"`

	// Bytes freed of what counted processes had asked for (bytes).
	KfreeBytes int64 `json:"kfree_bytes"`

	// Calls of `schedule` (executions).
	Sched int64 `json:"sched"`

	// Calls of `up` (executions).
	Up int64 `json:"up"`

	// Calls of `down_interruptible` (executions).
	Down int64 `json:"down"`

	// Calls of `mutex_lock` (executions).
	Lock int64 `json:"lock"`

	// Calls of `mutex_unlock` (executions).
	Unlock int64 `json:"unlock"`

	// Calls of `kfree`, part of `kfree`, of memory of unknown size (executions).
	Unknown int64 `json:"unknown"`
}

// CountFigures: the sum over the tree, processes that ended included.
type CountFigures struct {
	// Calls of `__kmalloc`: allocations whose size is no constant (executions).
	Kmalloc int64 `json:"kmalloc"`

	// Calls of `kfree` (executions).
	Kfree int64 `json:"kfree"`

	// Bytes asked for in those calls of `__kmalloc` that succeeded (bytes).
	KmallocBytes int64 `json:"kmalloc_bytes"`

	// Bytes freed of what counted processes had asked for (bytes).
	KfreeBytes int64 `json:"kfree_bytes"`

	// Calls of `schedule` (executions).
	Sched int64 `json:"sched"`

	// Calls of `up` (executions).
	Up int64 `json:"up"`

	// Calls of `down_interruptible` (executions).
	Down int64 `json:"down"`

	// Calls of `mutex_lock` (executions).
	Lock int64 `json:"lock"`

	// Calls of `mutex_unlock` (executions).
	Unlock int64 `json:"unlock"`

	// Calls of `kfree`, part of `kfree`, of memory of unknown size (executions).
	Unknown int64 `json:"unknown"`
}

// CountReading: a count as it was at a moment.
type CountReading struct {
	// The id of a count, `c1`.
	Count string `json:"count"`

	// The root of the tree, as the server sees it (process id).
	Pid int64 `json:"pid"`

	// When it was read, by CLOCK_MONOTONIC (nanoseconds).
	AtNs int64 `json:"at_ns"`

	// Processes that there are figures of (processes).
	Known int64 `json:"known"`

	// Those of them that have neither ended nor left (processes).
	Live int64 `json:"live"`

	// By rising row; the root comes first.
	Processes []CountedProcess `json:"processes"`

	// Whether there are processes behind the last of these.
	HasMore bool `json:"has_more"`

	// The sum over the tree, processes that ended included.
	Total CountFigures `json:"total"`

	// Ended processes whose figures are in the total only (processes).
	Dropped int64 `json:"dropped"`

	// Descendants that could not be followed: nothing of them is in the figures (processes).
	Missed int64 `json:"missed"`

	// Allocations, of whomever, that found the tracer's table of sizes full (executions).
	Untracked int64 `json:"untracked"`
}

// Detached: what resumes it.
type Detached struct {
	// 128 random bits, in hexadecimal.
	Token string `json:"token"`
}

// Tick: figures at a moment.
type Tick struct {
	// The id of a subscription, `s1`.
	Subscription string `json:"subscription"`

	// When they were read, by CLOCK_MONOTONIC (nanoseconds).
	AtNs int64 `json:"at_ns"`

	// One for each probe.
	Probes []Stats `json:"probes"`
}

// Ended: which, and why.
type Ended struct {
	// The id of a probe, `p1`.
	Probe string `json:"probe"`

	// The last process of its tree ended; root removed it; `expired` is for probes with an end of
	// their own, which none has yet. One of "scope empty", "removed", "expired".
	Why string `json:"why"`
}
