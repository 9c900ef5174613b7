/** The functions one by one: response, hits where they change, table of levels. Pure. */
import { humanTime } from "../../../core/mod.ts";
import type { LevelSummary, SweepResult, TargetResult } from "../../result.ts";
import type { Pictures, TargetPictures } from "../pictures/mod.ts";
import { plainText, shellLine, typeset } from "../plain_text.ts";
import { MOST_DOTS } from "../samples.ts";
import {
  gainText,
  humanChange,
  humanEstimate,
  humanHits,
  humanResult,
  humanSlope,
  isCalled,
  rankedTargets,
  targetSentence,
} from "../words.ts";
import { anchor, className } from "./answer.ts";
import { figure, thinnedText } from "./figure.ts";
import { type Html, markup } from "./markup.ts";

const CAPTION =
  "Small dots are runs, less what their whole block differed by; large marks are means with 95 % intervals, the line is the fit.";

function caption({ curve }: TargetPictures): string {
  return [
    CAPTION,
    ...(curve.cells.length > MOST_DOTS.ofOne ? [thinnedText(curve.cells.length)] : []),
    ...(curve.bend === null ? [] : ["The shaded strip is the interval of where it bends."]),
    ...(curve.gain === null
      ? []
      : ["Dashed and hollow: extrapolated to half of the function’s time; no run was there."]),
    ...(curve.whole === null ? [] : ["Dotted: all that is added reaches the result."]),
  ].join(" ");
}

function levelRow(result: SweepResult, { levels }: TargetResult, level: LevelSummary): Html {
  const { metric } = result.experiment;
  const plain = levels.find(({ delayNs }) => delayNs === 0);
  const change = level.difference !== null
    ? humanEstimate(level.difference, (value) => humanChange(metric, value))
    : plain === undefined || level === plain
    ? "–"
    : humanChange(metric, level.result - plain.result);
  return markup`
    <tr>
      <td>${humanTime(level.delayNs)}</td>
      <td>${level.cells}</td>
      <td>${humanHits(level.hits)}</td>
      <td>${humanTime(level.addedNs)}</td>
      <td>${humanResult(metric, level.result)}</td>
      <td>${humanResult(metric, level.deviation)}</td>
      <td>${typeset(change)}</td>
    </tr>
  `;
}

function levelTable(result: SweepResult, target: TargetResult): Html {
  return markup`
    <div class="table-box" role="region" aria-label="Levels of ${plainText(target.name)}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Delay</th>
            <th scope="col">Runs</th>
            <th scope="col">Hits</th>
            <th scope="col">Added</th>
            <th scope="col">Result</th>
            <th scope="col">Deviation</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
    ${target.levels.map((level) => levelRow(result, target, level))}</tbody>
      </table>
    </div>
  `;
}

function facts(result: SweepResult, target: TargetResult): Html {
  const { metric } = result.experiment;
  const { sensitivity, slackNs, beyond, gain, name } = target;
  const slope = (value: number) => humanSlope(metric, value);
  const functions = result.functions[name] ?? [];
  const command = result.commands.cells[name] ?? [];
  const functionNs = result.functionNs[name] ?? null;
  return markup`<dl>
${
    sensitivity === null || !isCalled(target) ? null : markup`
      <dt>Sensitivity</dt>
      <dd>${typeset(humanEstimate(sensitivity, slope))}</dd>
    `
  }
${
    slackNs === null ? null : markup`
      <dt>Slack</dt>
      <dd>${humanEstimate(slackNs, humanTime)} a run</dd>
    `
  }
${
    beyond === null ? null : markup`
      <dt>Beyond</dt>
      <dd>${typeset(humanEstimate(beyond, slope))}</dd>
    `
  }
${
    functionNs === null ? null : markup`
      <dt>Takes</dt>
      <dd>${humanTime(functionNs)} a run, what it calls included</dd>
    `
  }
${
    gain === null ? null : markup`
      <dt>If halved</dt>
      <dd>${typeset(gainText(gain, metric))}: extrapolated</dd>
    `
  }
<dt>Functions</dt><dd><code>${functions.slice(0, 20).map(plainText).join(", ")}${
    functions.length > 20 ? ` and ${functions.length - 20} more` : ""
  }</code></dd>
<dt>Isolation</dt><dd>${plainText(result.isolation[name] ?? "–")}</dd>
</dl>
${
    command.length === 0 ? null : markup`
      <p class="quiet">One run by hand:</p>
      <pre>${shellLine(command)}</pre>
    `
  }`;
}

/** The functions in their ranking, each with what is known of it. */
export function targetsSection(result: SweepResult, pictures: Pictures): Html {
  const targets = rankedTargets(result);
  const has = (test: (pictures: TargetPictures) => boolean) => [...pictures.targets.values()].some(test);
  const toggle = (id: string, text: string) =>
    markup`<label><input type="checkbox" id="${id}" checked> ${text}</label>`;
  return markup`
    <section>
      <h2 id="responses">Responses</h2>
      <div class="tools" role="group" aria-label="What the pictures show">
    ${toggle("show-cells", "single runs")}${
    toggle(
      "show-fit",
      "fit",
    )
  }${has(({ curve }) => curve.gain !== null) ? toggle("show-gain", "extrapolation") : null}${
    has(({ curve }) => curve.whole !== null) ? toggle("show-whole", "“all of it”") : null
  }
      </div>
      <div class="targets">
    ${
    targets.map((target, place) => {
      const own = pictures.targets.get(target.name);
      return markup`
        <article class="target" id="${anchor(place)}">
        <header><h3 class="name">${plainText(target.name)}</h3>${className(target)}</header>
        <p class="sentence">${typeset(targetSentence(target, result.experiment.metric))}.</p>
        ${
        own === undefined ? markup`<p class="quiet">There is nothing to draw.</p>` : markup`${
          figure({
            id: `response-${place + 1}-figure`,
            picture: own.response,
            file: `response.${place + 1}.svg`,
            caption: caption(own),
          })
        }${
          own.hits === null ? null : figure({
            id: `hits-${place + 1}-figure`,
            picture: own.hits,
            file: `hits.${place + 1}.svg`,
            caption:
              "Hits a run over the delay. They change: the program does other work when this function is slower.",
          })
        }`
      }
        <details><summary>Numbers</summary>${facts(result, target)}${levelTable(result, target)}</details>
        </article>
      `;
    })
  }</div>
    </section>
  `;
}
