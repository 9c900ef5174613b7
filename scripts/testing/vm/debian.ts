/** Debian's kernels, unpacked into the cache and never installed: image, modules, and headers to build against. */
import { cached, remove, vmCache, VmError } from "./cache.ts";
import { toolText } from "./tool.ts";
import { extractVmlinux } from "./vmlinux.ts";

/** The series of kernels that Debian 12 has, and how a release of each is named. */
export const SERIES = {
  "6.1": /^linux-headers-(6\.1\.0-\d+-amd64)$/,
  "6.12": /^linux-headers-(6\.12\.\d+\+deb12-amd64)$/,
} as const;

/** A series, as `--kernel` names it. */
export type Series = keyof typeof SERIES;

/** Kernels on this machine may be older than what apt offers: delete the folder in the cache to renew it. */
export async function debianKernel(series: Series): Promise<string> {
  return await cached(`${vmCache()}/debian-${series}`, async (partial) => {
    remove(partial);
    Deno.mkdirSync(partial);
    try {
      await unpackKernel(await newestRelease(series), partial);
    } catch (error) {
      remove(partial);
      throw error;
    }
  });
}

/** The newest of some releases: numbers in them count as numbers. */
export function newest(releases: readonly string[]): string | undefined {
  const order = new Intl.Collator("en", { numeric: true });
  return [...releases].sort(order.compare).at(-1);
}

async function packageNames(prefix: string): Promise<string[]> {
  return (await toolText(["apt-cache", "pkgnames", prefix])).trim().split("\n");
}

async function newestRelease(series: Series): Promise<string> {
  const architecture = (await toolText(["dpkg", "--print-architecture"])).trim();
  if (architecture !== "amd64") {
    throw new VmError(`Cannot get kernel ${series}: there are amd64 kernels only, this is ${architecture}`);
  }
  // Lists of a fresh machine are empty, and old ones name packages that are gone.
  if (Deno.uid() === 0) await toolText(["apt-get", "update", "-qq"]);
  const images = new Set(await packageNames(`linux-image-${series}`));
  const releases = (await packageNames(`linux-headers-${series}`))
    .map((name) => SERIES[series].exec(name)?.[1])
    .filter((release) => release !== undefined)
    .filter((release) => images.has(`linux-image-${release}`));
  const found = newest(releases);
  if (!found) throw new VmError(`Cannot get kernel ${series}: apt offers none. Is Debian 12 in its sources?`);
  return found;
}

/** The packages that headers need to be built against, beside the compiler. */
async function headerPackages(headers: string): Promise<string[]> {
  const record = await toolText(["apt-cache", "show", "--no-all-versions", headers]);
  const depends = /^Depends: (.*)$/m.exec(record)?.[1] ?? "";
  return depends.split(",")
    .map((clause) => clause.trim().split(" ")[0])
    .filter((name) => /^linux-(headers|kbuild)-/.test(name));
}

/** Downloads packages and unpacks them into a folder. */
export async function unpackPackages(names: readonly string[], folder: string): Promise<void> {
  const downloads = `${folder}/downloads`;
  Deno.mkdirSync(downloads, { recursive: true });
  await toolText(["apt-get", "-o", "APT::Sandbox::User=root", "-qq", "download", ...names], {
    cwd: downloads,
  });
  for (const { name } of Deno.readDirSync(downloads)) {
    await toolText(["dpkg-deb", "-x", `${downloads}/${name}`, folder]);
  }
  remove(downloads);
}

async function unpackKernel(release: string, folder: string): Promise<void> {
  const headers = `linux-headers-${release}`;
  await unpackPackages([`linux-image-${release}`, headers, ...await headerPackages(headers)], folder);
  await toolText(["depmod", "-b", folder, release]);
  const image = Deno.readFileSync(`${folder}/boot/vmlinuz-${release}`);
  Deno.writeFileSync(`${folder}/vmlinux`, await extractVmlinux(image));
  // Debian's one absolute path into its headers; everything else is found from this file.
  const makefile = `${folder}/usr/src/${headers}/Makefile`;
  const included = Deno.readTextFileSync(makefile).replace(
    "include /usr/src/",
    "include $(dir $(lastword $(MAKEFILE_LIST)))../",
  );
  Deno.writeTextFileSync(makefile, included);
  Deno.symlinkSync(`usr/src/${headers}`, `${folder}/kdir`);
  Deno.writeTextFileSync(`${folder}/release`, release);
}
