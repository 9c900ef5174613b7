/** The document of `NAME.sweep.json` (`docs/json.md`): from a result and back. Pure. */
import type { Estimate, Shape } from "../../stats/mod.ts";
import { type MetricAsked, readMetric } from "../metric.ts";
import type { Experiment, Metric, Repeats } from "../model.ts";
import type { ProbedFile } from "../probed_files.ts";
import type { Gain, LevelSummary, Machine, Stopped, SweepResult, TargetResult } from "../result.ts";
import { type Codec, damaged, FINE, list, members, nullable, oneOf, ROUGH, TEXT, WHOLE } from "./codec.ts";

/** What a result has by the names of targets; in the document it stands with them. */
interface Facts {
  name: string;
  patterns: string[];
  functions: string[];
  isolation: string;
  delaysNs: number[];
  functionNs: number | null;
  command: string[];
}

/** A target with all that is known of it: one object in the document. */
interface TargetRow {
  facts: Facts;
  found: TargetResult;
}

/** The experiment without its targets. */
interface Design extends Omit<Experiment, "targets" | "command" | "delaysNs"> {
  command: string[];
  delaysNs: number[] | "auto";
}

interface Document extends
  Omit<
    SweepResult,
    "targets" | "experiment" | "delaysNs" | "functions" | "functionNs" | "files" | "isolation" | "commands"
  > {
  experiment: Design;
  targets: TargetRow[];
  files: ProbedFile[];
  commands: { sweep: string[] };
}

const ESTIMATE: Codec<Estimate> = members<Estimate>({
  value: ["value", ROUGH],
  low: ["low", ROUGH],
  high: ["high", ROUGH],
});

const GAIN: Codec<Gain> = members<Gain>({
  value: ["value", ROUGH],
  low: ["low", ROUGH],
  high: ["high", ROUGH],
  result: ["result", FINE],
  functionNs: ["function_ns", WHOLE],
});

const LEVEL: Codec<LevelSummary> = members<LevelSummary>({
  delayNs: ["delay_ns", WHOLE],
  cells: ["cells", WHOLE],
  addedNs: ["added_ns", WHOLE],
  result: ["result", FINE],
  difference: ["difference", nullable(ESTIMATE)],
  deviation: ["deviation", ROUGH],
  hits: ["hits", ROUGH],
});

const SHAPE: Codec<Shape> = oneOf("linear", "hidden", "threshold", "sub-linear", "super-linear", "unclear");
const STOPPED: Codec<Stopped> = oneOf("complete", "narrow", "budget", "failures", "interrupted");

const FACTS: Codec<Facts> = members<Facts>({
  name: ["name", TEXT],
  patterns: ["targets", list(TEXT)],
  functions: ["functions", list(TEXT)],
  isolation: ["isolation", TEXT],
  delaysNs: ["delays_ns", list(WHOLE)],
  functionNs: ["function_ns", nullable(WHOLE)],
  command: ["command", list(TEXT)],
});

const FOUND: Codec<TargetResult> = members<TargetResult>({
  name: ["name", TEXT],
  sensitivity: ["sensitivity", nullable(ESTIMATE)],
  class: ["class", SHAPE],
  slackNs: ["slack_ns", nullable(ESTIMATE)],
  bendNs: ["bend_ns", nullable(ESTIMATE)],
  beyond: ["beyond", nullable(ESTIMATE)],
  r2: ["r2", nullable(ROUGH)],
  hitsPerRun: ["hits_per_run", ROUGH],
  gain: ["gain", nullable(GAIN)],
  levels: ["levels", list(LEVEL)],
  warnings: ["warnings", list(TEXT)],
});

const TARGET: Codec<TargetRow> = {
  encode: ({ facts, found }) => Object.assign({}, FACTS.encode(facts), FOUND.encode(found)),
  decode: (value, path) => ({ facts: FACTS.decode(value, path), found: FOUND.decode(value, path) }),
};

/** As the experiment's file writes it. */
const METRIC: Codec<Metric> = {
  encode(metric) {
    switch (metric.kind) {
      case "wall":
        return "wall";
      case "cpu":
        return "user+sys";
      case "regex":
        return { regex: metric.pattern, better: metric.better };
      case "json":
        return { json: metric.path, better: metric.better };
      case "command":
        return { command: metric.command, better: metric.better };
    }
  },
  decode(value, path) {
    if (typeof value === "string") return readMetric({ word: value });
    if (typeof value !== "object" || value === null) throw damaged(path, "no metric");
    return readMetric(value as MetricAsked);
  },
};

const ADAPTIVE = members<Omit<Extract<Repeats, { kind: "adaptive" }>, "kind">>({
  min: ["min", WHOLE],
  max: ["max", WHOLE],
  until: ["until", ROUGH],
});

const REPEATS: Codec<Repeats> = {
  encode: (repeats) => repeats.kind === "fixed" ? repeats.count : ADAPTIVE.encode(repeats),
  decode: (value, path) =>
    typeof value === "number"
      ? { kind: "fixed", count: value }
      : { kind: "adaptive", ...ADAPTIVE.decode(value, path) },
};

