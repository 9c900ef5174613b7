/** The command that counts kernel operations. Data only. */
import type { CommandRow } from "./model.ts";

/** `sb count`. */
export const COUNT: CommandRow = {
  name: "count",
  summary: "Count kernel operations per process: kmalloc, schedule, mutexes",
  forms: ["[OPTIONS] [--] COMMAND [ARGUMENT]…", "[OPTIONS] --pid PID [--interval T] [--for T]"],
  description: [
    "Counts what a process tree makes the kernel do, a row a process and the sum over the tree; processes that ended stay in it. With COMMAND from its exec to its end, nothing of sb itself included; its exit status is sb's. With --pid from now on, until Ctrl-C, for a time (--for) or until the tree ends: on a terminal a table that is drawn anew each second, otherwise a report each --interval and one at the end.",
    "It needs the kernel module tracer (see sb help module), and no privilege for processes of one's own. Nobody else is slowed, and while nobody counts nothing is.",
  ],
  options: [
    {
      long: "pid",
      short: "p",
      value: "PID",
      completion: "pid",
      help: "The root of the tree: a process, not one of its threads",
    },
    { long: "for", value: "T", help: "With --pid: end after T, up to 30d" },
    {
      long: "interval",
      short: "i",
      value: "T",
      help: "With --pid: report each T, 10ms or more; counts go on from the start, rates are of the interval",
    },
    {
      long: "user",
      short: "u",
      value: "USER",
      completion: "user",
      help: "Run COMMAND as USER, with USER's groups",
    },
    {
      long: "output",
      short: "o",
      value: "FILE",
      completion: "file",
      help: "Write the report to FILE, to stdout (-) or to an open descriptor (&N) instead of stderr",
    },
  ],
  operands: ["[COMMAND]"],
  takesCommand: true,
  reports: true,
  sections: [
    {
      title: "COLUMNS",
      lines: [
        "kmalloc, kfree          calls of __kmalloc (sizes that are not constant), kfree",
        "kmalloc_mem, kfree_mem  bytes asked for, and bytes of such memory freed",
        "sched                   calls of schedule",
        "up, down                calls of up, down_interruptible",
        "lock, unlock            calls of mutex_lock, mutex_unlock",
        "What an interrupt does is not charged to the process that it interrupts.",
      ],
    },
    {
      title: "EXIT STATUS",
      lines: [
        "COMMAND's own, 128+N for a signal; 126 not executable, 127 not found;",
        "125 sb failed before COMMAND; with --pid 0; 2 usage, 3 the module is not",
        "loaded, 4 permission",
      ],
    },
  ],
  examples: [
    {
      line: "sb count -- find /usr -name '*.h'",
      what: "how much kernel memory, how many locks does a find take?",
    },
    { line: "sb count --pid 4242", what: "a server, live, until Ctrl-C" },
    {
      line: "sb count --pid 4242 --interval 1s --for 1m --json -o - | jq .total.per_second.sched",
      what: "context switches a second, for a script",
    },
    {
      line: "sb count --json -o counts.json -- make -j8",
      what: "keep the figures of every process of a build",
    },
  ],
};
