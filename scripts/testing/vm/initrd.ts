/** The initial file system of a kernel: busybox, the modules that the root file system needs, and guest/init.sh. */
import { cached, contentId, exists, remove, VmError } from "./cache.ts";
import type { Kernel } from "./kernels.ts";
import { toolOutput, toolText } from "./tool.ts";

const INIT = Deno.readTextFileSync(new URL("guest/init.sh", import.meta.url));
const BUSYBOX = "/bin/busybox";
const MODULES = ["virtio_pci", "virtio_rng", "9pnet_virtio", "9p", "overlay"];
const APPLETS = ["sh", "cat", "mount", "mkdir", "ln", "insmod", "switch_root", "poweroff"];

/** The initrd of a kernel, made once per kernel and content of the init script. */
export async function initrd(kernel: Kernel): Promise<string> {
  if (!exists(BUSYBOX)) throw new VmError(`Cannot make the initrd: ${BUSYBOX} is not there (busybox-static)`);
  const id = await contentId(INIT, kernel.release, ...MODULES, ...APPLETS);
  return await cached(`${kernel.folder}/initrd-${id}`, async (partial) => {
    const folder = `${partial}.files`;
    remove(folder);
    for (const name of ["bin", "dev", "modules"]) Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
    Deno.copyFileSync(BUSYBOX, `${folder}/bin/busybox`);
    for (const name of APPLETS) Deno.symlinkSync("busybox", `${folder}/bin/${name}`);
    Deno.writeTextFileSync(`${folder}/init`, INIT, { mode: 0o755 });
    const order = await copyModules(kernel, `${folder}/modules`);
    Deno.writeTextFileSync(`${folder}/modules/order`, order.map((name) => `${name}\n`).join(""));
    const archive = await toolOutput(["sh", "-c", "find . | cpio -o -H newc --quiet -R 0:0"], {
      cwd: folder,
    });
    Deno.writeFileSync(partial, archive);
    remove(folder);
  });
}

/** Copies what the kernel has as modules of what is needed. @returns their names in the order of loading */
async function copyModules(kernel: Kernel, folder: string): Promise<string[]> {
  if (!exists(`${kernel.folder}/lib/modules/${kernel.release}`)) return [];
  const wanted: string[] = [];
  for (const module of MODULES) {
    const said = await toolText(
      ["modprobe", "-d", kernel.folder, "-S", kernel.release, "--show-depends", module],
    );
    // "insmod PATH" or "builtin NAME"
    wanted.push(
      ...said.split("\n").filter((line) => line.startsWith("insmod ")).map((line) => line.split(" ")[1]),
    );
  }
  const order: string[] = [];
  for (const path of new Set(wanted)) {
    const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.xz$/, "");
    const bytes = path.endsWith(".xz") ? await toolOutput(["xz", "-dc", path]) : Deno.readFileSync(path);
    Deno.writeFileSync(`${folder}/${name}`, bytes);
    order.push(name);
  }
  return order;
}
