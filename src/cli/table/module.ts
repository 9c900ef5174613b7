/** The command of the kernel module. Data only. */
import type { CommandRow } from "./model.ts";

/** What `sb module` does, in the order of the help. */
export const MODULE_ACTIONS = ["build", "load", "unload", "status"] as const;

/** `sb module`. */
export const MODULE: CommandRow = {
  name: "module",
  summary: "Build, load, unload or look at the kernel module",
  forms: ["build [--kdir DIR]", "load [--max-targets N] [--kdir DIR] [FILE.ko]", "unload", "status"],
  description: [
    "The module speed_bump.ko is the other backend: it works on kernels without BPF, its delays can sleep, and it obeys echo and cat on /sys/kernel/speed_bump. sb carries its sources and builds them for the running kernel, once; that takes the kernel's headers, make and the kernel's compiler.",
    "load builds what is not built yet. Unloading is safe at any time: every target goes, and delays in flight end.",
  ],
  options: [
    {
      long: "kdir",
      value: "DIR",
      completion: "file",
      help: "Build against this kernel tree (default /lib/modules/RELEASE/build)",
    },
    { long: "max-targets", value: "N", help: "load: room for N targets (default 4096)" },
  ],
  operands: ["ACTION", "[FILE.ko]"],
  operandCompletion: [MODULE_ACTIONS, "file"],
  sections: [{
    title: "EXIT STATUS",
    lines: [
      "0 ok (load: it is loaded; status: always), 1 failed, 2 usage,",
      "3 headers or tools are missing, or the kernel takes no module, 4 permission",
    ],
  }],
  examples: [
    { line: "sudo sb module load", what: "build it for this kernel and load it" },
    { line: "sb module status --json | jq .loaded", what: "for a script" },
    {
      line: "sb module build --kdir /usr/src/linux",
      what: "for another kernel; prints the path of the file",
    },
    { line: "sudo sb module unload", what: "and everything that it did is undone" },
  ],
};
