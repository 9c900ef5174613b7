/** `sb module`. */
import { buildModule, loadModule, type LoadOptions, moduleStatus, unloadModule } from "../../../mod.ts";
import { nearestNames, SbError } from "../../core/mod.ts";
import {
  builtJson,
  builtText,
  loadedJson,
  loadedText,
  moduleStatusJson,
  moduleStatusText,
  unloadedJson,
  unloadedText,
} from "../output/module.ts";
import { stdoutSink } from "../output/sink.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";
import { MODULE_ACTIONS } from "../table/module.ts";

type Action = typeof MODULE_ACTIONS[number];

function readAction(word: string): Action {
  const action = MODULE_ACTIONS.find((candidate) => candidate === word);
  if (action !== undefined) return action;
  const [nearest] = nearestNames(word, MODULE_ACTIONS, 1);
  const meant = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  throw new SbError(
    "usage.option",
    `Cannot read "${word}": sb module takes one of ${MODULE_ACTIONS.join(", ")}${meant}`,
  );
}

/** Refuses what the action does not take. @throws SbError `usage.option` */
function requireFits(invocation: Invocation, action: Action): void {
  const taken: Readonly<Record<Action, readonly string[]>> = {
    build: ["kdir"],
    load: ["kdir", "max-targets"],
    unload: [],
    status: [],
  };
  for (const long of ["kdir", "max-targets"]) {
    if (optionValue(invocation, long) === undefined || taken[action].includes(long)) continue;
    throw new SbError(
      "usage.option",
      `Cannot read the option "--${long}": sb module ${action} takes none such`,
    );
  }
  const [, file] = invocation.operands;
  if (file !== undefined && action !== "load") {
    throw new SbError("usage.option", `Cannot read "${file}": sb module ${action} takes no file`);
  }
}

function readMaxTargets(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text) && Number(text) > 0) return Number(text);
  throw new SbError(
    "usage.option",
    `Cannot read "--max-targets=${text}": it is not a number from 1 to 9999999`,
  );
}

function loadOptions(invocation: Invocation): LoadOptions {
  const [, file] = invocation.operands;
  const kdir = optionValue(invocation, "kdir");
  const maxTargets = readMaxTargets(optionValue(invocation, "max-targets"));
  return {
    ...(file === undefined ? {} : { file }),
    ...(kdir === undefined ? {} : { kdir }),
    ...(maxTargets === undefined ? {} : { maxTargets }),
  };
}

async function answer(action: Action, invocation: Invocation): Promise<{ json: string; text: string }> {
  const options = loadOptions(invocation);
  switch (action) {
    case "build": {
      const built = await buildModule(options);
      return { json: builtJson(built), text: builtText(built) };
    }
    case "load": {
      const loaded = await loadModule(options);
      return { json: loadedJson(loaded), text: loadedText(loaded) };
    }
    case "unload": {
      const unloaded = unloadModule();
      return { json: unloadedJson(unloaded), text: unloadedText(unloaded) };
    }
    case "status": {
      const status = await moduleStatus();
      return { json: moduleStatusJson(status), text: moduleStatusText(status) };
    }
  }
}

/** Does what the action says and answers on stdout. @returns the exit status */
export async function moduleCommand(invocation: Invocation): Promise<number> {
  const action = readAction(invocation.operands[0]);
  requireFits(invocation, action);
  const { json, text } = await answer(action, invocation);
  using stdout = stdoutSink();
  stdout.write(hasOption(invocation, "json") ? json : text);
  return 0;
}
