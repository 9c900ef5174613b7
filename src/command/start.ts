/** Starts a command exactly as the caller of sb would have: nothing of Deno or sb reaches it. */
import {
  checkedSystemCall,
  type ChildCall,
  Errno,
  errnoName,
  errnoText,
  failedCall,
  monotonicNs,
  runLauncher,
  systemCall,
  type UserIds,
} from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { LAST_SIGNAL, Signal } from "../sys/mod.ts";
import type { PrivateFiles } from "./private_files.ts";
import { RunningCommand } from "./running.ts";
import {
  commandCandidates,
  type ExecAttempt,
  execError,
  isShellText,
  SEARCH_GOES_ON,
  terminated,
} from "./search.ts";
import { readStartState, signalSetBytes, type StartState } from "./start_state.ts";
import { type StandardStreams, StreamCalls } from "./streams.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What is to be started, and how. */
export interface CommandPlan {
  /** The program and its arguments; bytes where they are not text. */
  command: readonly (string | Bytes)[];
  /** The state to start in; that of sb itself by default. */
  start?: StartState;
  /** Whose command it is; the caller's by default. */
  user?: UserIds;
  /** It sees private copies of these files. */
  privateFiles?: PrivateFiles;
  /** System calls that the command's process makes just before it drops its ids and executes: a seed. */
  extraCalls?: readonly ChildCall[];
  /** Descriptors that the extra calls use; the command does not inherit them. */
  descriptors?: readonly number[];
  /** What the command's standard streams are; those of sb where they are left out. */
  streams?: StandardStreams;
}

/** clone(2): the child shares memory, the parent waits for its exec, sb becomes its parent. */
const CLONE_FLAGS = 0x100 /* VM */ | 0x4000 /* VFORK */ | 0x8000 /* PARENT */ | 17 /* SIGCHLD */;
const CLOCK_MONOTONIC = 1;
const SIG_SETMASK = 2;
const RLIMIT_NOFILE = 7;

/** struct sigaction of the kernel: handler (0 default, 1 ignore), flags, restorer, mask. */
const DEFAULT_ACTION = new Uint8Array(32);
const IGNORE_ACTION = Uint8Array.of(1, ...new Uint8Array(31));

function signalCalls(start: StartState): ChildCall[] {
  const calls: ChildCall[] = [];
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
    if (signal === Signal.KILL || signal === Signal.STOP) continue;
    const action = start.ignoredSignals.has(signal) ? IGNORE_ACTION : DEFAULT_ACTION;
    calls.push({ call: "rt_sigaction", args: [signal, action, null, 8] });
  }
  return calls;
}

function limitCalls(start: StartState): ChildCall[] {
  if (start.openFilesSoft === null) return [];
  const limits = new BigUint64Array(2);
  const bytes = new Uint8Array(limits.buffer);
  checkedSystemCall("read the limit of open files", "prlimit64", 0, RLIMIT_NOFILE, null, bytes);
  const soft = start.openFilesSoft === "unlimited" ? (1n << 64n) - 1n : BigInt(start.openFilesSoft);
  if (soft > limits[1]) return [];
  limits[0] = soft;
  return [{ call: "prlimit64", args: [0, RLIMIT_NOFILE, bytes, null] }];
}

/** Closes what Rust opened in the place of closed descriptors; all else that Deno opens is close-on-exec. */
function descriptorCalls(start: StartState, replaced: readonly number[]): ChildCall[] {
  return start.closedDescriptors.filter((fd) => !replaced.includes(fd))
    .map((fd) => ({ call: "close", args: [fd], ignore: "all" }));
}

function userCalls(user: UserIds | undefined): ChildCall[] {
  if (!user) return [];
  const groups = new Uint8Array(Uint32Array.from(user.groups).buffer);
  return [
    { call: "setgroups", args: [user.groups.length, groups] },
    { call: "setresgid", args: [user.gid, user.gid, user.gid] },
    { call: "setresuid", args: [user.uid, user.uid, user.uid] },
  ];
}

