/** The command line of scripts/vm. Pure. */

export const HELP = `Runs a command as root in a virtual machine: another kernel, this machine's files.

usage: scripts/vm [OPTIONS] -- COMMAND [ARGUMENT...]   run a command in a guest
       scripts/vm test [OPTIONS] [PATTERN]             run the test files of tests/vm whose path contains PATTERN
       scripts/vm build-module [OPTIONS]               build the kernel module, print the path of each .ko file
       scripts/vm kernel [OPTIONS]                     get the kernel, print the tree that modules are built against

  --kernel NAME       6.1 (default), 6.12, debug (KASAN, lockdep, kmemleak), or a folder with a kernel;
                      test: may be repeated, 6.1 and 6.12 by default
  --timed             deterministic time: one processor, one nanosecond an instruction
  --cpus N            processors, 2 by default
  --one-thread        QEMU runs them in one thread, as code of the kernel's needs that is patched again and again
  --memory MB         1024 by default, 1536 for the debug kernel
  --timeout S         the guest is ended after that time: exit status 124. 300 by default, 1200 for the debug kernel
  --append ARGUMENTS  more kernel arguments
  --no-expedited      without rcupdate.rcu_expedited, which hides what detaching costs
  --allow-warn        let pass what the kernel complains of
  --module            build the module, load it before COMMAND and unload it after; a failure is a complaint
  --source DIR        the sources of the module, kmod by default
  --job DIR           a folder that the guest may write to, at /run/job
  --verbose           say on standard error what is being done, as on a terminal; test: show what passing files print

exit status: the command's; 98 when it succeeded and the kernel complained (WARN, BUG, KASAN, lockdep, a leak),
99 when the guest died, 124 when its time was over, 2 for a wrong command line, 3 when the guest cannot be set up
`;

/** What the command line asks for. */
export interface VmOptions {
  action: "run" | "test" | "build-module" | "kernel" | "help";
  /** As given; empty for the default. */
  kernels: string[];
  timed: boolean;
  oneThread: boolean;
  cpus: number;
  /** Undefined for the kernel's default, as `timeoutS`. */
  memoryMb?: number;
  timeoutS?: number;
  append: string[];
  expedited: boolean;
  allowWarn: boolean;
  module: boolean;
  /** Undefined for kmod. */
  source?: string;
  job?: string;
  verbose: boolean;
  /** The command, or the pattern of tests. */
  operands: string[];
}

/** A command line that makes no sense; the message says why. */
export class UsageError extends Error {
  override name = "UsageError";
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least) {
    throw new UsageError(`Cannot read "${name} ${text}": expected a whole number from ${least}`);
  }
  return value;
}

type Setter = (options: VmOptions, value: string) => void;

const FLAGS: Readonly<Record<string, Setter>> = {
  "--timed": (options) => options.timed = true,
  "--one-thread": (options) => options.oneThread = true,
  "--no-expedited": (options) => options.expedited = false,
  "--allow-warn": (options) => options.allowWarn = true,
  "--module": (options) => options.module = true,
  "--verbose": (options) => options.verbose = true,
  "--help": (options) => options.action = "help",
};

const VALUES: Readonly<Record<string, Setter>> = {
  "--kernel": (options, value) => options.kernels.push(value),
  "--cpus": (options, value) => options.cpus = wholeNumber("--cpus", value, 1),
  "--memory": (options, value) => options.memoryMb = wholeNumber("--memory", value, 256),
  "--timeout": (options, value) => options.timeoutS = wholeNumber("--timeout", value, 1),
  "--append": (options, value) => options.append.push(value),
  "--source": (options, value) => options.source = value,
  "--job": (options, value) => options.job = value,
};

function parseOption(options: VmOptions, word: string, rest: string[]): void {
  const [, name, inline] = /^(--[^=]*)(?:=([^]*))?$/.exec(word) ?? [undefined, word, undefined];
  if (Object.hasOwn(FLAGS, name) && inline === undefined) return FLAGS[name](options, "");
  if (!Object.hasOwn(VALUES, name)) throw new UsageError(`Cannot read "${word}": no such option`);
  const value = inline ?? rest.shift();
  if (value === undefined) throw new UsageError(`Cannot read "${name}": it needs a value`);
  VALUES[name](options, value);
}

const ACTIONS = ["test", "build-module", "kernel"] as const;

function checkOperands(options: VmOptions): void {
  const { action, operands, kernels } = options;
  if (action === "run" && operands.length === 0) {
    throw new UsageError('Cannot run: no command after "--"');
  }
  if (operands.length > 0 && (action === "build-module" || action === "kernel")) {
    throw new UsageError(`Cannot ${action}: "${operands[0]}" is not expected`);
  }
  if (action === "test" && operands.length > 1) throw new UsageError("Cannot test: more than one pattern");
  if (action !== "test" && kernels.length > 1) throw new UsageError(`Cannot ${action}: more than one kernel`);
}

/** Reads the command line. @throws UsageError */
export function parseVmOptions(args: readonly string[]): VmOptions {
  const options: VmOptions = {
    action: "run",
    kernels: [],
    timed: false,
    oneThread: false,
    cpus: 2,
    append: [],
    expedited: true,
    allowWarn: false,
    module: false,
    verbose: false,
    operands: [],
  };
  const rest = [...args];
  const action = ACTIONS.find((name) => name === rest[0]);
  if (action) options.action = action;
  if (action) rest.shift();
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") options.operands.push(...rest.splice(0));
    else if (word.startsWith("-")) parseOption(options, word, rest);
    else if (options.action === "test") options.operands.push(word);
    else throw new UsageError(`Cannot read "${word}": the command stands after "--"`);
  }
  if (options.action !== "help") checkOperands(options);
  return options;
}
