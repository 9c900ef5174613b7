/** The module's sources as sb carries them, in the folder kmod/. */
import { SbError } from "../core/mod.ts";

/** A source file. */
export interface SourceFile {
  /** Relative to the sources' root. */
  path: string;
  text: string;
}

/** Where the sources may be: beside a bundle of sb, or in the checkout. */
const ROOTS = ["./kmod", "../../kmod"].map((path) =>
  decodeURIComponent(new URL(path, import.meta.url).pathname)
);
const BUILT_FROM = /(^|\/)(Makefile|Kbuild|dkms\.conf|LICENSE|[^/]*\.(c|h|mk))$/;
/** What a build leaves beside its sources. */
const MADE = /\.mod\.c$/;

function hasMakefile(folder: string): boolean {
  try {
    return Deno.statSync(`${folder}/Makefile`).isFile;
  } catch {
    return false;
  }
}

function pathsBelow(root: string, folder: string): string[] {
  return [...Deno.readDirSync(`${root}/${folder}`)].flatMap(({ name, isDirectory }) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory) return pathsBelow(root, path);
    return BUILT_FROM.test(path) && !MADE.test(path) ? [path] : [];
  });
}

/** Every file that a build of the module reads, by path. @throws SbError `module.prerequisite_missing` */
export function moduleSources(): SourceFile[] {
  const root = ROOTS.find(hasMakefile);
  if (root === undefined) {
    throw new SbError(
      "module.prerequisite_missing",
      "Cannot find the kernel module's sources: they are not with sb",
      {
        hint: "Use a whole checkout of sb",
        data: { looked: ROOTS },
      },
    );
  }
  return pathsBelow(root, "").sort().map((path) => ({
    path,
    text: Deno.readTextFileSync(`${root}/${path}`),
  }));
}

/** The version that the sources give themselves (dkms.conf). */
export function sourceVersion(sources: readonly SourceFile[]): string {
  const text = sources.find(({ path }) => path === "dkms.conf")?.text ?? "";
  return /^PACKAGE_VERSION="(.*)"$/m.exec(text)?.[1] ?? "unknown";
}

/** A name for the content of the sources. */
export async function sourceId(sources: readonly SourceFile[]): Promise<string> {
  const bytes = new TextEncoder().encode(sources.map(({ path, text }) => `${path}\0${text}\0`).join(""));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
