/** The commands for probes that outlive them: add, update, remove, list, clear, enable, disable, status, delay. Data only. */
import type { CommandRow, OptionRow } from "./model.ts";

const BACKEND: OptionRow = {
  long: "backend",
  value: "NAME",
  choices: ["auto", "ebpf", "kmod"],
  help: "Only this backend; auto (default) means all that there are",
};

const SCHEDULE: readonly OptionRow[] = [
  { long: "every", value: "N", help: "Delay each Nth hit (n = N, 2N, …)" },
  { long: "probability", value: "P", help: "Delay a chosen hit with probability P, 0 to 1" },
  { long: "times", value: "N", help: "At most N delays" },
  { long: "start", value: "T", help: "Open the window T from now, up to 30d" },
  { long: "duration", value: "T", help: "Close the window T after it opened, up to 30d" },
  {
    long: "how",
    value: "HOW",
    choices: ["spin", "sleep"],
    help: "spin holds the CPU, sleep gives it up (needs the kernel module)",
  },
  {
    long: "compensate",
    value: "BOOL",
    choices: ["yes", "no"],
    help: "Subtract the floor from the delay (yes)",
  },
  { long: "no-compensate", help: "The same as --compensate=no" },
];

const NAMES =
  "A probe is named by its id (k12 of the kernel module, e3 of eBPF), by @TAG, or by its target, which means those without an owner in every scope.";

/** `sb add`. */
export const ADD: CommandRow = {
  name: "add",
  summary: "Add a probe that stays when sb has ended",
  forms: ["[OPTIONS] --pid PID TARGET [DELAY]", "[OPTIONS] --all-processes TARGET [DELAY]"],
  description: [
    "Adds probes to the kernel module where it is loaded, otherwise to eBPF, pinned below /sys/fs/bpf/sb. They stay until sb remove or sb clear, and take effect after sb enable. Without DELAY it is the default delay (sb delay), at first 1ms. TARGET and DELAY are as for sb run; a pattern adds a probe a function.",
    "A tree is followed from now on: what PID and its descendants start is in it, nobody else. With eBPF (isolation shared) other processes that map the file pay the trap at each call, and are turned away; the kernel module leaves them untouched.",
  ],
  options: [
    {
      long: "pid",
      short: "p",
      value: "PID",
      completion: "pid",
      help: "Only the process PID and its descendants",
    },
    {
      long: "all-processes",
      short: "a",
      help: "Every process on the machine: all that map the file pay, services of the system too",
    },
    ...SCHEDULE,
    { long: "tag", value: "NAME", help: "A name for the probe: letters, digits, . _ -, up to 64" },
    {
      long: "owner",
      value: "PID",
      completion: "pid",
      help: "Remove the probe when process PID ends; it is live at once, whether probes are enabled or not",
    },
    {
      long: "backend",
      value: "NAME",
      choices: ["auto", "ebpf", "kmod"],
      help: "auto (default) takes the kernel module where it is loaded",
    },
    {
      long: "return",
      value: "HOW",
      choices: ["trampoline"],
      help:
        "Accept return trampolines where return instructions cannot be decoded; a C++ exception through one ends the program",
    },
  ],
  operands: ["TARGET", "[DELAY]"],
  operandCompletion: ["target"],
  sections: [{ title: "TARGETS AND DELAYS", lines: ["See sb help run."] }],
  examples: [
    { line: "sudo sb add --pid $$ python3:PyObject_GetAttr 5us", what: "in this shell and what it starts" },
    {
      line: "sudo sb add --pid 4242 'libc:f*sync' 10ms,every=10 --owner $$",
      what: "until this shell ends: each 10th fsync and fdatasync of a server",
    },
    { line: "sudo sb add -a ./app:process_request 10000", what: "as sbctl: nanoseconds, every process" },
  ],
};

