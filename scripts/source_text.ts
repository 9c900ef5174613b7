/** TypeScript source as the checkers need it: without comments, with or without the contents of strings. */

/** A `/` after one of these (or at the start) begins a regular expression, not a division. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^\n]|\breturn|\btypeof|\bcase|=>)\s*$/;

/** What {@linkcode blankSource} keeps. */
export interface BlankOptions {
  /** Keeps the contents of strings, which import specifiers are. */
  keepStrings: boolean;
}

/**
 * The source with comments, and unless they are kept the contents of strings, replaced by spaces.
 * Line breaks stay, so positions do.
 */
export function blankSource(source: string, options: BlankOptions): string {
  const out: string[] = [];
  // The depth of `{` inside each `${…}` that is open.
  const templates: number[] = [];
  let at = 0;

  function copy(count: number): void {
    out.push(source.slice(at, at + count));
    at += count;
  }
  function blank(count: number): void {
    out.push(source.slice(at, at + count).replace(/[^\n]/g, " "));
    at += count;
  }
  function text(count: number): void {
    if (options.keepStrings) copy(count);
    else blank(count);
  }
  /** The text of a template up to its end or its next `${`, which is copied. */
  function template(): void {
    while (at < source.length) {
      if (source[at] === "\\") text(2);
      else if (source[at] === "`") return copy(1);
      else if (source.startsWith("${", at)) {
        templates.push(0);
        return copy(2);
      } else text(1);
    }
  }
  function quoted(end: string): void {
    copy(1);
    let inClass = false;
    while (at < source.length && source[at] !== "\n") {
      if (source[at] === "\\") {
        text(2);
        continue;
      }
      if (end === "/" && source[at] === "[") inClass = true;
      if (end === "/" && source[at] === "]") inClass = false;
      if (source[at] === end && !inClass) return copy(1);
      text(1);
    }
  }

  while (at < source.length) {
    const char = source[at];
    if (source.startsWith("//", at)) {
      const end = source.indexOf("\n", at);
      blank((end < 0 ? source.length : end) - at);
    } else if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2);
      blank((end < 0 ? source.length : end + 2) - at);
    } else if (char === '"' || char === "'") quoted(char);
    else if (char === "`") {
      copy(1);
      template();
    } else if (char === "/" && BEFORE_REGEX.test(out.slice(-40).join(""))) quoted("/");
    else if (char === "}" && templates.at(-1) === 0) {
      templates.pop();
      copy(1);
      template();
    } else {
      if (templates.length > 0 && char === "{") templates[templates.length - 1]++;
      if (templates.length > 0 && char === "}") templates[templates.length - 1]--;
      copy(1);
    }
  }
  return out.join("");
}

/** The number of the line of a position, from 1. */
export function lineOf(source: string, position: number): number {
  let line = 1;
  for (let at = source.indexOf("\n"); at >= 0 && at < position; at = source.indexOf("\n", at + 1)) line++;
  return line;
}

/** One import, export-from or `import()` of a module, with the line it stands on. */
export interface ModuleReference {
  specifier: string;
  line: number;
}

/** Every module that a source names, statically or dynamically by a literal. */
export function moduleReferences(source: string): ModuleReference[] {
  const code = blankSource(source, { keepStrings: true });
  const pattern =
    /(?<![\w$.])(?:import|export)\s+(?:[\w$*{},\s]*?\bfrom\s*)?"([^"\n]+)"|(?<![\w$.])import\s*\(\s*"([^"\n]+)"/g;
  return [...code.matchAll(pattern)].map((match) => ({
    specifier: match[1] ?? match[2],
    line: lineOf(code, match.index),
  }));
}

const OUTSIDE = new Set(["node_modules", "dist", "out", ".git"]);

/** Every TypeScript file below a folder, as paths relative to it, sorted. */
export function typeScriptFiles(root: string): string[] {
  const files: string[] = [];
  function walk(folder: string): void {
    for (const entry of Deno.readDirSync(`${root}/${folder}`)) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory && !OUTSIDE.has(entry.name)) walk(path);
      else if (entry.isFile && path.endsWith(".ts")) files.push(path);
    }
  }
  walk("");
  return files.sort();
}
