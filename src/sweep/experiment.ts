/** What makes an experiment valid, whichever way it was written: the file's tables or the command's options. Pure. */
import { MAX_DELAY_NS, MAX_SCHEDULE_NS, parseDelayTime, parseTime, SbError } from "../core/mod.ts";
import type { Experiment, Repeats, SweepTarget } from "./model.ts";

/** What holds where neither the file nor the options say otherwise. */
export const DEFAULTS = {
  metric: { kind: "wall" },
  delaysNs: "auto",
  repeats: { kind: "fixed", count: 10 },
  warmups: 1,
  seed: 1,
  budgetNs: null,
  maxFailures: 3,
  backend: "auto",
} as const satisfies Partial<Experiment>;

/** Repeats of a cell at the most. */
export const MAX_REPEATS = 10_000;
/** Cells of an experiment at the most. */
const MAX_CELLS = 1_000_000;

function refuse(what: string, seen: string, hint: string): never {
  throw new SbError("usage.sweep", `Cannot sweep with ${what}: ${seen}`, { hint });
}

/** Reads delays: rising, each once, 0 added where it is missing. @throws SbError `usage.sweep`, `usage.time` */
export function readDelays(texts: readonly string[]): readonly number[] | "auto" {
  if (texts.length === 1 && texts[0] === "auto") return "auto";
  if (texts.includes("auto")) {
    refuse(`delays "${texts.join(",")}"`, "auto stands among others", 'Write "auto" alone, or times');
  }
  const delays = [...new Set([0, ...texts.map(parseDelayTime)])].sort((first, second) => first - second);
  if (delays.length < 2) {
    refuse(`delays "${texts.join(",")}"`, "there is none above 0", "Name some: 0,1us,2us,5us,10us");
  }
  return delays;
}

/** Reads `5%` or `0.05`. @returns above 0, 1 at the most @throws SbError `usage.sweep` */
export function readShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const share = match ? Number(match[1]) / (match[2] ? 100 : 1) : NaN;
  if (share > 0 && share <= 1) return share;
  return refuse(`until "${text}"`, "it is no share above 0 and up to 1", "Write for example 5%");
}

/** Reads the time that a sweep may take, up to 30 days. @throws SbError `usage.time` */
export function readBudget(text: string): number {
  const ns = parseTime(text, { what: "budget", maxNs: MAX_SCHEDULE_NS, longUnits: true });
  if (ns > 0) return ns;
  return refuse(`budget "${text}"`, "nothing can run in no time", "Write for example 10m");
}

/** The name of a target that has none: the place in its first function's file, `Foo::bar` of `./app:Foo::bar`. */
export function nameOf(targets: readonly string[]): string {
  const place = /^[^:]*:(?!:)(.+)$/s.exec(targets[0])?.[1] ?? targets[0];
  return place.replace(/\s+/g, "_");
}

/** Refuses counts that make no sense. @throws SbError `usage.sweep` */
export function checkRepeats(repeats: Repeats): Repeats {
  const [least, most] = repeats.kind === "fixed"
    ? [repeats.count, repeats.count]
    : [repeats.min, repeats.max];
  if (!Number.isInteger(least) || least < 2) {
    refuse(`${least} repeats`, "an interval takes at least 2", "Use 5 or more");
  }
  if (!Number.isInteger(most) || most > MAX_REPEATS) {
    refuse(`${most} repeats`, `there are ${MAX_REPEATS} at the most`, "Use fewer");
  }
  if (most < least) refuse(`repeats from ${least} to ${most}`, "max is less than min", "Exchange them");
  return repeats;
}

function checkTargets(targets: readonly SweepTarget[]): void {
  if (targets.length === 0) {
    refuse(
      "no target",
      "there is nothing to slow",
      "Name functions: --slow FILE:FUNCTION, or [[target]] in the file",
    );
  }
  const names = new Map<string, SweepTarget>();
  for (const target of targets) {
    if (!/^[^\s.][^\s]{0,199}$/u.test(target.name)) {
      refuse(
        `the name "${target.name}"`,
        "it is empty, has white space or begins with a point",
        "Choose a short word",
      );
    }
    if (names.has(target.name)) {
      refuse(`two targets "${target.name}"`, "names must differ", 'Give one another name = "…"');
    }
    names.set(target.name, target);
  }
}

/** What was asked for, with defaults for what was not. @throws SbError `usage.sweep` when it cannot be carried out */
export function completeExperiment(asked: Partial<Experiment>): Experiment {
  return checkExperiment({ command: [], targets: [], ...DEFAULTS, ...asked });
}

function checkExperiment(experiment: Experiment): Experiment {
  if (experiment.command.length === 0 || experiment.command[0] === "") {
    refuse("no command", "there is nothing to run", 'Write it behind --, or command = ["…"] in the file');
  }
  checkTargets(experiment.targets);
  checkRepeats(experiment.repeats);
  if (!Number.isInteger(experiment.warmups) || experiment.warmups < 0 || experiment.warmups > 1000) {
    refuse(`${experiment.warmups} warm-ups`, "it is no whole number from 0 to 1000", "Use 1");
  }
  if (!Number.isInteger(experiment.seed) || Math.abs(experiment.seed) >= 2 ** 31) {
    refuse(`the seed ${experiment.seed}`, "it is no whole number of 32 bits", "Use 1");
  }
  if (!Number.isInteger(experiment.maxFailures) || experiment.maxFailures < 1) {
    refuse(`max_failures ${experiment.maxFailures}`, "it is no whole number from 1", "Use 3");
  }
  const { delaysNs, repeats } = experiment;
  if (delaysNs !== "auto") {
    if (delaysNs.some((ns) => ns > MAX_DELAY_NS)) {
      refuse("these delays", "one is above 10 s", "Use shorter ones");
    }
    const most = repeats.kind === "fixed" ? repeats.count : repeats.max;
    const cells = delaysNs.length * experiment.targets.length * most;
    if (cells > MAX_CELLS) {
      refuse(`${cells} cells`, `there are ${MAX_CELLS} at the most`, "Use fewer targets or repeats");
    }
  }
  return experiment;
}
