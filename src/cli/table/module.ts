/** The command of the kernel modules. Data only. */
import type { CommandRow } from "./model.ts";

/** What `sb module` does, in the order of the help. */
export const MODULE_ACTIONS = ["build", "load", "unload", "status"] as const;

/** `sb module`. */
export const MODULE: CommandRow = {
  name: "module",
  summary: "Build, load, unload or look at the kernel modules",
  forms: [
    "build [--kdir DIR] [MODULE]…",
    "load [--max-targets N] [--kdir DIR] [MODULE|FILE.ko]…",
    "unload [MODULE]…",
    "status [MODULE]…",
  ],
  description: [
    "The module speed_bump is the other backend: it works on kernels without BPF, its delays can sleep, and it obeys echo and cat on /sys/kernel/speed_bump. The module tracer is what sb count needs. Without MODULE both are meant. sb carries their sources and builds them for the running kernel, once; that takes the kernel's headers, make and the kernel's compiler.",
    "load builds what is not built yet. Unloading speed_bump is safe at any time: every target goes, and delays in flight end. tracer stays while somebody counts.",
  ],
  options: [
    {
      long: "kdir",
      value: "DIR",
      completion: "file",
      help: "Build against this kernel tree (default /lib/modules/RELEASE/build)",
    },
    { long: "max-targets", value: "N", help: "load: room for N targets of speed_bump (default 4096)" },
  ],
  operands: ["ACTION", "[MODULE]"],
  repeatsLast: true,
  operandCompletion: [MODULE_ACTIONS, ["speed_bump", "tracer"]],
  sections: [{
    title: "EXIT STATUS",
    lines: [
      "0 ok (load: they are loaded; status: always), 1 failed, 2 usage,",
      "3 headers or tools are missing, or the kernel takes no module, 4 permission",
    ],
  }],
  examples: [
    { line: "sudo sb module load", what: "build both for this kernel and load them" },
    { line: "sudo sb module load tracer", what: "only the one that sb count needs" },
    { line: "sb module status tracer --json | jq .modules[0].loaded", what: "for a script" },
    {
      line: "sb module build --kdir /usr/src/linux",
      what: "for another kernel; prints the paths of the files",
    },
    { line: "sudo sb module unload", what: "and everything that they did is undone" },
  ],
};
