/** The head of the report: what was asked, and the answer in words. Pure. */
import type { SweepResult, TargetResult } from "../../result.ts";
import { plainText, shellLine, typeset } from "../plain_text.ts";
import {
  gainText,
  humanSpan,
  isCalled,
  metricName,
  rankedTargets,
  stoppedText,
  targetSentence,
} from "../words.ts";
import { type Html, markup } from "./markup.ts";

/** A function's name, and a word of its class. */
export function className(target: TargetResult): Html {
  return isCalled(target)
    ? markup`<span class="class class-${target.class}">${target.class}</span>`
    : markup`<span class="class class-none">never called</span>`;
}

/** Where a target is in the page. */
export function anchor(place: number): string {
  return `target-${place + 1}`;
}

function matters(target: TargetResult): boolean {
  const { sensitivity } = target;
  if (!isCalled(target) || sensitivity === null || target.class === "hidden") return false;
  return sensitivity.low > 0 || sensitivity.high < 0;
}

/** The answer in one sentence, and whether it is the first function's. */
function headline(result: SweepResult, [first]: readonly TargetResult[]): { text: Html; isOfFirst: boolean } {
  const { metric } = result.experiment;
  if (first === undefined) return { text: markup`There is nothing to rank.`, isOfFirst: false };
  const says = markup`<a class="name" href="#${anchor(0)}">${plainText(first.name)}</a>: ${
    typeset(targetSentence(first, metric))
  }. ${className(first)}`;
  if (result.targets.length === 1) return { text: says, isOfFirst: true };
  if (matters(first)) return { text: markup`What matters most is ${says}`, isOfFirst: true };
  return isCalled(first) && first.class === "threshold"
    ? { text: markup`Nothing here matters at today’s speed. The first that will is ${says}`, isOfFirst: true }
    : { text: markup`Nothing here was seen to matter.`, isOfFirst: false };
}

/** A title, the facts of the sweep, the headline, a sentence for each function, and what is to be doubted. */
export function answerSection(result: SweepResult): Html {
  const { experiment, cells, machine } = result;
  const targets = rankedTargets(result);
  const { text, isOfFirst } = headline(result, targets);
  const others = targets.map((target, place) => ({ target, place })).slice(isOfFirst ? 1 : 0);
  const took = (Date.parse(result.ended) - Date.parse(result.started)) * 1e6;
  const facts = [
    `result: ${metricName(experiment.metric)}`,
    stoppedText(result),
    ...(cells.failed > 0 ? [`${cells.failed} failed`] : []),
    humanSpan(took),
    `${machine.cpus} × ${machine.cpu || machine.architecture}`,
    result.started.slice(0, 10),
  ];
  const warnings = [
    ...result.warnings.map((text) => ({ name: null, place: 0, text })),
    ...targets.flatMap(({ name, warnings }, place) => warnings.map((text) => ({ name, place, text }))),
  ];
  return markup`<header>
<h1>What matters in <code>${shellLine(experiment.command)}</code></h1>
<p class="facts">${facts.map(plainText).join(" · ")}</p>
<section class="answer" aria-label="The answer">
<p>${text}</p>
${
    isOfFirst && targets[0].gain !== null
      ? markup`<p class="gain">If it took half its time: ${
        typeset(gainText(targets[0].gain, experiment.metric))
      }. Extrapolated: no run had it.</p>`
      : null
  }
${
    others.length === 0
      ? null
      : markup`<ul>${
        others.map(({ target, place }) =>
          markup`<li><a class="name" href="#${anchor(place)}">${plainText(target.name)}</a>${
            className(target)
          }<span>${typeset(targetSentence(target, experiment.metric))}</span></li>\n`
        )
      }</ul>`
  }
</section>
${
    warnings.length === 0
      ? null
      : markup`<ul class="warnings" aria-label="Warnings">${
        warnings.map(({ name, place, text }) =>
          markup`<li>${
            name === null ? null : markup`<a class="name" href="#${anchor(place)}">${plainText(name)}</a>: `
          }${typeset(plainText(text))}</li>\n`
        )
      }</ul>`
  }
</header>`;
}
