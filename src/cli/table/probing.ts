/** The commands that probe: run and attach. Data only. */
import type { CommandRow, OptionRow, SectionRow } from "./model.ts";

const SLOW: OptionRow = {
  long: "slow",
  short: "s",
  value: "TARGET=SPEC",
  repeat: true,
  completion: "target",
  help: "Slow TARGET by SPEC; without =SPEC count its hits only. Repeat for more probes",
};
const FILE: OptionRow = {
  long: "file",
  short: "f",
  value: "FILE.toml",
  completion: "file",
  help: "Read probes and options from a configuration file; options given here win",
};

const SCHEDULE: readonly OptionRow[] = [
  { long: "every", value: "N", help: "Default for all probes: delay each Nth hit (n = N, 2N, …)" },
  {
    long: "probability",
    value: "P",
    help: "Default for all probes: delay a chosen hit with probability P, 0 to 1",
  },
  { long: "times", value: "N", help: "Default for all probes: at most N delays" },
  { long: "start", value: "T", help: "Default for all probes: open the window T after the start, up to 30d" },
  {
    long: "duration",
    value: "T",
    help: "Default for all probes: close the window T after it opened, up to 30d",
  },
  {
    long: "how",
    value: "HOW",
    choices: ["spin", "sleep"],
    help: "Default for all probes: spin holds the CPU, sleep gives it up (needs the kernel module)",
  },
  {
    long: "compensate",
    value: "BOOL",
    choices: ["yes", "no"],
    help: "Default for all probes: subtract the floor from the delay (yes)",
  },
  { long: "no-compensate", help: "The same as --compensate=no" },
];

const BACKEND: readonly OptionRow[] = [
  {
    long: "backend",
    value: "NAME",
    choices: ["auto", "ebpf", "kmod"],
    help:
      "What carries the probes out: eBPF programs, or the kernel module where it is loaded (see sb help module); auto (default) takes eBPF where it works, the module for how=sleep",
  },
  {
    long: "isolation",
    value: "HOW",
    choices: ["auto", "private-file", "per-process", "shared"],
    help:
      "How other processes are kept free of the trap; auto (default) takes the strongest that works, the report says which",
  },
  {
    long: "return",
    value: "HOW",
    choices: ["trampoline"],
    help:
      "Accept return trampolines where return instructions cannot be decoded; a C++ exception through one ends the program",
  },
  { long: "dry-run", help: "Resolve and print the plan; apply nothing, start nothing" },
];

const OUTPUT: OptionRow = {
  long: "output",
  short: "o",
  value: "FILE",
  completion: "file",
  help: "Write the report to FILE, to stdout (-) or to an open descriptor (&N) instead of stderr",
};

const TARGETS: SectionRow = {
  title: "TARGETS",
  lines: [
    "FILE:PLACE[%return]",
    "  FILE   a path, a program in PATH, or a library: libc.so.6, libc",
    "  PLACE  malloc  malloc@GLIBC_2.2.5  _ZN3Foo3barEi  Foo::bar  Foo::bar(int)",
    "         main.(*Server).Serve  'PyObject_*'  /^je_/  malloc+0x8  0x1234",
    "         file.c:123",
    "  %return puts the delay where the function returns",
  ],
};
const DELAYS: SectionRow = {
  title: "DELAYS",
  lines: [
    "DELAY{,KEY=VALUE}",
    "  DELAY  800ns  5us  1.5ms  2s  a bare number is nanoseconds; 0 to 10s",
    "         uniform:LOW:HIGH  normal:MEAN:DEVIATION  exp:MEAN",
    "  KEY    every=N  probability=P  times=N  start=T  duration=T",
    "         how=spin|sleep  compensate=yes|no",
    "  A hit passes: window, every, probability, times; then its delay is drawn.",
  ],
};

