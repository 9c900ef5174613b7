/** The verbs for probes that outlive the command: add, update, remove, list, clear, enable, disable, status, delay. */
import {
  addProbes,
  type BackendStatus,
  clearProbes,
  type ControlChoice,
  controlStatus,
  listProbes,
  removeProbes,
  setDefaultDelay,
  setEnabled,
  updateProbes,
} from "../../../mod.ts";
import { type Paint, parseDelayTime } from "../../core/mod.ts";
import { addRequest, changeOf } from "../control_request.ts";
import { type ColourChoice, paintFor } from "../output/colour.ts";
import { addedText, controlledJson, listText } from "../output/controlled.ts";
import {
  clearedJson,
  delayText,
  enabledJson,
  enabledText,
  statusJson,
  statusText,
} from "../output/status.ts";
import { addWarnings, listWarnings, type Remark, remarkLines } from "../output/remarks.ts";
import { stderrSink, stdoutSink } from "../output/sink.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";

/** A verb's name. */
export type Verb = "add" | "update" | "remove" | "list" | "clear" | "enable" | "disable" | "status" | "delay";

/** What a verb answers. */
export interface Answer {
  json: () => string;
  text: (paint: Paint) => string;
  /** For people, on stderr. */
  remarks: Remark[];
}

/** Does what the verb says and answers on stdout. @returns the exit status */
export async function controlCommand(verb: Verb, invocation: Invocation): Promise<number> {
  const answer = await runVerb(verb, invocation);
  using stdout = stdoutSink();
  const colour = (optionValue(invocation, "color") ?? "auto") as ColourChoice;
  if (hasOption(invocation, "json")) {
    stdout.write(answer.json());
    return 0;
  }
  stdout.write(answer.text(paintFor(colour, stdout.terminal)));
  if (hasOption(invocation, "quiet")) return 0;
  using stderr = stderrSink();
  stderr.write(remarkLines(answer.remarks, paintFor(colour, stderr.terminal)));
  return 0;
}

/** Does what the verb says, and writes nothing. @throws SbError */
export async function runVerb(verb: Verb, invocation: Invocation): Promise<Answer> {
  const backend = (optionValue(invocation, "backend") ?? "auto") as ControlChoice;
  const all = hasOption(invocation, "all");
  const [first] = invocation.operands;
  switch (verb) {
    case "add": {
      const result = await addProbes(addRequest(invocation));
      return {
        json: () => controlledJson(result),
        text: (paint) => addedText(result.probes, paint),
        remarks: addWarnings(result),
      };
    }
    case "update": {
      const result = await updateProbes(first, { change: changeOf(invocation), backend });
      return listed(result);
    }
    case "remove":
      return listed(await removeProbes(invocation.operands, { backend }));
    case "list":
      return listed(await listProbes({ all, backend }));
    case "clear": {
      const removed = await clearProbes({ all, backend });
      return {
        json: () => clearedJson(removed),
        text: () => `${removed === 1 ? "1 probe" : `${removed} probes`} removed\n`,
        remarks: [],
      };
    }
    case "enable":
    case "disable": {
      const result = await setEnabled(verb === "enable", { backend });
      return {
        json: () => enabledJson(verb === "enable", result),
        text: () => enabledText(verb === "enable", result.backends),
        remarks: result.notes.map((text) => ({ kind: "warning", text })),
      };
    }
    case "status":
      return statusAnswer(await controlStatus({ backend }), statusText);
    case "delay": {
      const statuses = first === undefined
        ? await controlStatus({ backend })
        : await setDefaultDelay(parseDelayTime(first), { backend });
      return statusAnswer(statuses, delayText);
    }
  }
}

function listed(result: Awaited<ReturnType<typeof listProbes>>): Answer {
  return {
    json: () => controlledJson(result),
    text: (paint) => listText(result.probes, paint),
    remarks: listWarnings(result),
  };
}

function statusAnswer(
  statuses: readonly BackendStatus[],
  text: (statuses: readonly BackendStatus[], paint: Paint) => string,
): Answer {
  return { json: () => statusJson(statuses), text: (paint) => text(statuses, paint), remarks: [] };
}
