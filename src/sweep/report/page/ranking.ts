/** The ranking: a forest plot, and the same numbers as a table. Pure. */
import { humanTime } from "../../../core/mod.ts";
import type { Estimate } from "../../../stats/mod.ts";
import { isTime } from "../../metric.ts";
import type { SweepResult } from "../../result.ts";
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

/** The section of the ranking. */
export function rankingSection(result: SweepResult, picture: Picture): Html {
  const { metric } = result.experiment;
  const targets = rankedTargets(result);
  const slope = (value: number) => humanSlope(metric, value);
  const isHalved = targets.some(({ gain }) => gain !== null);
  const rows = targets.map((target, place) =>
    markup`<tr><th scope="row"><a class="name" href="#${anchor(place)}">${plainText(target.name)}</a></th>${
      estimate(isCalled(target) ? target.sensitivity : null, slope)
    }<td class="left">${className(target)}</td>${estimate(target.slackNs, humanTime)}${
      estimate(target.beyond, slope)
    }${isHalved ? estimate(target.gain, (value) => humanChange(metric, value)) : null}<td>${
      target.r2 === null || !isCalled(target) ? "–" : target.r2.toFixed(2)
    }</td><td>${humanHits(target.hitsPerRun)}</td></tr>\n`
  );
  const whole = isTime(metric)
    ? "At 1 every nanosecond that is added to the function reaches the result, at 0 none does."
    : "The change of the result for each second that is added to the function.";
  return markup`<section>
<h2 id="ranking">Ranking</h2>
${
    figure({
      id: "ranking-figure",
      picture,
      file: "ranking.svg",
      isWide: true,
      caption:
        `Sensitivity of each function at today’s speed, with its 95 % interval. ${whole} A hollow mark on a dotted line is the sensitivity behind a bend.`,
    })
  }
<p class="quiet">${
    isHalved
      ? "“If halved”: by how much the result would change if the function took half its time. Extrapolated: no run had it."
      : null
  }</p>
<div class="table-box" role="region" aria-label="The ranking as a table" tabindex="0"><table>
<thead><tr><th scope="col">Function</th><th scope="col">Sensitivity</th><th scope="col" class="left">Class</th><th scope="col">Slack a run</th><th scope="col">Beyond</th>${
    isHalved ? markup`<th scope="col">If halved</th>` : null
  }<th scope="col">R²</th><th scope="col">Hits a run</th></tr></thead>
<tbody>
${rows}</tbody></table></div>
</section>`;
}
