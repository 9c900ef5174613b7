/** Where a command may be, and why it cannot be executed, as a shell decides (POSIX, "Command Search and Execution"). */
import { SbError } from "../core/mod.ts";
import { Errno, errnoName, errnoText } from "../../ffi/mod.ts";
import { environmentValue } from "./start_state.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An attempt to execute a path, and the errno it failed with. */
export interface ExecAttempt {
  path: Bytes;
  errno: number;
}

/** With these the search goes on (execvp of glibc). */
export const SEARCH_GOES_ON = [Errno.ENOENT, Errno.EACCES, Errno.ENOTDIR, 19 /* ENODEV */];

/** What execvp(3) searches when there is no PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";
const SLASH = 0x2f;
const COLON = 0x3a;
/** How much of a file bash looks at to tell a script from a binary file. */
const SCRIPT_SAMPLE_BYTES = 80;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A copy with a NUL behind it, as system calls want it. */
export function terminated(bytes: Uint8Array): Bytes {
  return concat(bytes, Uint8Array.of(0));
}

/**
 * The paths that a shell would try, in order.
 *
 * @param name as the user wrote it; one with a slash is not searched for
 * @param environment whose PATH is searched
 */
export function commandCandidates(name: Bytes, environment: readonly Bytes[]): Bytes[] {
  if (name.length === 0) return [];
  if (name.includes(SLASH)) return [name];
  const path = environmentValue(environment, "PATH") ?? encoder.encode(DEFAULT_PATH);
  const candidates: Bytes[] = [];
  for (let start = 0; start <= path.length;) {
    const colon = path.indexOf(COLON, start);
    const end = colon < 0 ? path.length : colon;
    const folder = path.slice(start, end);
    // An empty element is the working directory.
    candidates.push(folder.length === 0 ? name : concat(folder, Uint8Array.of(SLASH), name));
    start = end + 1;
  }
  return candidates;
}

function sample(path: string): Bytes | null {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(256);
    return bytes.slice(0, file.readSync(bytes) ?? 0);
  } catch {
    return null;
  }
}

/** Whether a file that the kernel cannot execute is a script for /bin/sh: no NUL in its first line. */
export function isShellText(path: Bytes): boolean {
  const bytes = sample(decoder.decode(path))?.subarray(0, SCRIPT_SAMPLE_BYTES);
  if (!bytes) return false;
  const nul = bytes.indexOf(0);
  const newline = bytes.indexOf(0x0a);
  return nul < 0 || (newline >= 0 && newline < nul);
}

/** The interpreter of a `#!` line, or null. */
function scriptInterpreter(path: string): string | null {
  const bytes = sample(path);
  if (!bytes) return null;
  return /^#![ \t]*([^ \t\n]+)/.exec(decoder.decode(bytes))?.[1] ?? null;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied;
  }
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/**
 * The error of a command that could not be executed: `command.not_found` (a shell's 127) or
 * `command.not_executable` (126).
 *
 * @param name as the user wrote it
 * @param attempts all that were made, in order; the last may have ended the search
 */
export function execError(name: string, attempts: readonly ExecAttempt[]): SbError {
  const notExecutable = (path: string, seen: string, hint: string, errno: number) =>
    new SbError("command.not_executable", `Cannot run "${name}": ${seen}`, {
      hint,
      data: { path, errno: errnoName(errno), exit: 126 },
    });
  const refused = attempts.find((attempt) => !SEARCH_GOES_ON.includes(attempt.errno as 2)) ??
    attempts.find((attempt) => attempt.errno === Errno.EACCES);
  if (refused) {
    const path = decoder.decode(refused.path);
    if (refused.errno === Errno.EACCES && isDirectory(path)) {
      return notExecutable(path, `${path} is a directory`, "Name a program in it", refused.errno);
    }
    if (refused.errno === Errno.EACCES) {
      const seen = `${path}: ${errnoText(refused.errno)}`;
      return notExecutable(path, seen, `Make it executable: chmod +x ${path}`, refused.errno);
    }
    if (refused.errno === Errno.ENOEXEC) {
      const seen = `${path} is neither a program of this machine nor a script`;
      return notExecutable(path, seen, `See what it is: file ${path}`, refused.errno);
    }
    return notExecutable(path, `${path}: ${errnoText(refused.errno)}`, "Name another program", refused.errno);
  }
  const present = attempts.map(({ path }) => decoder.decode(path)).find(exists);
  if (present !== undefined) {
    const interpreter = scriptInterpreter(present);
    const seen = interpreter === null
      ? `${present} is there, but a file that it names is not: its ELF interpreter, or the end of a link`
      : `its interpreter ${interpreter} was not found`;
    return new SbError("command.not_found", `Cannot run "${name}": ${seen}`, {
      hint: interpreter === null ? `See what it needs: file ${present}` : `Install ${interpreter}`,
      data: { path: present, ...(interpreter === null ? {} : { interpreter }), exit: 127 },
    });
  }
  const where = name.includes("/") ? "there is no such file" : "it is not in PATH";
  return new SbError("command.not_found", `Cannot run "${name}": ${where}`, {
    hint: name.includes("/") ? "Name a program that exists" : "Give its path, or add its folder to PATH",
    data: { exit: 127 },
  });
}
