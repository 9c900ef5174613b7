/** The delay specification `DELAY{,KEY=VALUE}`: text to plan and back, and where it starts in `TARGET=SPEC`. Pure. */
import { formatTime, MAX_DELAY_NS, nearestNames, parseDelayTime, SbError } from "../core/mod.ts";
import type { Delay, ProbeSpec } from "./model.ts";
import { DEFAULT_SETTINGS, formatSettings, parseSetting, type ScheduleSettings } from "./schedule.ts";

const DISTRIBUTIONS: Readonly<Record<string, { form: string; parameters: number }>> = {
  uniform: { form: "uniform:LOW:HIGH", parameters: 2 },
  normal: { form: "normal:MEAN:DEVIATION", parameters: 2 },
  exp: { form: "exp:MEAN", parameters: 1 },
};
const FORMS = Object.values(DISTRIBUTIONS).map((row) => row.form).join(", ");

/**
 * Reads a delay: `5us`, `uniform:1us:5us`, `normal:10us:2us`, `exp:10us`; each time 0 to 10 s.
 *
 * @throws SbError `usage.delay`, or `usage.time` when a time in it is malformed or out of range
 */
export function parseDelay(text: string): Delay {
  if (text === "") {
    throw new SbError("usage.delay", 'Cannot read the delay "": it is empty', {
      hint: `Write a time such as 5us, or one of ${FORMS}`,
    });
  }
  const [kind, ...parameters] = text.split(":");
  if (parameters.length === 0 && !Object.hasOwn(DISTRIBUTIONS, kind)) {
    return { kind: "fixed", ns: parseDelayTime(text) };
  }
  if (!Object.hasOwn(DISTRIBUTIONS, kind)) {
    const [nearest] = nearestNames(kind, Object.keys(DISTRIBUTIONS), 1);
    throw new SbError("usage.delay", `Cannot read the delay "${text}": "${kind}" is not a distribution`, {
      hint: nearest ? `Did you mean ${DISTRIBUTIONS[nearest].form}?` : `Use one of ${FORMS}`,
    });
  }
  const { form, parameters: wanted } = DISTRIBUTIONS[kind];
  if (parameters.length !== wanted) {
    const seen = `${kind} takes ${wanted} ${wanted === 1 ? "time" : "times"}, not ${parameters.length}`;
    throw new SbError("usage.delay", `Cannot read the delay "${text}": ${seen}`, { hint: `Write ${form}` });
  }
  const [first, second] = parameters.map(parseDelayTime);
  if (kind === "normal") return { kind, meanNs: first, deviationNs: second };
  if (kind === "exp") return { kind, meanNs: first };
  if (first > second) {
    throw new SbError("usage.delay", `Cannot read the delay "${text}": LOW is more than HIGH`, {
      hint: `Write uniform:${parameters[1]}:${parameters[0]}`,
    });
  }
  return { kind: "uniform", lowNs: first, highNs: second };
}

/**
 * Reads `DELAY{,KEY=VALUE}`; each key at most once.
 *
 * @param text the specification; the empty text is refused (a probe without one is `parseSpec("0")`)
 * @param defaults what holds for keys that the text does not name (the command's options)
 * @throws SbError `usage.delay` or `usage.time`, naming the part that is wrong
 */
export function parseSpec(text: string, defaults: Partial<ScheduleSettings> = {}): ProbeSpec {
  const [delayText, ...pairs] = text.split(",");
  const delay = parseDelay(delayText);
  const settings: ScheduleSettings = { ...DEFAULT_SETTINGS, ...defaults };
  const seen = new Set<string>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 0) {
      throw new SbError("usage.delay", `Cannot read "${pair}" in "${text}": it is not KEY=VALUE`, {
        hint: "Write a key and its value, for example every=10",
      });
    }
    const key = pair.slice(0, equals);
    if (seen.has(key)) {
      throw new SbError("usage.delay", `Cannot read "${text}": ${key} is given twice`, {
        hint: `Give ${key} once`,
      });
    }
    seen.add(key);
    Object.assign(settings, parseSetting(key, pair.slice(equals + 1)));
  }
  return specOf(delayText, delay, settings);
}

/**
 * Reads `DELAY{,KEY=VALUE}` as a change of a specification.
 *
 * @returns the delay, and only those settings that the text names
 * @throws SbError `usage.delay`, `usage.time`
 */
