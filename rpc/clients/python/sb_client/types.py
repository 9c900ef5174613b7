"""The answers of the server, as they come: dictionaries. Times are integer nanoseconds."""

from typing import Any, Dict, List, Optional, TypedDict


class Limits(TypedDict):
    line_bytes: int
    nesting: int
    queued_bytes: int
    batch: int
    connections: Optional[int]
    probes: Optional[int]
    delay_ns: int


class ServerInfo(TypedDict):
    version: str
    backends: List[str]
    features: List[str]
    abi: int
    pid: int
    uid: int
    limits: Limits


class File(TypedDict):
    path: str
    build_id: Optional[str]
    replaced: bool


class Bucket(TypedDict):
    ge_ns: int
    lt_ns: int
    count: int


class Stats(TypedDict):
    id: str
    target: str
    symbol: str
    aliases: List[str]
    file: File
    file_offset: str
    site: str
    delay: str
    delay_ns: int
    floor_ns: Optional[int]
    floor_source: str
    compensated: bool
    hits: int
    delayed: int
    cut: int
    misses: int
    clipped: int
    added_ns: int
    overhead_ns: int
    min_ns: Optional[int]
    mean_ns: Optional[int]
    p50_ns: Optional[int]
    p90_ns: Optional[int]
    p99_ns: Optional[int]
    max_ns: Optional[int]
    histogram: List[Bucket]


class Owner(TypedDict):
    pid: int
    comm: Optional[str]


class Scope(TypedDict):
    kind: str
    pid: Optional[int]
    comm: Optional[str]
    members: Optional[int]
    path: Optional[str]


class Site(TypedDict):
    file_offset: str
    site: Optional[str]


class Schedule(TypedDict):
    every: int
    probability: float
    times: Optional[int]
    start_ns: int
    duration_ns: Optional[int]
    how: str


class ProbeRow(TypedDict):
    id: str
    backend: str
    isolation: Optional[str]
    persistent: bool
    owner: Optional[Owner]
    scope: Scope
    tag: Optional[str]
    target: str
    symbol: Optional[str]
    file: File
    sites: List[Site]
    state: str
    delay: str
    delay_ns: int
    schedule: Schedule
    compensated: bool
    floor_ns: Optional[int]
    floor_source: str
    hits: int
    delayed: int
    cut: int
    misses: int
    clipped: int
    added_ns: int
    overhead_ns: int
    min_ns: Optional[int]
    mean_ns: Optional[int]
    max_ns: Optional[int]
    outside: int


class Plan(TypedDict):
    probes: List[Dict[str, Any]]
    notes: List[str]


class Symbol(TypedDict):
    name: str
    demangled: Optional[str]
    version: Optional[str]
    size_bytes: int
    value: str
    file_offset: Optional[str]
    kind: str
    source: str
    probeable: bool


class Symbols(TypedDict):
    symbols: List[Symbol]
    truncated: bool


class Tick(TypedDict):
    subscription: str
    at_ns: int
    probes: List[Stats]


class ScopeAsked(TypedDict, total=False):
    tree: int
    cgroup: str
    system: bool


class _AddRequired(TypedDict):
    target: str


class AddParams(_AddRequired, total=False):
    spec: str
    delay_ns: int
    scope: ScopeAsked
    at: str
    how: str
    every: int
    probability: float
    times: Optional[int]
    start_ns: int
    duration_ns: Optional[int]
    compensate: bool
    isolation: str
