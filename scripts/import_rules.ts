/** The layers of sb: which folder may import which, and what may be called where. Data and the checker. */
import { blankSource, lineOf, moduleReferences, typeScriptFiles } from "./source_text.ts";

const BASE = ["src/core", "src/stats", "ffi", "src/code", "src/sys"];
const MIDDLE = [...BASE, "src/symbols", "src/scope"];
const ENGINE = [...MIDDLE, "src/probe", "src/count", "src/module"];
const UPPER = [...ENGINE, "src/command", "src/config", "src/session"];

/** Folder or file → the folders and files it may import; the longest key that fits a path is its unit. */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  // A unit of its own: `sb --version` reads nothing else of src/core.
  "src/core/version.ts": [],
  "src/stats": [],
  "ffi": ["src/core"],
  "src/code": ["src/core"],
  "src/sys": ["src/core", "ffi"],
  "src/symbols": BASE,
  "src/scope": BASE,
  "src/probe": MIDDLE,
  "src/count": MIDDLE,
  "src/module": MIDDLE,
  "src/command": ENGINE,
  "src/config": ENGINE,
  "src/session": [...ENGINE, "src/command", "src/config"],
  "src/control": [...ENGINE, "src/session"],
  // Without src/config, as mod.ts, which loads it.
  "src/sweep": [...ENGINE, "src/command", "src/session"],
  // A unit of its own: mod.ts reads nothing else of src/sweep.
  "src/sweep/load.ts": ["src/core/version.ts", "src/sweep"],
  "src/sweep/file": [...BASE, "src/config", "src/sweep"],
  "src/doctor": UPPER,
  // Without src/config, which alone needs a package: who imports mod.ts by its path has no import map.
  "mod.ts": [
    ...ENGINE,
    "src/core/version.ts",
    "src/session",
    "src/control",
    "src/sweep",
    "src/sweep/load.ts",
    "src/doctor",
  ],
  "rpc/wire": [],
  // Texts, no modules.
  "rpc/systemd/sb.service": [],
  "rpc/systemd/sb.socket": [],
  "rpc/schema": ["rpc/wire"],
  "rpc/client": ["rpc/wire"],
  "rpc/client.ts": ["rpc/client"],
  "rpc/worker": ["mod.ts", "src/core", "src/sys"],
  // src/scope beside mod.ts: trees are looked at for every probe of a peer, before the library is needed.
  "rpc/server": ["mod.ts", "src/core", "src/sys", "src/scope", "rpc/wire", "rpc/schema", "rpc/worker"],
  // src/symbols beside mod.ts: to list symbols, a third of the time would go into loading sessions and back ends.
  "src/cli": [
    "mod.ts",
    "src/core",
    "src/core/version.ts",
    "src/sys",
    "src/symbols",
    "src/config",
    // Beside mod.ts, which loads it only when it is asked for a sweep.
    "src/sweep",
    "src/sweep/file",
    "rpc/schema",
    "rpc/client.ts",
    "rpc/server",
    "rpc/worker",
    "rpc/systemd/sb.service",
    "rpc/systemd/sb.socket",
  ],
  "cli.ts": ["src/cli", "src/core"],
};

/** Folders whose files may import any file: they are no part of the product. */
const FREE = ["scripts", "tests", "examples"];

/** Calls that only some places may make. */
const CALLS: readonly { pattern: RegExp; what: string; places: readonly string[] }[] = [
  { pattern: /\bDeno\s*\.\s*dlopen\b/g, what: "Deno.dlopen", places: ["ffi"] },
  { pattern: /\bDeno\s*\.\s*Unsafe\w+/g, what: "Deno.Unsafe*", places: ["ffi"] },
  { pattern: /\bDeno\s*\.\s*exit\s*\(/g, what: "Deno.exit", places: ["cli.ts", ...FREE] },
  { pattern: /(?<![\w$.])console\s*\.\s*\w+/g, what: "console", places: ["src/cli/output", ...FREE] },
];

/** The most lines a file may have (`style.md`); what is generated is as long as its source makes it. */
const MAX_LINES = 400;
const GENERATED = ["rpc/client/protocol.ts"];

/** A broken rule. */
export interface Violation {
  path: string;
  line: number;
  message: string;
}

function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

/** The unit of a path, a key of {@linkcode ALLOWED}, one of the free folders, or undefined. */
function unitOf(path: string): string | undefined {
  const keys = [...Object.keys(ALLOWED), ...FREE].filter((key) => isIn(path, key));
  return keys.sort((x, y) => y.length - x.length)[0];
}

/** `specifier` of an import in `path`, relative to the root; undefined for packages and built-ins. */
function resolveImport(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const parts = path.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") {
      if (parts.length === 0) return undefined;
      parts.pop();
    } else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function checkImports(path: string, source: string, edges: Map<string, Set<string>>): Violation[] {
  const unit = unitOf(path);
  if (unit === undefined) {
    return [{ path, line: 1, message: "the file is in no layer of scripts/import_rules.ts" }];
  }
  if (FREE.includes(unit)) return [];
  const violations: Violation[] = [];
  for (const { specifier, line } of moduleReferences(source)) {
    const target = resolveImport(path, specifier);
    const other = target === undefined ? undefined : unitOf(target);
    if (target === undefined || other === unit) continue;
    if (other === undefined || !ALLOWED[unit].includes(other)) {
      violations.push({ path, line, message: `${unit} may not import ${other ?? target}` });
      continue;
    }
    edges.set(unit, (edges.get(unit) ?? new Set()).add(other));
    // The entry picks files itself: loading a whole mod.ts would slow --version and --help.
    if (unit !== "cli.ts" && target !== other && target !== `${other}/mod.ts`) {
      violations.push({ path, line, message: `import ${other}/mod.ts, not ${target}` });
    }
  }
  return violations;
}

function checkCalls(path: string, source: string): Violation[] {
  const code = blankSource(source, { keepStrings: false });
  return CALLS.filter(({ places }) => !places.some((place) => isIn(path, place)))
    .flatMap(({ pattern, what, places }) =>
      [...code.matchAll(pattern)].map((match) => ({
        path,
        line: lineOf(code, match.index),
        message: `${what} may stand only in ${places.join(", ")}`,
      }))
    );
}

/** The first cycle of a graph, as the nodes along it; undefined when there is none. */
export function findCycle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  function visit(node: string, trail: string[]): string[] | undefined {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const cycle = visit(next, [...trail, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  }
  for (const node of edges.keys()) {
    const cycle = visit(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** Checks every TypeScript file below `root`. @returns what is broken; empty when nothing is */
export function checkTree(root: string): Violation[] {
  const edges = new Map<string, Set<string>>();
  const violations: Violation[] = [];
  for (const path of typeScriptFiles(root)) {
    const source = Deno.readTextFileSync(`${root}/${path}`);
    violations.push(...checkImports(path, source, edges), ...checkCalls(path, source));
    const lines = source.split("\n").length - (source.endsWith("\n") ? 1 : 0);
    if (lines > MAX_LINES && !GENERATED.includes(path)) {
      violations.push({ path, line: MAX_LINES + 1, message: `${lines} lines, more than ${MAX_LINES}` });
    }
  }
  const cycle = findCycle(edges);
  if (cycle) violations.push({ path: cycle[0], line: 1, message: `import cycle: ${cycle.join(" -> ")}` });
  return violations;
}
