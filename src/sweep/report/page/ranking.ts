/** The ranking: a forest plot, and the same numbers as a table. Pure. */
import { humanTime } from "../../../core/mod.ts";
import type { Estimate } from "../../../stats/mod.ts";
import { isTime } from "../../metric.ts";
import type { SweepResult, TargetResult } from "../../result.ts";
import type { Picture } from "../pictures/mod.ts";
import { plainText, typeset } from "../plain_text.ts";
import { humanChange, humanHits, humanSlope, isCalled, rankedTargets } from "../words.ts";
import { anchor, className } from "./answer.ts";
import { figure } from "./figure.ts";
import { type Html, markup } from "./markup.ts";

function estimate(value: Estimate | null, write: (value: number) => string): Html {
  if (value === null) return markup`<td class="quiet">–</td>`;
  if (!Number.isFinite(value.low) || !Number.isFinite(value.high)) {
    return markup`<td>${typeset(write(value.value))}</td>`;
  }
  const range = typeset(`[${write(value.low)}, ${write(value.high)}]`);
  return markup`<td>${typeset(write(value.value))} <span class="range">${range}</span></td>`;
}

/** A column of the table. */
interface Column {
  title: string;
  cell: (target: TargetResult, place: number) => Html;
  /** Whether it says something about a target; a column that says nothing about any is left out. */
  says?: (target: TargetResult) => boolean;
}

function columnsFor({ experiment: { metric } }: SweepResult): Column[] {
  const slope = (value: number) => humanSlope(metric, value);
  const change = (value: number) => humanChange(metric, value);
  return [
    {
      title: "Sensitivity",
      cell: (target) => estimate(isCalled(target) ? target.sensitivity : null, slope),
    },
    { title: "Class", cell: (target) => markup`<td class="left">${className(target)}</td>` },
    {
      title: "Slack a run",
      cell: ({ slackNs }) => estimate(slackNs, humanTime),
      says: ({ slackNs }) => slackNs !== null,
    },
    { title: "Beyond", cell: ({ beyond }) => estimate(beyond, slope), says: ({ beyond }) => beyond !== null },
    { title: "If halved", cell: ({ gain }) => estimate(gain, change), says: ({ gain }) => gain !== null },
    {
      title: "R²",
      cell: (target) =>
        markup`<td>${target.r2 === null || !isCalled(target) ? "–" : target.r2.toFixed(2)}</td>`,
    },
    { title: "Hits a run", cell: ({ hitsPerRun }) => markup`<td>${humanHits(hitsPerRun)}</td>` },
  ];
}

/** The section of the ranking. */
export function rankingSection(result: SweepResult, picture: Picture): Html {
  const targets = rankedTargets(result);
  const columns = columnsFor(result).filter(({ says }) => says === undefined || targets.some(says));
  const rows = targets.map((target, place) =>
    markup`<tr><th scope="row"><a class="name" href="#${anchor(place)}">${plainText(target.name)}</a></th>${
      columns.map(({ cell }) => cell(target, place))
    }</tr>`
  );
  const whole = isTime(result.experiment.metric)
    ? "At 1 every nanosecond that is added to the function reaches the result, at 0 none does."
    : "The change of the result for each second that is added to the function.";
  const isBent = targets.some(({ beyond }) => beyond !== null);
  return markup`<section>
<h2 id="ranking">Ranking</h2>
${
    figure({
      id: "ranking-figure",
      picture,
      file: "ranking.svg",
      isWide: true,
      caption: `Sensitivity of each function at today’s speed, with its 95 % interval. ${whole}${
        isBent ? " A hollow mark on a dotted line is the sensitivity behind a bend." : ""
      }`,
    })
  }
<p class="quiet">${
    targets.some(({ gain }) => gain !== null)
      ? "“If halved”: by how much the result would change if the function took half its time. Extrapolated: no run had it."
      : null
  }</p>
<div class="table-box" role="region" aria-label="The ranking as a table" tabindex="0"><table>
<thead><tr><th scope="col">Function</th>${
    columns.map(({ title }) =>
      title === "Class"
        ? markup`<th scope="col" class="left">${title}</th>`
        : markup`<th scope="col">${title}</th>`
    )
  }</tr></thead>
<tbody>${rows}</tbody></table></div>
</section>`;
}
