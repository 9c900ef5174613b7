/** Kernel modules built against a kernel of the cache, from a copy of their sources, once per content. */
import { cached, contentId, exists, remove, vmCache, VmError } from "./cache.ts";
import type { Kernel } from "./kernels.ts";
import { toolText } from "./tool.ts";

/** What a build reads; the rest of a tree is what an earlier build made. */
const SOURCE = /^(Makefile|Kbuild|dkms\.conf|.*\.(c|h|S|mk|sh))$/;

/** The files of a source tree that a build reads, relative to it. */
function sourceFiles(root: string, folder = ""): string[] {
  const files: string[] = [];
  for (const { name, isDirectory, isFile } of Deno.readDirSync(`${root}/${folder}`)) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory) files.push(...sourceFiles(root, path));
    else if (isFile && SOURCE.test(name) && !/\.mod\.c$/.test(name)) files.push(path);
  }
  return files.sort();
}

function modulesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return modulesIn(path);
    return name.endsWith(".ko") ? [path] : [];
  }).sort();
}

/** Copies files with their modes: some are scripts. */
function copyFiles(files: readonly string[], source: string, folder: string): void {
  remove(folder);
  for (const path of files) {
    const copy = `${folder}/${path}`;
    Deno.mkdirSync(copy.slice(0, copy.lastIndexOf("/")), { recursive: true });
    Deno.copyFileSync(`${source}/${path}`, copy);
  }
}

async function make(kernel: Kernel, folder: string, ...args: readonly string[]): Promise<void> {
  if (!exists(kernel.kdir)) throw new VmError(`Cannot build for "${kernel.name}": it has no kdir`);
  const jobs = `-j${navigator.hardwareConcurrency}`;
  await toolText(["make", "-C", folder, jobs, `KDIR=${Deno.realPathSync(kernel.kdir)}`, ...args]);
}

async function built(kernel: Kernel, source: string, goal: string): Promise<string> {
  if (!exists(`${source}/Makefile`)) throw new VmError(`Cannot build "${source}": it has no Makefile`);
  const files = sourceFiles(source);
  const texts = files.map((path) => Deno.readTextFileSync(`${source}/${path}`));
  const id = await contentId(goal, kernel.folder, kernel.release, ...files, ...texts);
  const name = kernel.name.slice(kernel.name.lastIndexOf("/") + 1);
  return await cached(`${vmCache()}/modules/${name}-${goal}-${id}`, async (partial) => {
    copyFiles(files, source, partial);
    await make(kernel, partial, goal);
  });
}

/**
 * Builds the modules of a source tree with its Makefile (`make KDIR=… modules`).
 * @returns the paths of the .ko files, by name
 * @throws VmError with what the compiler said, or when nothing was built
 */
export async function buildModules(kernel: Kernel, source: string): Promise<string[]> {
  const modules = modulesIn(await built(kernel, source, "modules"));
  if (modules.length === 0) throw new VmError(`Cannot build "${source}": its Makefile made no .ko file`);
  return modules;
}

/**
 * Runs `make KDIR=… check` of a source tree, once per content.
 * @throws VmError with what the checkers said
 */
export async function checkModules(kernel: Kernel, source: string): Promise<void> {
  await built(kernel, source, "check");
}
