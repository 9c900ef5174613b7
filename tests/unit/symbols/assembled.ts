/** Functions assembled from text into a real shared library, and the sites planned for them, written shortly. */
import { planSites } from "../../../src/symbols/mod.ts";
import type { SitePlan, TargetFunction } from "../../../src/symbols/mod.ts";
import { Folder, run } from "./compile.ts";

/** What else the library and the target have. */
export interface Assembly {
  /** Text behind the function: other functions, parts, tables. */
  after?: string;
  /** The file counts as Go's. */
  go?: boolean;
  at?: TargetFunction["at"];
  /** Probe exactly this far into the function. */
  exactBytes?: number;
  /** Call frame information for the function, in directives that the text may add to; on by default. */
  frames?: boolean;
  /** Link it to libstdc++. */
  cxx?: boolean;
  trampoline?: boolean;
}

/** Plans the sites of the function `f`; `g` is another function of the library. */
export function planAssembled(text: string, options: Assembly = {}): { plan: SitePlan; start: number } {
  using folder = new Folder();
  const [open, close] = options.frames === false ? ["", ""] : [".cfi_startproc", ".cfi_endproc"];
  const source = folder.write(
    "a.s",
    `.text\n.globl f, g\n.type f,@function\n.type g,@function\nf: ${open}\n${text}\n${close}\n.size f,.-f\n` +
      `g: ${open}\nret\n${close}\n.size g,.-g\n${options.after ?? ""}\n.section .note.GNU-stack\n`,
  );
  const path = `${folder.path}/a.so`;
  const link = options.cxx ? ["-Wl,--no-as-needed", "-lstdc++"] : [];
  run("gcc", "-shared", "-nostdlib", "-Wl,-Bsymbolic", source, "-o", path, ...link);
  const [, value, size] = /: ([0-9a-f]+) +(\d+) FUNC .* f$/m.exec(run("readelf", "-sW", path)) ?? [];
  const start = parseInt(value, 16);
  const exact = options.exactBytes !== undefined;
  const target: TargetFunction = {
    target: `a.so:f${options.at === "return" ? "%return" : ""}`,
    symbol: "f",
    demangled: null,
    aliases: [],
    file: {
      path: "/lib/a.so",
      openPath: path,
      device: 0,
      inode: 0n,
      sizeBytes: 0,
      modifiedNs: 0n,
      buildId: null,
      machine: "x86_64",
      go: options.go ?? false,
    },
    at: options.at ?? "entry",
    fileOffset: start + (options.exactBytes ?? 0),
    sizeBytes: exact ? 0 : Number(size),
    exact,
  };
  return { plan: planSites(target, { trampoline: options.trampoline ?? false }), start };
}

/** `+4 push`, `+4 jcc set 64`; of a trampoline the reason. */
export function sitesOf(text: string, options: Assembly = {}): string[] {
  const { plan, start } = planAssembled(text, options);
  if (plan.how === "trampoline") return [`trampoline: ${plan.why}`];
  return plan.sites.map((site) => {
    const condition = site.condition ? ` ${site.condition.when} ${site.condition.mask}` : "";
    return `+${site.fileOffset - start} ${site.class}${condition}`;
  });
}