/** Runs the launcher once. @returns the running command, or the attempts to execute it that failed */
function launch(
  plan: CommandPlan & { start: StartState },
  options: { candidates: readonly Bytes[]; argv: readonly Bytes[] },
): RunningCommand | ExecAttempt[] {
  const { start } = plan;
  const argv = options.argv.map(terminated);
  const executedAt = new BigInt64Array(2);
  const executedAtBytes = new Uint8Array(executedAt.buffer);
  using streams = new StreamCalls(plan.streams ?? {});
  const setUp: ChildCall[] = [
    { call: "clone", args: [CLONE_FLAGS, 0, 0, 0, 0], forks: true },
    ...signalCalls(start),
    ...plan.privateFiles?.enterCalls() ?? [],
    ...limitCalls(start),
    ...streams.calls,
    ...descriptorCalls(start, streams.replaced),
    ...plan.extraCalls ?? [],
    ...userCalls(plan.user),
    { call: "rt_sigprocmask", args: [SIG_SETMASK, signalSetBytes(start.blockedSignals), null, 8] },
    { call: "clock_gettime", args: [CLOCK_MONOTONIC, executedAtBytes] },
  ];
  const calls: ChildCall[] = [
    ...setUp,
    ...options.candidates.map((path): ChildCall => ({
      call: "execve",
      args: [terminated(path), argv, start.environment],
      ignore: SEARCH_GOES_ON,
    })),
  ];
  const results = runLauncher(calls, {
    descriptors: [
      ...plan.descriptors ?? [],
      ...plan.privateFiles?.descriptors ?? [],
      ...streams.descriptors,
    ],
    reported: executedAtBytes,
  });
  const failed = failedCall(calls, results);
  const pid = results[0];
  const attempts = options.candidates.flatMap((path, index): ExecAttempt[] => {
    const result = results[setUp.length + index];
    return result === null ? [] : [{ path, errno: -result }];
  });
  const executed = pid !== null && pid > 0 && failed === null && attempts.length < options.candidates.length;
  if (executed) {
    const executedNs = executedAt[0] * 1_000_000_000n + executedAt[1];
    // Zero when a signal that was pending ended it before.
    return new RunningCommand(pid, executedNs || monotonicNs());
  }
  if (pid !== null && pid > 0) systemCall("wait4", pid, null, 0, null);
  if (failed !== null && failed.index < setUp.length) {
    throw new SbError(
      "kernel.refused",
      `Cannot start "${text(plan.command[0])}": ${errnoText(failed.errno)}`,
      {
        data: { call: failed.call.call, errno: errnoName(failed.errno) },
      },
    );
  }
  return attempts;
}

function text(argument: string | Bytes): string {
  return typeof argument === "string" ? argument : new TextDecoder().decode(argument);
}

/**
 * Starts a command and returns once it executes.
 *
 * @throws SbError `command.not_found`, `command.not_executable`, `kernel.refused`; then nothing runs
 */
export function startCommand(plan: CommandPlan): RunningCommand {
  const start = plan.start ?? readStartState();
  const argv = plan.command.map((argument) =>
    typeof argument === "string" ? new TextEncoder().encode(argument) : argument
  );
  const name = text(plan.command[0]);
  const candidates = commandCandidates(argv[0], start.environment);
  let outcome = launch({ ...plan, start }, { candidates, argv });
  if (outcome instanceof RunningCommand) return outcome;
  const last = outcome.at(-1);
  if (last?.errno === Errno.ENOEXEC && isShellText(last.path)) {
    // A script without #!: /bin/sh runs it, as from a shell (execvp(3)).
    const attempts = outcome;
    outcome = launch({ ...plan, start }, {
      candidates: [new TextEncoder().encode("/bin/sh")],
      argv: [new TextEncoder().encode("/bin/sh"), last.path, ...argv.slice(1)],
    });
    if (outcome instanceof RunningCommand) return outcome;
    throw execError(name, [...attempts.slice(0, -1), ...outcome]);
  }
  throw execError(name, outcome);
}
