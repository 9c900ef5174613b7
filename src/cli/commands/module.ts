/** `sb module`. */
import {
  buildModules,
  type LoadedModule,
  loadedState,
  loadModule,
  moduleStatus,
  unloadModule,
} from "../../../mod.ts";
import { type ModuleRequest, moduleRequest } from "../module_request.ts";
import {
  builtJson,
  builtText,
  loadedJson,
  loadedText,
  modulesStatusJson,
  modulesStatusText,
  unloadedJson,
  unloadedText,
} from "../output/module.ts";
import { stdoutSink } from "../output/sink.ts";
import { hasOption, type Invocation } from "../parse.ts";

async function load(modules: ModuleRequest["modules"]): Promise<LoadedModule[]> {
  const loaded: LoadedModule[] = [];
  // One after the other: the first builds them all.
  for (const { module, options } of modules) loaded.push(await loadModule(module, options));
  return loaded;
}

/** All that are loaded where none was named; one that was named must be. */
function toUnload({ modules, isNamed }: ModuleRequest): ModuleRequest["modules"] {
  const loaded = modules.filter(({ module }) => loadedState(module) !== null);
  return isNamed || loaded.length === 0 ? modules : loaded;
}

async function answer(request: ModuleRequest): Promise<{ json: string; text: string }> {
  const { action, modules } = request;
  switch (action) {
    case "build": {
      const names = modules.map(({ module }) => module);
      const built = (await buildModules(modules[0].options)).filter(({ module }) => names.includes(module));
      return { json: builtJson(built), text: builtText(built) };
    }
    case "load": {
      const loaded = await load(modules);
      return { json: loadedJson(loaded), text: loadedText(loaded) };
    }
    case "unload": {
      const unloaded = toUnload(request).map(({ module }) => unloadModule(module));
      return { json: unloadedJson(unloaded), text: unloadedText(unloaded) };
    }
    case "status": {
      const status = await moduleStatus();
      const shown = status.modules.filter(({ module }) => modules.some((each) => each.module === module));
      const asked = { ...status, modules: shown };
      return { json: modulesStatusJson(asked), text: modulesStatusText(asked) };
    }
  }
}

/** Does what the action says and answers on stdout. @returns the exit status */
export async function moduleCommand(invocation: Invocation): Promise<number> {
  const { json, text } = await answer(moduleRequest(invocation));
  using stdout = stdoutSink();
  stdout.write(hasOption(invocation, "json") ? json : text);
  return 0;
}
