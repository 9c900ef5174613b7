/** What was done, where, and how to do it again. Pure. */
import { formatTime } from "../../../core/mod.ts";
import type { SweepResult } from "../../result.ts";
import type { Picture } from "../pictures/mod.ts";
import { plainText, shellLine } from "../plain_text.ts";
import { MOST_DOTS } from "../samples.ts";
import { humanSpan, metricName } from "../words.ts";
import { figure, thinnedText } from "./figure.ts";
import { type Html, markup } from "./markup.ts";

/** The noise over time. */
export function noiseSection(picture: Picture | null, runs: number): Html | null {
  if (picture === null) return null;
  return markup`<section>
<h2 id="noise">Noise over time</h2>
${
    figure({
      id: "drift-figure",
      picture,
      file: "drift.svg",
      isWide: true,
      caption:
        `What each run differed by from the others of its function and delay, in the order of the runs, in percent of a run without a delay; bars are the middles of blocks, crosses are failed runs, triangles lie outside. A machine that drifts shows as a slope: blocks take it off.${
          runs > MOST_DOTS.ofAll ? ` ${thinnedText(runs)}` : ""
        }`,
    })
  }
</section>`;
}

function repeatsText({ repeats }: SweepResult["experiment"]): string {
  return repeats.kind === "fixed"
    ? `${repeats.count} runs of each function and delay`
    : `${repeats.min} to ${repeats.max} runs of each function and delay, until intervals are ${
      Number((100 * repeats.until).toPrecision(3))
    } % wide`;
}

/** Design, machine, commands. */
export function experimentSection(result: SweepResult, { version }: { version: string }): Html {
  const { experiment, machine } = result;
  const delays = new Set(Object.values(result.delaysNs).map((own) => own.map(formatTime).join(", ")));
  const took = (Date.parse(result.ended) - Date.parse(result.started)) * 1e6;
  return markup`
    <section>
      <h2 id="experiment">The experiment</h2>
      <dl>
        <dt>Result</dt>
        <dd>${metricName(experiment.metric)}${
    "better" in experiment.metric ? `, ${experiment.metric.better} is better` : ", less is better"
  }</dd>
        <dt>Delays a call</dt>
        <dd>${[...delays].join("; ")}${experiment.delaysNs === "auto" ? " (chosen by a pilot run)" : ""}</dd>
        <dt>Runs</dt>
        <dd>${
    repeatsText(experiment)
  }, in blocks, each in an order of its own (seed ${experiment.seed}); ${experiment.warmups} to warm up</dd>
        <dt>Cells</dt>
        <dd>${result.cells.done} of ${result.cells.planned} run, ${result.cells.failed} failed; ${result.stopped}</dd>
        <dt>Time</dt>
        <dd>${result.started} to ${result.ended}, ${humanSpan(took)}</dd>
        <dt>Slowed by</dt>
        <dd>sb ${version}, ${result.backend}</dd>
      </dl>
      <h3>The machine</h3>
      <dl>
        <dt>Host</dt>
        <dd>${plainText(machine.host)}</dd>
        <dt>Kernel</dt>
        <dd>${plainText(machine.kernel)}, ${plainText(machine.architecture)}</dd>
        <dt>Processor</dt>
        <dd>${machine.cpus} × ${plainText(machine.cpu)}</dd>
        <dt>Memory</dt>
        <dd>${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB</dd>
        <dt>Load</dt>
        <dd>${machine.load[0].toFixed(2)} at the start, ${machine.load[1].toFixed(2)} at the end</dd>
      </dl>
      <h3>To do it again</h3>
      <pre>${shellLine(result.commands.sweep)}</pre>
      <p class="quiet">It runs:</p>
      <pre>${shellLine(experiment.command)}</pre>
    </section>
  `;
}

/** Buttons that save the numbers. */
export function dataSection({ name }: SweepResult): Html {
  const button = (kind: string, file: string, what: string) =>
    markup`<button type="button" data-save="${kind}" data-name="${plainText(file)}">${what}</button>`;
  return markup`
    <section class="needs-script">
      <h2 id="data">The data</h2>
      <div class="tools">
    ${button("json", `${name}.sweep.json`, "Result (JSON)")}${
    button(
      "cells_csv",
      `${name}.cells.csv`,
      "Runs (CSV)",
    )
  }${button("levels_csv", `${name}.levels.csv`, "Levels (CSV)")}
      </div>
    </section>
  `;
}