/** `sb update`. */
export const UPDATE: CommandRow = {
  name: "update",
  summary: "Change the delay of added probes",
  forms: ["[OPTIONS] TARGET|ID|@TAG DELAY"],
  description: [
    "What is not named is kept. Naming times, every, start or duration begins that counter or window anew. With eBPF, delays in progress of these probes end.",
    NAMES,
  ],
  options: [...SCHEDULE, BACKEND],
  operands: ["TARGET|ID|@TAG", "DELAY"],
  sections: [],
  examples: [
    { line: "sudo sb update e3 50us", what: "another delay, the same schedule" },
    { line: "sudo sb update @slow-disk exp:20ms --times 100", what: "the next 100 chosen hits" },
  ],
};

/** `sb remove`. */
export const REMOVE: CommandRow = {
  name: "remove",
  summary: "Remove added probes, and print their last figures",
  forms: ["[OPTIONS] TARGET|ID|@TAG…"],
  description: [NAMES],
  options: [BACKEND],
  operands: ["TARGET|ID|@TAG"],
  repeatsLast: true,
  sections: [],
  examples: [
    { line: "sudo sb remove e3 k12", what: "by id" },
    { line: "sudo sb remove ./app:process_request", what: "by target, in every scope" },
  ],
};

/** `sb list`. */
export const LIST: CommandRow = {
  name: "list",
  summary: "List added probes and their figures",
  forms: ["[OPTIONS]"],
  description: [
    "Prints one line a probe, of every backend. STATE is stale when another file is at the path.",
  ],
  options: [
    { long: "all", help: "The probes of running sb run and sb attach, too" },
    BACKEND,
  ],
  operands: [],
  sections: [],
  examples: [
    { line: "sudo sb list", what: "what was added, and what it did" },
    { line: "sudo sb list --all --json | jq '.probes[].hits'", what: "everything that sb applies" },
  ],
};

/** `sb clear`. */
export const CLEAR: CommandRow = {
  name: "clear",
  summary: "Remove every added probe that has no owner",
  forms: ["[OPTIONS]"],
  description: ["With eBPF nothing stays pinned, the default delay and the switch of sb enable neither."],
  options: [
    {
      long: "all",
      help:
        "Those with an owner, too, and whatever another version of sb has pinned; no running sb run or sb attach",
    },
    BACKEND,
  ],
  operands: [],
  sections: [],
  examples: [{ line: "sudo sb clear", what: "as if nothing had been added" }],
};

/** `sb enable`. */
export const ENABLE: CommandRow = {
  name: "enable",
  summary: "Let added probes take effect",
  forms: ["[OPTIONS]"],
  description: ["Puts the breakpoints of all probes without an owner in. Figures go on where they were."],
  options: [BACKEND],
  operands: [],
  sections: [],
  examples: [{ line: "sudo sb enable", what: "after sb add" }],
};

/** `sb disable`. */
export const DISABLE: CommandRow = {
  name: "disable",
  summary: "Take the breakpoints of added probes out, and keep their figures",
  forms: ["[OPTIONS]"],
  description: [
    "Delays in progress end; when sb returns, no process has a breakpoint of a probe without an owner.",
  ],
  options: [BACKEND],
  operands: [],
  sections: [],
  examples: [{ line: "sudo sb disable", what: "a pause; sb enable goes on" }],
};

/** `sb status`. */
export const STATUS: CommandRow = {
  name: "status",
  summary: "Say whether added probes are enabled, and what they did altogether",
  forms: ["[OPTIONS]"],
  description: ["Prints one line a backend. Totals go on when a probe is removed."],
  options: [BACKEND],
  operands: [],
  sections: [],
  examples: [{ line: "sudo sb status", what: "both backends" }],
};

/** `sb delay`. */
export const DELAY: CommandRow = {
  name: "delay",
  summary: "Print or set the delay of sb add without one",
  forms: ["[OPTIONS] [TIME]"],
  description: ["TIME is 0 to 10s; a bare number is nanoseconds. Probes that are there keep their delays."],
  options: [BACKEND],
  operands: ["[TIME]"],
  sections: [],
  examples: [
    { line: "sudo sb delay", what: "print it" },
    { line: "sudo sb delay 1000000", what: "as sbctl: 1 ms" },
  ],
};
