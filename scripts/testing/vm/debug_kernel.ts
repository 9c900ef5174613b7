/** The kernel that finds what others forgive: KASAN, lockdep, kmemleak and more, built from Debian's source. */
import { cached, contentId, exists, remove, vmCache, VmError } from "./cache.ts";
import { toolText } from "./tool.ts";
import { unpackPackages } from "./debian.ts";

/** Debian's source package, the series of its oldest kernel. */
const SOURCE = "linux-source-6.1";
/** Over tinyconfig, in this order. */
const FRAGMENTS = ["base.config", "debug.config"].map((name) =>
  new URL(`../../../tests/vm/kernel/${name}`, import.meta.url).pathname
);

/** What the build needs beside a compiler, each with its package. */
const TOOLS = {
  "/usr/bin/flex": "flex",
  "/usr/bin/bison": "bison",
  "/usr/bin/bc": "bc",
  "/usr/include/gelf.h": "libelf-dev",
};

/** Settings of fragments that a `.config` does not have: a setting whose conditions fail vanishes in silence. */
export function lostSettings(fragments: string, config: string): string[] {
  const have = new Set(config.split("\n"));
  return fragments.split("\n").filter((line) => line.startsWith("CONFIG_")).filter((line) => {
    const [name, value] = line.split("=");
    return value === "n" ? [...have].some((other) => other.startsWith(`${name}=`)) : !have.has(line);
  });
}

/** Builds it unless the cache has one of these settings. Takes ten minutes of two processors. */
export async function debugKernel(): Promise<string> {
  const fragments = FRAGMENTS.map((path) => Deno.readTextFileSync(path)).join("");
  return await cached(`${vmCache()}/debug-${await contentId(SOURCE, fragments)}`, async (partial) => {
    const missing = Object.entries(TOOLS).filter(([path]) => !exists(path)).map(([, name]) => name);
    if (missing.length > 0) {
      throw new VmError(`Cannot build the debug kernel: run apt-get install ${missing.join(" ")}`);
    }
    const kdir = `${partial}/kdir`;
    if (!exists(`${kdir}/Makefile`)) await unpackSource(partial, kdir);
    await configure(kdir, fragments);
    const jobs = `-j${navigator.hardwareConcurrency}`;
    await toolText(["nice", "-n", "10", "make", "-s", jobs, "bzImage", "modules"], { cwd: kdir });
    Deno.copyFileSync(`${kdir}/arch/x86/boot/bzImage`, `${partial}/bzImage`);
    Deno.copyFileSync(`${kdir}/include/config/kernel.release`, `${partial}/release`);
  });
}

async function unpackSource(folder: string, kdir: string): Promise<void> {
  remove(folder);
  await unpackPackages([SOURCE], folder);
  // At a name of its own until it is whole: an interrupted build goes on, an interrupted unpacking starts again.
  const unpacked = `${folder}/unpacking`;
  Deno.mkdirSync(unpacked);
  const archive = `${folder}/usr/src/${SOURCE}.tar.xz`;
  await toolText(["tar", "-xJf", archive, "--strip-components=1", "-C", unpacked]);
  remove(`${folder}/usr`);
  Deno.renameSync(unpacked, kdir);
}

async function configure(kdir: string, fragments: string): Promise<void> {
  await toolText(["make", "-s", "tinyconfig"], { cwd: kdir });
  await toolText(["scripts/kconfig/merge_config.sh", "-m", ".config", ...FRAGMENTS], { cwd: kdir });
  await toolText(["make", "-s", "olddefconfig"], { cwd: kdir });
  const lost = lostSettings(fragments, Deno.readTextFileSync(`${kdir}/.config`));
  if (lost.length > 0) throw new VmError(`Cannot configure the debug kernel: lost ${lost.join(" ")}`);
}
