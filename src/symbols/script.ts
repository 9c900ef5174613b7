/** Scripts in place of programs: which ELF a script runs, through version managers' shims and `#!` lines. */
import type { Root } from "./root.ts";

/** Scripts that start scripts, as the kernel counts them (fs/exec.c: at most 5) and some shims on top. */
const MAX_STEPS = 8;
const MAX_SCRIPT_BYTES = 64 * 1024;
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

/** Takes a script apart. @returns null when the file does not start with `#!` */
export function readScript(path: string, context: ScriptContext): ScriptFacts | null {
  return follow(path, context, 0);
}

function follow(path: string, context: ScriptContext, steps: number): ScriptFacts | null {
  const bytes = context.root.read(path, MAX_SCRIPT_BYTES);
  if (!bytes || bytes[0] !== 0x23 || bytes[1] !== 0x21) return null;
  const text = new TextDecoder().decode(bytes);
  const line = text.split("\n", 1)[0].trimEnd();
  const shim = shimTarget(path, text, context);
  const next = shim ? shim.path : interpreterOf(line, context);
  const what = shim ? `a script, a ${shim.manager} shim` : "a script";
  if (next === null || steps >= MAX_STEPS) return { line, what, runs: null };
  const inner = follow(next, context, steps + 1);
  if (inner) return { line, what, runs: inner.runs };
  using fd = context.root.open(next);
  return { line, what, runs: fd === null ? null : context.root.pathOf(fd) };
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
