import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../../src/core/mod.ts";
import {
  parseHistograms,
  parseScopes,
  parseTargets,
  parseTotals,
  percentDecode,
} from "../../../../src/probe/kmod/rows.ts";

const PLAIN =
  "/usr/bin/app:parse delay_ns=5000 hits=12 id=3 delayed=12 cut=0 clipped=0 misses=0 outside=2 added_ns=60480 overhead_ns=0 min_ns=5003 max_ns=5210";

Deno.test("parseTargets() reads what was asked, with defaults where nothing was, and the figures", () => {
  const [row] = parseTargets(`${PLAIN}\n`);
  assertEquals([row.path, row.symbol, row.delayNs, row.hits], ["/usr/bin/app", "parse", 5000, 12]);
  assertEquals([row.pid, row.tag, row.owner, row.isOn], [null, null, null, null]);
  assertEquals([row.every, row.times, row.probabilityPpm, row.durationNs], [1, null, 1_000_000, null]);
  assertEquals([row.outside, row.minNs, row.maxNs, row.isStale], [2, 5003, 5210, false]);
});

Deno.test("parseTargets() reads every field that the interface has", () => {
  const [row] = parseTargets(
    "/usr/bin/app:Foo%3A%3Abar%25return delay_ns=0 hits=1 pid=42 id=9 tag=a.b owner=7 on=0 at=return how=sleep " +
      "offset=0x10?41=0,0x20 sites=2 every=3 times=4 probability=250000 start=5 duration=6 dist=exp:5000 floor=600,3500 " +
      "compensate=0 histogram=16 delayed=1 cut=1 clipped=0 misses=8 outside=0 added_ns=0 overhead_ns=0 stale=1\n",
  );
  assertEquals(row, {
    path: "/usr/bin/app",
    symbol: "Foo::bar%return",
    delayNs: 0,
    hits: 1,
    pid: 42,
    id: 9,
    tag: "a.b",
    owner: 7,
    isOn: false,
    at: "return",
    how: "sleep",
    offset: "0x10?41=0,0x20",
    sites: 2,
    every: 3,
    times: 4,
    probabilityPpm: 250_000,
    startNs: 5,
    durationNs: 6,
    dist: "exp:5000",
    floorsNs: [600, 3500],
    compensate: false,
    histogram: 16,
    delayed: 1,
    cut: 1,
    clipped: 0,
    misses: 8,
    outside: 0,
    addedNs: 0,
    overheadNs: 0,
    minNs: null,
    maxNs: null,
    isStale: true,
  });
});

Deno.test("parseTargets() takes an owned target for live unless it says on=0", () => {
  const [row] = parseTargets(PLAIN.replace("id=3", "id=3 owner=7"));
  assertEquals(row.isOn, true);
});

Deno.test("parseTargets() refuses lines that are cut or not of this interface", () => {
  const bad = [
    "nonsense",
    "/usr/bin/app delay_ns=1 hits=1 id=1",
    PLAIN.slice(0, 40),
    PLAIN.replace("hits=12", "hits=-1"),
    PLAIN.replace("hits=12", "hits=twelve"),
    PLAIN.replace("id=3", "3"),
  ];
  for (const line of bad) {
    const error = assertThrows(() => parseTargets(line), SbError, undefined, line);
    assertEquals(error.code, "kernel.refused");
  }
});

Deno.test("parseTargets() saturates numbers above 2^53 - 1", () => {
  const [row] = parseTargets(PLAIN.replace("added_ns=60480", "added_ns=18446744073709551615"));
  assertEquals(row.addedNs, Number.MAX_SAFE_INTEGER);
});

Deno.test("percentDecode() undoes UTF-8 and leaves a bare per cent sign alone", () => {
  assertEquals(percentDecode("a%C3%A9%20b%25"), "aé b%");
  assertEquals(percentDecode("100%"), "100%");
  assertEquals(percentDecode("%zz"), "%zz");
});

Deno.test("parseHistograms() reads buckets and refuses what is none", () => {
  assertEquals(parseHistograms("id=1 per_octave=16 100:5 101:7\nid=2 per_octave=2\n"), [
    { id: 1, perOctave: 16, counts: new Map([[100, 5], [101, 7]]) },
    { id: 2, perOctave: 2, counts: new Map() },
  ]);
  assertThrows(() => parseHistograms("id=1 per_octave=16 100"), SbError);
  assertThrows(() => parseHistograms("per_octave=16 1:1"), SbError);
});

Deno.test("parseScopes() reads roots and members; an empty scope has none", () => {
  assertEquals(
    parseScopes("pid=4 targets=2 untracked=1 members=4,5,6\npid=7 targets=1 untracked=0 members=\n"),
    [
      { pid: 4, targets: 2, untracked: 1, members: [4, 5, 6] },
      { pid: 7, targets: 1, untracked: 0, members: [] },
    ],
  );
});

Deno.test("parseTotals() reads the totals and refuses a file that lacks one", () => {
  const text =
    "enabled: 1\ntargets: 2\ntotal_hits: 3\ntotal_delay_ns: 4\ntotal_misses: 5\ntotal_cut: 6\ntotal_outside: 7\nuntracked: 8\n";
  assertEquals(parseTotals(text), {
    enabled: true,
    targets: 2,
    totalHits: 3,
    totalDelayNs: 4,
    totalMisses: 5,
    totalCut: 6,
    totalOutside: 7,
    untracked: 8,
  });
  assertThrows(() => parseTotals(text.replace(/total_cut.*\n/, "")), SbError);
});