/** `sb run`. */
export const RUN: CommandRow = {
  name: "run",
  summary: "Run a command with functions slowed in its process tree",
  forms: [
    "[OPTIONS] --slow TARGET=SPEC [--] COMMAND [ARGUMENT]…",
    "[OPTIONS] -f FILE.toml [--] COMMAND [ARGUMENT]…",
  ],
  description: [
    "Starts COMMAND with probes in it and in everything it starts, from its exec on. When it ends the probes are undone and the report says what was hit and what was really added. Nothing else on the machine is slowed.",
    "COMMAND sees the limits, signals, descriptors and environment that sb was started with, and its exit status is sb's. The report goes to stderr, never to the command's stdout.",
  ],
  options: [
    SLOW,
    FILE,
    ...SCHEDULE,
    ...BACKEND,
    {
      long: "user",
      short: "u",
      value: "USER",
      completion: "user",
      help: "Run COMMAND as USER, with USER's groups",
    },
    OUTPUT,
  ],
  operands: ["COMMAND"],
  takesCommand: true,
  reports: true,
  sections: [TARGETS, DELAYS, {
    title: "EXIT STATUS",
    lines: [
      "COMMAND's own, 128+N for a signal; 126 not executable, 127 not found;",
      "125 sb failed before COMMAND; 2 usage, 3 not supported here, 4 permission",
    ],
  }],
  examples: [
    {
      line: "sudo sb run --slow python3:PyObject_GetAttr=5us -- python3 bench.py",
      what: "does attribute lookup matter? add exactly 5 µs to each",
    },
    {
      line: "sudo sb run --slow libc:malloc -- ls -R /usr",
      what: "count calls only, as perf stat -e probe_libc:malloc",
    },
    {
      line: "sudo sb run --slow libc:fsync%return=exp:20ms,every=10 -- ./server",
      what: "a disk with hiccups: each 10th fsync returns late",
    },
    {
      line: "sudo sb run --slow './app:Cache::get=1us' --slow './app:Cache::put=1us' -- ./app",
      what: "two functions by their C++ names",
    },
    {
      line: "sudo sb run --json -o result.json --slow ./app:parse=10us --start 5s -- ./app",
      what: "let it warm up for 5 s, keep the report for a script",
    },
    {
      line: "sudo sb run --dry-run --slow '/usr/bin/python3.11:PyDict_*=1us' -- python3.11 -V",
      what: "which functions, which instructions, which isolation: apply nothing",
    },
  ],
};

/** `sb attach`. */
export const ATTACH: CommandRow = {
  name: "attach",
  summary: "Slow functions in a process tree that is running",
  forms: ["[OPTIONS] --pid PID --slow TARGET=SPEC", "[OPTIONS] --name COMM --slow TARGET=SPEC"],
  description: [
    "Puts probes into the process PID and all its descendants, until Ctrl-C, for a time (--for) or until the tree ends; then undoes them and reports. Paths are those of the process: inside a container, the container's.",
  ],
  options: [
    {
      long: "pid",
      short: "p",
      value: "PID",
      completion: "pid",
      help: "The root of the tree: a process, not one of its threads",
    },
    {
      long: "name",
      short: "n",
      value: "COMM",
      completion: "process",
      help: "The one process of that name (as in ps -o comm)",
    },
    SLOW,
    FILE,
    { long: "for", value: "T", help: "Undo after T, up to 30d" },
    {
      long: "interval",
      short: "i",
      value: "T",
      help: "Report each T, 10ms or more; figures count from the start",
    },
    ...SCHEDULE,
    ...BACKEND,
    OUTPUT,
  ],
  operands: [],
  reports: true,
  sections: [{ title: "TARGETS AND DELAYS", lines: ["See sb help run."] }],
  examples: [
    {
      line: "sudo sb attach --pid 4242 --slow libc:malloc=2us --for 30s",
      what: "half a minute of slow malloc in a server that is up",
    },
    {
      line: "sudo sb attach --name redis-server --slow redis-server:dictFind=500ns",
      what: "until Ctrl-C",
    },
    {
      line: "sudo sb attach --pid 4242 --slow ./app:handle --interval 1s --json -o - | jq .probes[0].hits",
      what: "a live count, one JSON document a second",
    },
  ],
};
