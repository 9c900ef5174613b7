/** Builds the kernel modules from sb's own sources, once per kernel and content. */
import { SbError } from "../core/mod.ts";
import { buildFolder, builtFile } from "./cache.ts";
import { type BuildOptions, type BuiltModule, MODULE_NAMES, type ModuleName } from "./model.ts";
import { type BuildTree, requireBuildTree } from "./prerequisites.ts";
import { moduleSources, type SourceFile, sourceId } from "./sources.ts";

/** Lines of the compiler's output that the error shows; the rest is in its data. */
const SHOWN_LINES = 5;

function findFile(folder: string, wanted: string): string | undefined {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const found = isDirectory ? findFile(path, wanted) : name === wanted ? path : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function buildFailed(tree: BuildTree, log: string): SbError {
  const errors = log.split("\n").filter((line) => /error|Error|\*\*\*/.test(line));
  return new SbError(
    "module.build_failed",
    `Cannot build the kernel modules for ${tree.release}: make failed\n${
      errors.slice(0, SHOWN_LINES).join("\n")
    }`,
    { hint: "See the whole output: sb module build --json", data: { kdir: tree.path, log } },
  );
}

async function make(
  sources: readonly SourceFile[],
  { tree, folder }: { tree: BuildTree; folder: string },
): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Kbuild takes no path with blanks.
  const making = Deno.makeTempDirSync({ ...(/\s/.test(folder) ? {} : { dir: folder }), prefix: "making-" });
  try {
    for (const { path, text } of sources) {
      Deno.mkdirSync(`${making}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${making}/${path}`, text);
    }
    const { success, stdout, stderr } = await new Deno.Command("make", {
      args: [
        "-C",
        making,
        `-j${navigator.hardwareConcurrency}`,
        `KDIR=${Deno.realPathSync(tree.path)}`,
        "modules",
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    const made = MODULE_NAMES.map((module) => ({ module, path: findFile(making, `${module}.ko`) }));
    if (!success || made.some(({ path }) => path === undefined)) {
      throw buildFailed(tree, decoder.decode(stdout) + decoder.decode(stderr));
    }
    // Whole or not at all: another sb may look for one right now.
    for (const { module, path } of made) {
      // It may be of another file system.
      const near = `${folder}/${module}.ko.${Deno.pid}`;
      Deno.copyFileSync(path!, near);
      Deno.renameSync(near, `${folder}/${module}.ko`);
    }
  } finally {
    Deno.removeSync(making, { recursive: true });
  }
}

/** A module for a kernel as it was built before; null when it was not. */
export async function findBuilt(module: ModuleName, release: string): Promise<string | null> {
  return builtFile(buildFolder(release, await sourceId(moduleSources())), module);
}

/**
 * Builds the modules, unless they were built from the same sources for the same kernel before.
 *
 * @throws SbError `module.prerequisite_missing`, `module.build_failed`
 */
export async function buildModules(options: BuildOptions = {}): Promise<BuiltModule[]> {
  const sources = moduleSources();
  const tree = requireBuildTree(options.kdir);
  const folder = buildFolder(tree.release, await sourceId(sources));
  const wasThere = MODULE_NAMES.every((module) => builtFile(folder, module) !== null);
  if (!wasThere) await make(sources, { tree, folder });
  return MODULE_NAMES.map((module) => ({
    module,
    path: `${folder}/${module}.ko`,
    release: tree.release,
    wasThere,
  }));
}
