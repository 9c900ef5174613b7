/** The kernel module's files as `echo` and `cat` use them: one write(2) a command, and its errno by name. */
import { assertEquals } from "@std/assert";
import { cString, errnoName, OpenFlags, OwnedFd, systemCall } from "../../ffi/mod.ts";
import {
  type HistogramRow,
  type ModuleTotals,
  parseHistograms,
  parseScopes,
  parseTargets,
  parseTotals,
  type ScopeRow,
  type TargetRow,
} from "../../src/probe/kmod/rows.ts";

// A library opened in a test counts as that test's leak: open libc before.
systemCall("gettid");

/** Where the module keeps its files. */
export const ROOT = "/sys/kernel/speed_bump";
const AT_FDCWD = -100;
const POLL_MS = 10;
const PATIENCE_MS = 20_000;

/** A file as `cat` shows it. */
export function read(file: string): string {
  return Deno.readTextFileSync(`${ROOT}/${file}`);
}

/** Writes to a file by one write(2). @returns `ok`, `cut` when not all of it was taken, or the errno's name */
export function write(file: string, content: string | Uint8Array<ArrayBuffer>): string {
  const fd = systemCall(
    "openat",
    AT_FDCWD,
    cString(`${ROOT}/${file}`),
    OpenFlags.wronly | OpenFlags.cloexec,
    0,
  );
  if (fd < 0) return errnoName(-fd);
  using open = new OwnedFd(fd, file);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const written = systemCall("write", open.fd, bytes, bytes.length);
  if (written < 0) return errnoName(-written);
  return written === bytes.length ? "ok" : "cut";
}

/** What becomes of a command: `ok` or the errno's name. */
export function attempt(text: string | Uint8Array<ArrayBuffer>): string {
  return write("targets", text);
}

/** Writes commands that must be taken, one after the other. */
export function command(...lines: string[]): void {
  for (const line of lines) assertEquals(attempt(line), "ok", line);
}

/** Sets `enabled`. */
export function enable(on: boolean): void {
  assertEquals(write("enabled", on ? "1" : "0"), "ok");
}

export function targets(): TargetRow[] {
  return parseTargets(read("targets_list"));
}

/** The target with a tag. */
export function target(tag: string): TargetRow {
  const found = targets().find((row) => row.tag === tag);
  if (!found) throw new Error(`no target has the tag "${tag}":\n${read("targets_list")}`);
  return found;
}

/** The line of the target with a tag. */
export function line(tag: string): string {
  return read("targets_list").split("\n").find((each) => each.includes(` tag=${tag} `)) ?? "";
}

export function scopes(): ScopeRow[] {
  return parseScopes(read("scopes"));
}

export function totals(): ModuleTotals {
  return parseTotals(read("stats"));
}

export function histogram(id: number): HistogramRow | undefined {
  return parseHistograms(read("histograms")).find((row) => row.id === id);
}

/** What a refused command must leave as it was. */
export function state(): string {
  const users = Deno.readTextFileSync("/sys/module/speed_bump/refcnt");
  return ["enabled", "default_delay_ns", "targets_list", "scopes"].map(read).join("---\n") + users;
}

/** Writes commands that must be refused, and looks whether anything changed. @param cases errno → commands */
export function refuse(cases: Readonly<Record<string, readonly (string | Uint8Array<ArrayBuffer>)[]>>): void {
  const before = state();
  for (const [errno, commands] of Object.entries(cases)) {
    for (const text of commands) {
      const shown = typeof text === "string" ? text : new TextDecoder().decode(text);
      assertEquals(attempt(text), errno, JSON.stringify(shown.slice(0, 200)));
    }
  }
  assertEquals(state(), before, "a refused command changed something");
}

/** Removes everything and puts settings back, at the end of a test too. */
class Reset implements Disposable {
  constructor() {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    enable(false);
    command("-*");
    for (const { id } of targets()) attempt(`-#${id}`);
    assertEquals(read("targets_list"), "");
    assertEquals(write("default_delay_ns", "1000000"), "ok");
  }
}

/** The module as it is when loaded; `using module = fresh()`. */
export function fresh(): Disposable {
  return new Reset();
}

/** Waits until something is so. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}:\n${read("targets_list")}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Runs a program to its end. @returns its exit status and what it printed, errors included */
export function run(program: string, ...args: string[]): { code: number; text: string } {
  const { code, stdout, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Runs a line in a shell, which must succeed. @returns what it printed */
export function shell(script: string): string {
  const { code, text } = run("bash", "-c", script);
  if (code !== 0) throw new Error(`${script}: exit status ${code}: ${text}`);
  return text;
}
