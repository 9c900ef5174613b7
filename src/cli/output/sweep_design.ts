/** The design of a sweep, of `--dry-run`. Pure. */
import { formatTime, type Paint } from "../../core/mod.ts";
import type { SweepDesign } from "../../sweep/mod.ts";
import { alignColumns, humanCount } from "./columns.ts";
import { envelope, jsonLine } from "./envelope.ts";
import { roughTime } from "./sweep_progress.ts";
import { commandLine } from "./text.ts";

/** Targets, then runs, then how long. */
export function designText(design: SweepDesign, paint: Paint): string {
  const { experiment, targets, backend } = design;
  const [titles, ...rows] = alignColumns(
    [
      { title: "NAME", align: "left" },
      { title: "FUNCTIONS", align: "right" },
      { title: "ISOLATION", align: "left" },
      { title: "", align: "left" },
    ],
    targets.map((
      { name, functions, isolation },
    ) => [name, humanCount(functions.length), isolation, named(functions)]),
  );
  const delays = experiment.delaysNs === "auto"
    ? "chosen for each target"
    : experiment.delaysNs.map((ns) => ns === 0 ? "0" : formatTime(ns)).join(" ");
  return [
    paint.bold(`sb sweep ${commandLine(experiment.command)}`),
    `  dry run  ${backend}`,
    "",
    paint.bold(titles),
    ...rows,
    "",
    `delays   ${delays}`,
    `runs     ${runsText(design)}`,
    `time     ${timeText(design)}`,
    ...design.notes.map((note) => `${paint.bold("note:")} ${note}`),
    "",
  ].join("\n");
}

function named([first, ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} and ${humanCount(more.length)} more`;
}

function runsText({ experiment, cells, done, warmups, timings }: SweepDesign): string {
  const atMost = experiment.repeats.kind === "adaptive" || experiment.delaysNs === "auto" ? "at most " : "";
  const parts = [
    `${atMost}${humanCount(cells)} measured`,
    ...(done > 0 ? [`${humanCount(done)} of them are there`] : []),
    ...(warmups > 0 ? [`${humanCount(warmups)} to warm up`] : []),
    ...(timings > 0 ? [`${timings} or more to time the functions`] : []),
  ];
  return parts.join(", ");
}

function timeText({ experiment, cells, done, warmups, timings, expectedNs }: SweepDesign): string {
  const runs = cells - done + warmups + timings;
  const known = expectedNs === null
    ? `${humanCount(runs)} times the command's own, and the delays`
    : `about ${roughTime(expectedNs)}`;
  return experiment.budgetNs === null ? known : `${known}; ${roughTime(experiment.budgetNs)} at the most`;
}

/** `--dry-run --json` (`docs/json.md`). */
export function designJson(design: SweepDesign): string {
  const { experiment, targets } = design;
  return jsonLine({
    ...envelope(),
    dry_run: true,
    command: experiment.command,
    backend: design.backend,
    delays_ns: experiment.delaysNs,
    targets: targets.map(({ name, functions, isolation }) => ({ name, functions, isolation })),
    cells: { planned: design.cells, done: design.done },
    warmups: design.warmups,
    timings: design.timings,
    expected_ns: design.expectedNs === null ? null : Math.round(design.expectedNs),
    budget_ns: experiment.budgetNs,
    notes: design.notes,
  });
}
