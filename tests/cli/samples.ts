/** Results with known figures, for the renderers. */
import type { AttachResult, DryRun, ProbePlan, ProbeReport, ProbeStatistics, RunResult } from "../../mod.ts";
import { parseSpec } from "../../mod.ts";

/** A probe's plan. @param spec as after `TARGET=` */
export function samplePlan(symbol: string, spec: string): ProbePlan {
  return {
    target: `/usr/bin/python3.11:${symbol}`,
    symbol,
    demangled: null,
    aliases: [],
    file: {
      path: "/usr/bin/python3.11",
      openPath: "/usr/bin/python3.11",
      device: 1,
      inode: 2n,
      sizeBytes: 6_831_704,
      modifiedNs: 3n,
      buildId: "1f6d",
      machine: "x86_64",
      go: false,
    },
    at: "entry",
    functionOffset: 0x1230,
    attach: "sites",
    sites: [{ fileOffset: 0x1234, class: "push", instruction: "push %rbp" }],
    spec: parseSpec(spec),
  };
}

/** The statistics of a probe that was never hit, with some figures set. */
export function sampleStatistics(figures: Partial<ProbeStatistics> = {}): ProbeStatistics {
  return {
    hits: 0,
    delayed: 0,
    cut: 0,
    misses: 0,
    clipped: 0,
    addedNs: 0,
    overheadNs: 0,
    minNs: null,
    meanNs: null,
    p50Ns: null,
    p90Ns: null,
    p99Ns: null,
    maxNs: null,
    histogram: [],
    ...figures,
  };
}

/** A probe that was hit 20,361 times with 5 µs each. */
export function sampleReport(changes: Partial<ProbeReport> = {}): ProbeReport {
  return {
    plan: samplePlan("PyObject_GetAttr", "5us"),
    floor: { ns: 640, source: "calibrated" },
    replaced: false,
    statistics: sampleStatistics({
      hits: 20361,
      delayed: 20361,
      addedNs: 101_805_000,
      minNs: 4980,
      meanNs: 5000,
      p50Ns: 5003,
      p90Ns: 5100,
      p99Ns: 5566,
      maxNs: 9100,
      histogram: [
        { geNs: 4608, ltNs: 4864, count: 0 },
        { geNs: 4864, ltNs: 5120, count: 20000 },
        { geNs: 5120, ltNs: 5376, count: 361 },
      ],
    }),
    ...changes,
  };
}

/** A run of one probe. */
export function sampleRun(changes: Partial<RunResult> = {}): RunResult {
  return {
    command: ["python3", "bench.py"],
    exit: 0,
    signal: null,
    backend: "ebpf",
    isolation: "private-file",
    wallNs: 1_234_567_890,
    userNs: 1_100_000_000,
    sysNs: 120_000_000,
    maxRssBytes: 12_345_678,
    probes: [sampleReport()],
    notes: [],
    ...changes,
  };
}

/** A run in which everything that a report warns of has happened. */
export function troubledRun(): RunResult {
  return sampleRun({
    command: ["sh", "-c", "it's all wrong"],
    exit: null,
    signal: "SIGTERM",
    isolation: "shared",
    probes: [
      sampleReport({ replaced: true }),
      sampleReport({
        plan: samplePlan("PyDict_GetItem", "100ns,every=10"),
        floor: { ns: 4870, source: "calibrated" },
        statistics: sampleStatistics({
          hits: 1000,
          delayed: 99,
          cut: 1,
          misses: 24,
          addedNs: 482_130,
          overheadNs: 4_387_870,
          minNs: 4870,
          meanNs: 4870,
          p50Ns: 4871,
          p90Ns: 4880,
          p99Ns: 4900,
          maxNs: 4901,
        }),
      }),
      sampleReport({ plan: samplePlan("PyList_New", "1us"), statistics: sampleStatistics() }),
      sampleReport({ plan: samplePlan("PyTuple_New", "1us,start=5s"), statistics: sampleStatistics() }),
      sampleReport({
        plan: { ...samplePlan("PyObject_Free", "normal:1us:2us"), attach: "trampoline", sites: [] },
        floor: { ns: 0, source: "unknown" },
        statistics: sampleStatistics({
          hits: 4,
          delayed: 4,
          clipped: 1,
          misses: 2,
          addedNs: 6000,
          minNs: 0,
          meanNs: 1500,
          p50Ns: 1500,
          p90Ns: 2000,
          p99Ns: 2000,
          maxNs: 2000,
        }),
      }),
      sampleReport({
        plan: samplePlan("PyLong_FromLong", "1ms,every=1000000"),
        statistics: sampleStatistics({ hits: 50, overheadNs: 32_000 }),
      }),
    ],
    bystanders: { processes: 12, hits: 34567, costNs: 22_122_880 },
    notes: ["isolation shared: the file has 2 hard links"],
  });
}

/** An attachment that goes on, or its end. */
export function sampleAttach(ended: AttachResult["ended"]): AttachResult {
  return {
    pid: 4242,
    comm: "python3",
    ended,
    backend: "ebpf",
    isolation: "per-process",
    wallNs: 30_000_000_000,
    probes: [sampleReport()],
    notes: ended === null ? [] : ["2 processes joined the tree late"],
  };
}

/** A plan with a probe on two instructions and one on a trampoline. */
export function sampleDryRun(): DryRun {
  const leave = samplePlan("PyObject_Free%return", "1us,every=10");
  return {
    command: ["python3", "bench.py"],
    pid: null,
    backend: "ebpf",
    isolation: "shared",
    isolationReason: "/usr/bin/python3.11 has 2 hard links",
    probes: [
      { ...samplePlan("PyObject_GetAttr", "5us"), floor: { ns: 640, source: "calibrated" } },
      {
        ...leave,
        at: "return",
        sites: [
          { fileOffset: 0x1300, class: "stepped", instruction: "ret" },
          {
            fileOffset: 0x1310,
            class: "jcc",
            instruction: "je 0x2000",
            condition: { mask: 0x40, when: "set" },
          },
        ],
        floor: null,
      },
      { ...samplePlan("PyMem_Free%return", "0"), at: "return", attach: "trampoline", sites: [], floor: null },
    ],
    notes: [],
  };
}
