/** From a command line that was read to what `sb module` is asked for. */
import { type LoadOptions, MODULE_NAMES, type ModuleName, nameInFile } from "../../mod.ts";
import { nearestNames, SbError } from "../core/mod.ts";
import { type Invocation, optionValue } from "./parse.ts";
import { MODULE_ACTIONS } from "./table/module.ts";

/** What `sb module` does. */
export type ModuleAction = typeof MODULE_ACTIONS[number];

/** A module, and how it is loaded. */
export interface NamedModule {
  module: ModuleName;
  options: LoadOptions;
}

/** What `sb module` is asked for. */
export interface ModuleRequest {
  action: ModuleAction;
  modules: NamedModule[];
  /** Whether the modules were named; all are meant otherwise. */
  isNamed: boolean;
}

function meant(word: string, names: readonly string[]): string {
  const [nearest] = nearestNames(word, names, 1);
  return nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
}

function readAction(word: string): ModuleAction {
  const action = MODULE_ACTIONS.find((candidate) => candidate === word);
  if (action !== undefined) return action;
  throw new SbError(
    "usage.option",
    `Cannot read "${word}": sb module takes one of ${MODULE_ACTIONS.join(", ")}${
      meant(word, MODULE_ACTIONS)
    }`,
  );
}

/** The module that a file holds; one that is none is the kernel's to refuse. */
function moduleOfFile(path: string): ModuleName {
  let name: string | null;
  try {
    name = nameInFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new SbError("file.not_found", `Cannot load "${path}": there is no such file`, { cause: error });
    }
    throw new SbError("file.unreadable", `Cannot load "${path}": it cannot be read`, { cause: error });
  }
  const module = MODULE_NAMES.find((candidate) => candidate === (name ?? MODULE_NAMES[0]));
  if (module !== undefined) return module;
  throw new SbError("usage.option", `Cannot load "${path}": it is the module ${name}, none of sb's`, {
    hint: "Load it with insmod(8)",
  });
}

function readModule(word: string, action: ModuleAction): NamedModule {
  const module = MODULE_NAMES.find((candidate) => candidate === word);
  if (module !== undefined) return { module, options: {} };
  const isFile = word.includes("/") || word.endsWith(".ko");
  if (isFile && action === "load") return { module: moduleOfFile(word), options: { file: word } };
  throw new SbError(
    "usage.option",
    isFile
      ? `Cannot read "${word}": sb module ${action} takes no file`
      : `Cannot find the module "${word}": it is not one of ${MODULE_NAMES.join(", ")}${
        meant(word, MODULE_NAMES)
      }`,
  );
}

/** Refuses options that the action does not take. @throws SbError `usage.option` */
function requireFits(invocation: Invocation, action: ModuleAction): void {
  const taken: Readonly<Record<ModuleAction, readonly string[]>> = {
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
}

function readMaxTargets(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text) && Number(text) > 0) return Number(text);
  throw new SbError(
    "usage.option",
    `Cannot read "--max-targets=${text}": it is not a number from 1 to 9999999`,
  );
}

/** @throws SbError `usage.option`, `file.*` */
export function moduleRequest(invocation: Invocation): ModuleRequest {
  const [first, ...words] = invocation.operands;
  const action = readAction(first);
  requireFits(invocation, action);
  const kdir = optionValue(invocation, "kdir");
  const maxTargets = readMaxTargets(optionValue(invocation, "max-targets"));
  const named = words.map((word) => readModule(word, action));
  const modules = named.length > 0
    ? named
    : MODULE_NAMES.map((module): NamedModule => ({ module, options: {} }));
  if (maxTargets !== undefined && !modules.some(({ module }) => module === "speed_bump")) {
    throw new SbError("usage.option", 'Cannot read the option "--max-targets": it is of speed_bump');
  }
  return {
    action,
    isNamed: named.length > 0,
    modules: modules.map(({ module, options }) => ({
      module,
      options: {
        ...options,
        ...(kdir === undefined ? {} : { kdir }),
        ...(maxTargets === undefined || module !== "speed_bump" ? {} : { maxTargets }),
      },
    })),
  };
}