export function parseChange(
  text: string,
): { delayText: string; delay: Delay; settings: Partial<ScheduleSettings> } {
  const { delay, delayText } = parseSpec(text);
  const settings: Partial<ScheduleSettings> = {};
  for (const pair of text.split(",").slice(1)) {
    const equals = pair.indexOf("=");
    Object.assign(settings, parseSetting(pair.slice(0, equals), pair.slice(equals + 1)));
  }
  return { delayText, delay, settings };
}

/** A specification from its parts. @param delayText the delay as written */
export function specOf(delayText: string, delay: Delay, settings: ScheduleSettings): ProbeSpec {
  const { how, compensate, ...schedule } = settings;
  return { delayText, delay, schedule, how, compensate };
}

/** A delay in the grammar of {@linkcode parseDelay}. */
export function formatDelay(delay: Delay): string {
  switch (delay.kind) {
    case "fixed":
      return delay.ns === 0 ? "0" : formatTime(delay.ns);
    case "uniform":
      return `uniform:${formatTime(delay.lowNs)}:${formatTime(delay.highNs)}`;
    case "normal":
      return `normal:${formatTime(delay.meanNs)}:${formatTime(delay.deviationNs)}`;
    case "exp":
      return `exp:${formatTime(delay.meanNs)}`;
  }
}

/** A specification in the grammar of {@linkcode parseSpec}, without what is default. */
export function formatSpec(spec: ProbeSpec): string {
  const settings = { ...spec.schedule, how: spec.how, compensate: spec.compensate };
  return [formatDelay(spec.delay), ...formatSettings(settings)].join(",");
}

/** Whether a probe ever delays. */
export function isTimed({ delay }: ProbeSpec): boolean {
  return delay.kind !== "fixed" || delay.ns > 0;
}

/** The mean of a delay before draws are clipped to 0 … 10 s, in nanoseconds. */
export function meanDelayNs(delay: Delay): number {
  if (delay.kind === "fixed") return delay.ns;
  if (delay.kind === "uniform") return (delay.lowNs + delay.highNs) / 2;
  return Math.min(delay.meanNs, MAX_DELAY_NS);
}

/** `TARGET=SPEC`, split. */
export interface SplitSlow {
  target: string;
  /** null when there is none: count only. */
  spec: string | null;
}

/**
 * Splits `TARGET=SPEC` at the last `=` whose right side is a specification. The `=` of a `,KEY=VALUE` pair
 * belongs to the specification; C++ names hold `=` themselves (`operator==`).
 *
 * @throws SbError `usage.delay` or `usage.time` when what follows the last `=` was meant as one and is wrong
 */
export function splitSlow(text: string): SplitSlow {
  const equals = [...text.matchAll(/=/g)].map((match) => match.index);
  const isPair = (at: number) => /,[\w-]+$/.test(text.slice(0, at));
  const outer = equals.filter((at) => !isPair(at));
  let failure: SbError | undefined;
  for (const at of (outer.length > 0 ? outer : equals).reverse()) {
    const right = text.slice(at + 1);
    try {
      parseSpec(right);
      return checkedSplit(text.slice(0, at), right);
    } catch (error) {
      if (!(error instanceof SbError)) throw error;
      if (!isOperator(text, at) && isMeantAsSpec(right)) failure ??= error;
    }
  }
  const written = /^(.*)=[^=]*%return$/.exec(text);
  if (failure && written) {
    throw new SbError("usage.delay", `Cannot read "${text}": %return stands behind the delay`, {
      hint: `Write ${written[1]}%return${text.slice(written[1].length, -"%return".length)}`,
    });
  }
  if (failure) throw failure;
  return checkedSplit(text, null);
}

function checkedSplit(target: string, spec: string | null): SplitSlow {
  if (target !== "") return { target, spec };
  throw new SbError("usage.target", "Cannot read the target: it is empty", {
    hint: "Write FILE:FUNCTION=DELAY, for example libc.so.6:malloc=5us",
  });
}

/** Whether the `=` at `at` is a part of a C++ operator's name: `operator=`, `operator<=`, `operator==`. */
function isOperator(text: string, at: number): boolean {
  return /operator\s*[-=!<>+*/%&|^]*$/.test(text.slice(0, at));
}

/** What else may stand behind an `=` holds brackets, slashes or a file's colon: `Iterator<Item=u8>`, `/a=b/`, `a=1.so:f`. */
function isMeantAsSpec(right: string): boolean {
  const distribution = /^[a-z]+:(?!:)/i.test(right);
  return /^[\w.,:=µμ+\-% ]*$/.test(right) && (distribution || !right.includes(":"));
}
