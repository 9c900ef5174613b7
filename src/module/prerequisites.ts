/** What a build needs of the machine, and the packages that bring it. */
import { SbError } from "../core/mod.ts";

/** Packages of a distribution: those of the kernel's build tree, of each tool, and the command that installs them. */
interface Distribution {
  ids: readonly string[];
  headers: (release: string) => string;
  tools: Readonly<Record<Tool, string>>;
  install: string;
}

type Tool = "make" | "gcc" | "clang";

const PLAIN = { make: "make", gcc: "gcc", clang: "clang" } as const;
const LLVM = { ...PLAIN, clang: "clang lld llvm" } as const;

const DISTRIBUTIONS: readonly Distribution[] = [
  {
    ids: ["debian", "ubuntu"],
    headers: (release) => `linux-headers-${release}`,
    tools: LLVM,
    install: "sudo apt-get install",
  },
  {
    ids: ["fedora", "rhel", "centos"],
    headers: (release) => `kernel-devel-${release}`,
    tools: LLVM,
    install: "sudo dnf install",
  },
  {
    ids: ["suse", "opensuse"],
    headers: () => "kernel-default-devel",
    tools: LLVM,
    install: "sudo zypper install",
  },
  { ids: ["arch"], headers: () => "linux-headers", tools: LLVM, install: "sudo pacman -S" },
  { ids: ["alpine"], headers: () => "linux-lts-dev", tools: LLVM, install: "sudo apk add" },
];

/** The distribution of an os-release file (os-release(5)): by its id, then by what it says to be like. */
export function distributionOf(osRelease: string): Distribution | undefined {
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
  const ids = [field("ID"), ...field("ID_LIKE").split(" ")];
  return ids.map((id) => DISTRIBUTIONS.find((row) => row.ids.some((known) => id.startsWith(known))))
    .find((row) => row !== undefined);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function isCommand(name: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) =>
    folder !== "" && exists(`${folder}/${name}`)
  );
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** A tree that modules can be built against. */
export interface BuildTree {
  path: string;
  /** The kernel that it belongs to. */
  release: string;
}

/** Where the build tree of a kernel is looked for. */
export function defaultTree(release: string): string {
  return `/lib/modules/${release}/build`;
}

/** The compiler that made a kernel, which its modules need too. */
function compilerOf(tree: string): Tool {
  const config = readIfThere(`${tree}/include/config/auto.conf`) || readIfThere(`${tree}/.config`);
  return /^CONFIG_CC_IS_CLANG=y$/m.test(config) ? "clang" : "gcc";
}

/** The release of a tree as its kernel tells it; Debian's kernel.release is another. */
function releaseOf(tree: string): string | undefined {
  return /^#define UTS_RELEASE "(.*)"$/m.exec(readIfThere(`${tree}/include/generated/utsrelease.h`))?.[1];
}

/**
 * The tree to build against, with every tool there.
 *
 * @param kdir a build tree; that of the running kernel by default
 * @throws SbError `module.prerequisite_missing`, with the command that installs what is missing
 */
export function requireBuildTree(kdir?: string): BuildTree {
  const running = Deno.osRelease();
  const path = kdir ?? defaultTree(running);
  const hasTree = exists(`${path}/Makefile`);
  const tools: Tool[] = ["make", compilerOf(path)];
  const missing = tools.filter((tool) => !isCommand(tool));
  if (hasTree && missing.length === 0) {
    return { path, release: releaseOf(path) ?? running };
  }
  const lacks = [
    ...(hasTree ? [] : [`${path} is no kernel build tree (the headers of ${running})`]),
    ...missing.map((tool) => `${tool} is not installed`),
  ];
  const distribution = distributionOf(readIfThere("/etc/os-release"));
  const packages = [
    ...(hasTree || kdir !== undefined || !distribution ? [] : [distribution.headers(running)]),
    ...missing.map((tool) => distribution?.tools[tool] ?? tool),
  ];
  throw new SbError("module.prerequisite_missing", `Cannot build the kernel module: ${lacks.join("; ")}`, {
    ...(packages.length > 0 && distribution
      ? { hint: `Install what is missing: ${distribution.install} ${packages.join(" ")}` }
      : { hint: "Name the kernel's build tree: sb module build --kdir DIR" }),
    data: { kdir: path, missing: lacks },
  });
}
