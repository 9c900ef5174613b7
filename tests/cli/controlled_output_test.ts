/** Added probes and their backends, as text and as JSON, against golden files. */
import { assertEquals } from "@std/assert";
import type { BackendStatus, ControlledProbe } from "../../mod.ts";
import { parseSpec } from "../../mod.ts";
import { paintFor } from "../../src/cli/output/colour.ts";
import { addedText, controlledJson, listText } from "../../src/cli/output/controlled.ts";
import { addWarnings, listWarnings, remarkLines } from "../../src/cli/output/remarks.ts";
import {
  clearedJson,
  delayText,
  enabledJson,
  enabledText,
  statusJson,
  statusText,
} from "../../src/cli/output/status.ts";
import { assertGolden } from "./golden.ts";
import { sampleStatistics } from "./samples.ts";

const PLAIN = paintFor("never", false);

const PROBES: ControlledProbe[] = [
  {
    id: "k12",
    backend: "kmod",
    isolation: "per-process",
    persistent: true,
    owner: null,
    scope: { kind: "tree", pid: 4242, comm: "server", members: 3 },
    tag: "slow-disk",
    target: "/usr/lib/x86_64-linux-gnu/libc.so.6:fsync",
    file: { path: "/usr/lib/x86_64-linux-gnu/libc.so.6", buildId: null },
    sites: [{ fileOffset: 0x1234, class: null }],
    state: "live",
    spec: parseSpec("10ms,every=10"),
    floor: { ns: 640, source: "calibrated" },
    statistics: sampleStatistics({
      hits: 20361,
      delayed: 2036,
      addedNs: 20_360_000_000,
      overheadNs: 11_728_000,
      minNs: 10_000_001,
      meanNs: 10_000_120,
      maxNs: 10_400_000,
    }),
    outside: 0,
  },
  {
    id: "e3",
    backend: "ebpf",
    isolation: "shared",
    persistent: false,
    owner: { pid: 77, comm: null },
    scope: { kind: "all" },
    tag: null,
    target: "/opt/app/bin/app:parse%return",
    file: { path: "/opt/app/bin/app", buildId: "1f6d" },
    sites: [{ fileOffset: 0x2210, class: "push" }, { fileOffset: 0x2260, class: "stepped" }],
    state: "stale",
    spec: parseSpec("exp:2us"),
    floor: { ns: 800, source: "calibrated" },
    statistics: sampleStatistics({ hits: 10 }),
    outside: 1500,
  },
  {
    id: null,
    backend: "ebpf",
    isolation: null,
    persistent: false,
    owner: { pid: 90, comm: "deno" },
    scope: { kind: "tree", pid: 91, comm: "bench", members: 1 },
    tag: null,
    target: "/opt/app/bin/bench:step",
    file: { path: "/opt/app/bin/bench", buildId: null },
    sites: [],
    state: "disabled",
    spec: parseSpec("0"),
    floor: { ns: 0, source: "unknown" },
    statistics: sampleStatistics(),
    outside: 0,
  },
];

const STATUSES: BackendStatus[] = [
  { backend: "kmod", present: false, enabled: null, defaultDelayNs: null, totals: null },
  {
    backend: "ebpf",
    present: true,
    enabled: true,
    defaultDelayNs: 1_000_000,
    totals: { probes: 3, owned: 1, hits: 1234, delayed: 1000, addedNs: 5_600_000, untracked: 0 },
  },
];

/** What depends on the version and the kernel, made the same everywhere. */
function fixed(json: string): string {
  const document = JSON.parse(json);
  document.sb_version = "0.0.0";
  document.kernel = "6.1.0";
  return JSON.stringify(document, null, 2) + "\n";
}

Deno.test("sb list is the golden text", () => {
  const result = { probes: PROBES, notes: [] };
  const remarks = remarkLines(listWarnings(result), PLAIN);
  assertGolden("list.txt", `${listText(PROBES, PLAIN)}--- stderr\n${remarks}`);
  assertGolden("list.json", fixed(controlledJson(result)));
});

Deno.test("sb add is the golden text, with what the reader must know", () => {
  const added = { probes: PROBES.slice(0, 2), notes: ["2 of 4 functions were left out"] };
  const all = { ...added, backend: "ebpf", enabled: false, bystanders: 0 } as const;
  const tree = { ...all, probes: PROBES.slice(0, 1), notes: [], enabled: true, bystanders: 2 } as const;
  assertGolden(
    "add.txt",
    [
      addedText(added.probes, PLAIN),
      "--- stderr\n",
      remarkLines(addWarnings(all), PLAIN),
      "--- stderr of a tree beside others\n",
      remarkLines(addWarnings({ ...tree, notes: [] }), PLAIN),
    ].join(""),
  );
});

Deno.test("sb status is the golden text", () => {
  assertGolden("status.txt", statusText(STATUSES, PLAIN));
  assertGolden("status.json", fixed(statusJson(STATUSES)));
});

Deno.test("no probes, no backends: said in a word", () => {
  assertEquals(listText([], PLAIN), "no probes\n");
  assertEquals(enabledText(true, []), "enabled: there are no probes\n");
  assertEquals(delayText(STATUSES.slice(0, 1)), "1ms\n");
});

Deno.test("sb delay prints one time where the backends agree, and each where they do not", () => {
  const other = { ...STATUSES[1], backend: "kmod", defaultDelayNs: 5000 } as const;
  assertEquals(delayText(STATUSES), "1ms\n");
  assertEquals(delayText([other, STATUSES[1]]), "kmod 5us\nebpf 1ms\n");
});

Deno.test("sb enable, disable and clear say what they did", () => {
  assertEquals(enabledText(false, [STATUSES[1]]), "disabled: ebpf, 3 probes\n");
  const { enabled, backends, notes } = JSON.parse(enabledJson(false, { backends: STATUSES, notes: ["one"] }));
  assertEquals([enabled, backends.length, notes], [false, 2, ["one"]]);
  assertEquals(JSON.parse(clearedJson(7)).removed, 7);
});