const DELAYS: Codec<number[] | "auto"> = {
  encode: (delays) => delays === "auto" ? delays : list(WHOLE).encode(delays),
  decode: (value, path) => value === "auto" ? value : list(WHOLE).decode(value, path),
};

const DESIGN: Codec<Design> = members<Design>({
  command: ["command", list(TEXT)],
  metric: ["metric", METRIC],
  delaysNs: ["delays_ns", DELAYS],
  repeats: ["repeats", REPEATS],
  warmups: ["warmups", WHOLE],
  seed: ["seed", WHOLE],
  budgetNs: ["budget_ns", nullable(WHOLE)],
  maxFailures: ["max_failures", WHOLE],
  backend: ["backend", oneOf("auto", "ebpf", "kmod")],
});

const LOAD: Codec<[number, number]> = {
  encode: (load) => load.map((value) => ROUGH.encode(value)),
  decode: (value, path) => {
    const [start, end] = list(ROUGH).decode(value, path);
    return [start, end];
  },
};

const MACHINE: Codec<Machine> = members<Machine>({
  host: ["host", TEXT],
  kernel: ["kernel", TEXT],
  architecture: ["architecture", TEXT],
  cpu: ["cpu", TEXT],
  cpus: ["cpus", WHOLE],
  memoryBytes: ["memory_bytes", WHOLE],
  load: ["load", LOAD],
});

const FILE: Codec<ProbedFile> = members<ProbedFile>({
  path: ["path", TEXT],
  buildId: ["build_id", nullable(TEXT)],
  sizeBytes: ["size_bytes", WHOLE],
  modified: ["modified", TEXT],
});

const COUNTS = members<SweepResult["cells"]>({
  planned: ["planned", WHOLE],
  done: ["done", WHOLE],
  failed: ["failed", WHOLE],
});

const COMMANDS: Codec<Document["commands"]> = members<Document["commands"]>({
  sweep: ["sweep", list(TEXT)],
});

const DOCUMENT: Codec<Document> = members<Document>({
  name: ["name", TEXT],
  hash: ["experiment_hash", TEXT],
  started: ["started", TEXT],
  ended: ["ended", TEXT],
  stopped: ["stopped", STOPPED],
  cells: ["cells", COUNTS],
  ranking: ["ranking", list(TEXT)],
  targets: ["targets", list(TARGET)],
  warnings: ["warnings", list(TEXT)],
  experiment: ["experiment", DESIGN],
  files: ["files", list(FILE)],
  backend: ["backend", TEXT],
  commands: ["commands", COMMANDS],
  machine: ["machine", MACHINE],
});

function rowsOf(result: SweepResult): TargetRow[] {
  const { experiment, functions, functionNs, isolation, delaysNs, commands } = result;
  return result.targets.map((found) => {
    const { name } = found;
    const patterns = experiment.targets.find((target) => target.name === name)?.targets ?? [];
    return {
      found,
      facts: {
        name,
        patterns: [...patterns],
        functions: [...functions[name] ?? []],
        isolation: isolation[name] ?? "",
        delaysNs: [...delaysNs[name] ?? []],
        functionNs: functionNs[name] ?? null,
        command: [...commands.cells[name] ?? []],
      },
    };
  });
}

/**
 * The document of a result. Times are whole nanoseconds, estimates have six significant digits, results twelve.
 *
 * @param version of sb
 */
export function resultDocument(
  result: SweepResult,
  { version }: { version: string },
): Record<string, unknown> {
  const { experiment } = result;
  const document: Document = {
    ...result,
    experiment: {
      ...experiment,
      command: [...experiment.command],
      delaysNs: experiment.delaysNs === "auto" ? "auto" : [...experiment.delaysNs],
    },
    targets: rowsOf(result),
    files: [...result.files],
    commands: { sweep: [...result.commands.sweep] },
  };
  return {
    schema: 1,
    sb_version: version,
    kernel: result.machine.kernel,
    ...DOCUMENT.encode(document) as Record<string, unknown>,
  };
}

/**
 * The result of a document.
 *
 * @param value what `JSON.parse` gave
 * @throws SbError `sweep.journal` when it is none, or of another version
 */
export function readResult(value: unknown): SweepResult {
  const schema = typeof value === "object" && value !== null ? (value as { schema?: unknown }).schema : null;
  if (schema !== 1) throw damaged("schema", "not 1");
  const { targets: rows, ...document } = DOCUMENT.decode(value, "");
  const byName = <T>(read: (facts: Facts) => T) =>
    Object.fromEntries(rows.map(({ facts }) => [facts.name, read(facts)]));
  return {
    ...document,
    experiment: {
      ...document.experiment,
      targets: rows.map(({ facts: { name, patterns } }) => ({ name, targets: patterns })),
    },
    targets: rows.map(({ found }) => found),
    functions: byName(({ functions }) => functions),
    functionNs: byName(({ functionNs }) => functionNs),
    isolation: byName(({ isolation }) => isolation),
    delaysNs: byName(({ delaysNs }) => delaysNs),
    commands: { sweep: document.commands.sweep, cells: byName(({ command }) => command) },
  };
}
