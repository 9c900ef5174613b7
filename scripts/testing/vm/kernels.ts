/** The kernels that can be booted: Debian's, the debug kernel, or a folder that holds one. */
import { exists, VmError } from "./cache.ts";
import { debianKernel, SERIES, type Series } from "./debian.ts";
import { debugKernel } from "./debug_kernel.ts";

/** A kernel on this machine. */
export interface Kernel {
  /** As `--kernel` names it. */
  name: string;
  /** What is its own: `release`, an image, `lib/modules/RELEASE`, `kdir`. */
  folder: string;
  /** `uname -r` */
  release: string;
  /** What QEMU loads: an ELF vmlinux, or a bzImage. */
  image: string;
  /** The tree that modules are built against. */
  kdir: string;
  /** Whether it has checkers that make it slow and large. */
  debug: boolean;
}

/**
 * Gets a kernel, downloading or building it the first time.
 * @param name `6.1`, `6.12`, `debug`, or a folder as this makes one
 * @throws VmError when it cannot be had
 */
export async function openKernel(name: string): Promise<Kernel> {
  const folder = await kernelFolder(name);
  const image = ["vmlinux", "bzImage"].map((file) => `${folder}/${file}`).find(exists);
  if (!image || !exists(`${folder}/release`)) {
    throw new VmError(`Cannot boot "${name}": it needs the files "release" and "vmlinux" or "bzImage"`);
  }
  return {
    name,
    folder,
    release: Deno.readTextFileSync(`${folder}/release`).trim(),
    image,
    kdir: `${folder}/kdir`,
    debug: name === "debug",
  };
}

async function kernelFolder(name: string): Promise<string> {
  if (Object.hasOwn(SERIES, name)) return await debianKernel(name as Series);
  if (name === "debug") return await debugKernel();
  if (exists(name)) return Deno.realPathSync(name);
  throw new VmError(
    `Cannot boot "${name}": expected ${Object.keys(SERIES).join(", ")}, debug, or a folder with a kernel`,
  );
}
