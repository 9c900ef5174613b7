/**
 * What sb itself was started with, which the command gets back: limits, signals, descriptors, environment.
 * `scripts/sb` notes it in SB_START before Deno changes it; without that note the nearest truth is read from /proc.
 */
import { maskOfSignals, readProcessStatus, Signal, signalsOfMask } from "../sys/mod.ts";

/** The state that a command starts in. */
export interface StartState {
  /** Soft RLIMIT_NOFILE: a number, "unlimited", or null when it shall stay as it is. */
  openFilesSoft: number | "unlimited" | null;
  ignoredSignals: ReadonlySet<number>;
  blockedSignals: ReadonlySet<number>;
  /** Those of the standard descriptors 0, 1, 2 that were closed: Rust's run-time opens /dev/null there. */
  closedDescriptors: readonly number[];
  /** `NAME=VALUE` entries, raw, in their order, each ended by a NUL. */
  environment: Uint8Array<ArrayBuffer>[];
}

/** The variable in which `scripts/sb` passes the state: `key=value` pairs with spaces between. */
const VARIABLE = "SB_START";

/** The entries of an environment block as the kernel keeps it, each with its NUL. */
export function splitEnvironment(block: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const entries: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < block.length;) {
    const end = block.indexOf(0, start);
    if (end < 0) break;
    entries.push(block.slice(start, end + 1));
    start = end + 1;
  }
  return entries;
}

/** The value of a variable, raw, or null. The first entry of a name counts, as for getenv(3). */
export function environmentValue(
  environment: readonly Uint8Array<ArrayBuffer>[],
  name: string,
): Uint8Array<ArrayBuffer> | null {
  const prefix = new TextEncoder().encode(`${name}=`);
  const entry = environment.find((bytes) => prefix.every((byte, index) => bytes[index] === byte));
  return entry ? entry.slice(prefix.length, -1) : null;
}

function withoutVariables(
  environment: Uint8Array<ArrayBuffer>[],
  names: readonly string[],
): Uint8Array<ArrayBuffer>[] {
  return environment.filter((entry) => names.every((name) => environmentValue([entry], name) === null));
}

/** The soft limit of open files in the text of /proc/PID/limits. */
function parseOpenFilesSoft(text: string): number | "unlimited" | null {
  const soft = /^Max open files +(\S+)/m.exec(text)?.[1];
  if (soft === undefined) return null;
  return soft === "unlimited" ? soft : Number(soft);
}

/**
 * Reads what `scripts/sb` noted.
 *
 * @param note `nofile=1024 ignored=MASK blocked=MASK closed=0,… added=NAME,… environment=BASE64`; hexadecimal masks
 * @param current the environment of this process, used when the note holds none
 */
export function parseStartNote(note: string, current: Uint8Array<ArrayBuffer>[]): StartState {
  const pairs = new Map(
    note.split(" ").map((pair) => {
      const equals = pair.indexOf("=");
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
  const list = (name: string) => (pairs.get(name) ?? "").split(",").filter((item) => item !== "");
  const mask = (name: string) => signalsOfMask(BigInt(`0x${pairs.get(name) || "0"}`));
  const nofile = pairs.get("nofile") ?? "";
  const encoded = pairs.get("environment");
  return {
    openFilesSoft: nofile === "" ? null : nofile === "unlimited" ? nofile : Number(nofile),
    ignoredSignals: mask("ignored"),
    blockedSignals: mask("blocked"),
    closedDescriptors: list("closed").map(Number),
    environment: encoded
      ? splitEnvironment(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)))
      : withoutVariables(current, [VARIABLE, ...list("added")]),
  };
}

let known: StartState | undefined;

/** The state that sb was started in; read once, since listeners for signals change what can be seen of it. */
export function readStartState(): StartState {
  return known ??= findStartState();
}

function findStartState(): StartState {
  const current = splitEnvironment(Deno.readFileSync("/proc/self/environ"));
  const note = environmentValue(current, VARIABLE);
  const status = readProcessStatus("self");
  const mask = (name: string) => signalsOfMask(BigInt(`0x${status.get(name) ?? "0"}`));
  const ignoredNow = mask("SigIgn");
  if (note !== null) {
    const state = parseStartNote(new TextDecoder().decode(note), current);
    const caughtNow = mask("SigCgt");
    // bash ignores SIGQUIT for itself alone: what neither is ignored nor has a handler now was not ignored.
    const ignoredSignals = [...state.ignoredSignals].filter((signal) =>
      signal === Signal.PIPE || ignoredNow.has(signal) || caughtNow.has(signal)
    );
    return { ...state, ignoredSignals: new Set(ignoredSignals) };
  }
  ignoredNow.delete(Signal.PIPE); // Rust's run-time ignores it before main (std::sys::unix::init)
  return {
    openFilesSoft: parentOpenFilesSoft(),
    ignoredSignals: ignoredNow,
    blockedSignals: mask("SigBlk"),
    closedDescriptors: [],
    environment: current,
  };
}

function parentOpenFilesSoft(): number | "unlimited" | null {
  try {
    return parseOpenFilesSoft(Deno.readTextFileSync(`/proc/${Deno.ppid}/limits`));
  } catch {
    return null; // the parent is of another user, or gone
  }
}

/** A signal mask as the bytes of the kernel's sigset_t. */
export function signalSetBytes(signals: Iterable<number>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(BigUint64Array.of(maskOfSignals(signals)).buffer);
}

/**
 * The last arguments of sb itself, raw: Deno's own are decoded, and lose bytes that are not UTF-8.
 *
 * @param count how many
 */
export function rawArguments(count: number): Uint8Array<ArrayBuffer>[] {
  const all = splitEnvironment(Deno.readFileSync("/proc/self/cmdline"));
  return count === 0 ? [] : all.slice(-count).map((entry) => entry.slice(0, -1));
}
