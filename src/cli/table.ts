/** The one command table: the parser, the help, the completions and the man page all come from it. Data only. */
import { COMPLETIONS, DOCTOR, HELP, MAN, SYMBOLS } from "./table/asking.ts";
import { ADD, CLEAR, DELAY, DISABLE, ENABLE, LIST, REMOVE, STATUS, UPDATE } from "./table/controlling.ts";
import { COUNT } from "./table/counting.ts";
import type { CommandRow, OptionRow } from "./table/model.ts";
import { MODULE } from "./table/module.ts";
import { ATTACH, RUN } from "./table/probing.ts";
import { CALL, SERVE } from "./table/serving.ts";
import { SWEEP } from "./table/sweeping.ts";

export type * from "./table/model.ts";
export { SHELLS } from "./table/asking.ts";

/** Options that stand anywhere, before the command's name too. */
export const GLOBAL_OPTIONS: readonly OptionRow[] = [
  { long: "help", short: "h", help: "Print the help of sb, or of the command" },
  { long: "version", short: "V", help: "Print the version" },
  { long: "json", help: "Write JSON, errors too; the shapes are in docs/json.md" },
  { long: "quiet", short: "q", help: "No progress lines, notes or warnings on stderr" },
  {
    long: "color",
    value: "WHEN",
    choices: ["auto", "always", "never"],
    help: "auto (default) colours on a terminal and honours NO_COLOR",
  },
];

/** The commands, in the order of the help. */
export const COMMANDS: readonly CommandRow[] = [
  RUN,
  ATTACH,
  SWEEP,
  COUNT,
  SYMBOLS,
  ADD,
  UPDATE,
  REMOVE,
  LIST,
  CLEAR,
  ENABLE,
  DISABLE,
  STATUS,
  DELAY,
  SERVE,
  CALL,
  MODULE,
  DOCTOR,
  HELP,
  COMPLETIONS,
  MAN,
];

/** What sb is, in the help and the manual page. */
export const ABOUT = {
  summary: "slow chosen native functions of running programs, in one process tree",
  description: [
    "A profiler says where time is spent, not which time matters. sb answers by experiment: it makes a function slower by an exact amount, only in the processes you choose, measures what was really added, and undoes everything. It needs a kernel with uprobes and BPF, and no kernel module, compiler or headers; where BPF is missing, or a delay has to sleep, a kernel module that sb builds does the same.",
  ],
  exits: [
    "0 ok, 1 failed, 2 usage, 3 not supported here, 4 permission, 5 no server,",
    "70 internal;",
    "run: the command's own, 125 when sb failed before it (see sb help run)",
  ],
} as const;

/** The command of that name. */
export function findCommand(name: string): CommandRow | undefined {
  return COMMANDS.find((command) => command.name === name);
}
