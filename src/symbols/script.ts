/** Scripts in place of programs: which ELF a script runs, through version managers' shims and `#!` lines. */
import type { OwnedFd } from "../../ffi/mod.ts";
import { readHead, type Root } from "./root.ts";

/** Scripts that start scripts, as the kernel counts them (fs/exec.c: at most 5) and some shims on top. */
const MAX_STEPS = 8;
const MAX_SCRIPT_BYTES = 64 * 1024;
const SHELL = /(?:^|\/)(?:sh|bash|dash|ksh|zsh|ash)$/;
/** A wrapper's last line, `exec /path/to/program … "$@"`. Words that the shell would change are not taken. */
const LAST_EXEC = /^\s*exec\s+(["']?)(\/[^\s"'$`\\*?;&|<>(){}~]+)\1(?=\s|$)/;
/** Version managers that share rbenv's layout: ROOT/shims/NAME runs ROOT/versions/VERSION/bin/NAME. */
const MANAGERS: Record<string, { variable: string; file: string }> = {
  pyenv: { variable: "PYENV_VERSION", file: ".python-version" },
  rbenv: { variable: "RBENV_VERSION", file: ".ruby-version" },
  nodenv: { variable: "NODENV_VERSION", file: ".node-version" },
};

/** What scripts are followed in. */
export interface ScriptContext {
  root: Root;
  env: Readonly<Record<string, string>>;
}

/** What a script is. */
export interface ScriptFacts {
  /** The whole `#!` line. */
  line: string;
  /** `a pyenv shim`, or `a script`. */
  what: string;
  /** The ELF that runs in the end; null when it cannot be known. */
  runs: string | null;
}

/** The program of that name in PATH; null when there is none. @param skip a directory that does not count */
export function findInPath(name: string, context: ScriptContext, skip?: string): string | null {
  for (const directory of (context.env.PATH ?? "/usr/bin:/bin").split(":")) {
    if (directory === skip) continue;
    const path = `${directory === "" ? "." : directory}/${name}`;
    using fd = context.root.open(path);
    if (fd === null) continue;
    const stat = Deno.statSync(fd.path);
    if (stat.isFile && ((stat.mode ?? 0) & 0o111) !== 0) return path;
  }
  return null;
}

/**
 * Takes a script apart.
 *
 * @param fd the script, open as O_PATH: the bytes judged are those of the file that was opened
 * @returns null when the file does not start with `#!`
 */
export function readScript(fd: OwnedFd, path: string, context: ScriptContext): ScriptFacts | null {
  return follow({ fd, path }, context, 0);
}

function follow(
  { fd, path }: { fd: OwnedFd; path: string },
  context: ScriptContext,
  steps: number,
): ScriptFacts | null {
  const start = readHead(fd, 2);
  if (!start || start[0] !== 0x23 || start[1] !== 0x21) return null;
  const bytes = readHead(fd, MAX_SCRIPT_BYTES);
  if (!bytes) return null;
  const text = new TextDecoder().decode(bytes);
  const line = text.split("\n", 1)[0].trimEnd();
  const shim = shimTarget(path, text, context);
  const next = shim ? shim.path : wrappedProgram(line, text, context) ?? interpreterOf(line, context);
  const what = shim ? `a script, a ${shim.manager} shim` : "a script";
  if (next === null || steps >= MAX_STEPS) return { line, what, runs: null };
  using nextFd = context.root.open(next);
  if (nextFd === null) return { line, what, runs: null };
  const inner = follow({ fd: nextFd, path: next }, context, steps + 1);
  return { line, what, runs: inner ? inner.runs : context.root.pathOf(nextFd) };
}

/** The program that a shell script becomes with its last line; null when that line does not say so plainly. */
function wrappedProgram(line: string, text: string, context: ScriptContext): string | null {
  if (!SHELL.test(interpreterOf(line, context) ?? "")) return null;
  const last = text.split("\n").findLast((each) => each.trim() !== "" && !each.trim().startsWith("#"));
  const path = LAST_EXEC.exec(last ?? "")?.[2];
  return path !== undefined && context.root.exists(path, { fileOnly: true }) ? path : null;
}

function interpreterOf(line: string, context: ScriptContext): string | null {
  const words = line.slice(2).trim().split(/\s+/);
  if (!/(^|\/)env$/.test(words[0])) return words[0] === "" ? null : words[0];
  const name = words.slice(1).find((word) => !word.startsWith("-") && !word.includes("="));
  return name === undefined ? null : name.includes("/") ? name : findInPath(name, context);
}

function shimTarget(
  path: string,
  text: string,
  context: ScriptContext,
): { manager: string; path: string | null } | null {
  const match = /^(.*)\/shims\/([^/]+)$/.exec(path);
  if (!match) return null;
  const [, home, name] = match;
  const asdf = [...text.matchAll(/^# asdf-plugin: (\S+) (\S+)$/gm)];
  const candidates = asdf.map(([, plugin, version]) => `${home}/installs/${plugin}/${version}/bin/${name}`);
  const manager = asdf.length > 0 ? "asdf" : Object.keys(MANAGERS).find((known) => text.includes(known));
  if (!manager) return null;
  if (manager !== "asdf") {
    for (const version of chosenVersions(home, manager, context)) {
      if (version === "system") candidates.push(findInPath(name, context, `${home}/shims`) ?? "");
      else candidates.push(`${home}/versions/${version}/bin/${name}`);
    }
  }
  const found = candidates.find((candidate) =>
    candidate !== "" && context.root.exists(candidate, { fileOnly: true })
  );
  return { manager, path: found ?? null };
}

/** The versions a manager would choose: its variable, the nearest version file, the global one, the system's. */
function chosenVersions(home: string, manager: string, context: ScriptContext): string[] {
  const { variable, file } = MANAGERS[manager];
  const fromVariable = context.env[variable];
  if (fromVariable) return fromVariable.split(":");
  const places = [`${home}/version`];
  for (let directory = "", rest = context.root.cwd.split("/"); rest.length > 0; rest = rest.slice(0, -1)) {
    directory = rest.join("/");
    places.splice(-1, 0, `${directory}/${file}`);
  }
  for (const place of places) {
    const bytes = context.root.read(place, 4096);
    const versions = bytes ? new TextDecoder().decode(bytes).split(/\s+/).filter((word) => word !== "") : [];
    if (versions.length > 0) return versions.map((version) => version.replace(/^python-/, ""));
  }
  return ["system"];
}
