/** From a command line that was read to what the verbs are asked for. */
import {
  type AddRequest,
  type ControlChange,
  isScheduleKey,
  parseChange,
  parseSetting,
  parseSpec,
  SbError,
  type ScheduleSettings,
} from "../../mod.ts";
import { hasOption, type Invocation, optionValue } from "./parse.ts";

const TAG = /^[A-Za-z0-9._-]{1,64}$/;

/** The settings that options name. @throws SbError `usage.*` */
function namedOptions(invocation: Invocation): Partial<ScheduleSettings> {
  const settings: Partial<ScheduleSettings> = {};
  for (const [long, values] of invocation.options) {
    if (isScheduleKey(long)) Object.assign(settings, parseSetting(long, values.at(-1)!));
    if (long === "no-compensate") settings.compensate = false;
  }
  return settings;
}

/** The id that an option gives; null without it. */
function readPid(invocation: Invocation, option: string): number | null {
  const text = optionValue(invocation, option);
  if (text === undefined) return null;
  if (/^\d{1,10}$/.test(text) && Number(text) > 0) return Number(text);
  throw new SbError("usage.option", `Cannot read "--${option}=${text}": it is not a process id`);
}

/** The request of `sb add`. @throws SbError `usage.*` */
export function addRequest(invocation: Invocation): AddRequest {
  const [target, delay] = invocation.operands;
  const root = readPid(invocation, "pid");
  const isAll = hasOption(invocation, "all-processes");
  if (root !== null && isAll) {
    throw new SbError(
      "usage.option",
      'Cannot start "sb add": --pid and --all-processes are both given, give one',
    );
  }
  if (root === null && !isAll) {
    throw new SbError("usage.option", 'Cannot start "sb add": --pid PID or --all-processes is missing', {
      hint: "Add --pid $$ for this shell and what it starts",
    });
  }
  const tag = optionValue(invocation, "tag") ?? null;
  if (tag !== null && !TAG.test(tag)) {
    throw new SbError(
      "usage.option",
      `Cannot read "--tag=${tag}": it is not 1 to 64 of letters, digits, ".", "_", "-"`,
    );
  }
  const settings = namedOptions(invocation);
  return {
    target,
    spec: delay === undefined ? null : parseSpec(delay, settings),
    settings,
    root,
    owner: readPid(invocation, "owner"),
    tag,
    // The parser has checked the words against the table's choices.
    backend: (optionValue(invocation, "backend") ?? "auto") as AddRequest["backend"],
    trampoline: hasOption(invocation, "return"),
  };
}

/** The change of `sb update`: only what DELAY and the options name; DELAY's own keys win. @throws SbError `usage.*` */
export function changeOf(invocation: Invocation): ControlChange {
  const { settings, ...delay } = parseChange(invocation.operands[1]);
  return { ...delay, settings: { ...namedOptions(invocation), ...settings } };
}
