/** What the symbol layer speaks of: targets as written, files, functions, sites. Types only. */
import type { OpenFiles } from "./open_files.ts";

/** Where in the function a probe sits. */
export type At = "entry" | "return";

/** A place in a file, as the grammar has it (`cli.md`). */
export type Place =
  /** A symbol, mangled or demangled; with `@VERSION` or `@@VERSION`; `+0xOFF` into it. */
  | { kind: "symbol"; name: string; version?: string; offsetBytes?: number }
  /** `PyObject_*`: `*`, `?` and `[…]` over symbol and demangled names. */
  | { kind: "glob"; pattern: string }
  /** `/regex/`, run in linear time. */
  | { kind: "regex"; source: string }
  /** `0xOFFSET`: a file offset. */
  | { kind: "offset"; fileOffset: number }
  /** `file.c:123`. */
  | { kind: "line"; source: string; line: number };

/** A target as written, taken apart, nothing looked up yet but which prefix names a file. */
export interface ParsedTarget {
  text: string;
  file: string;
  place: Place;
  at: At;
}

/** What names are looked up against. */
export interface LookupContext {
  /** Paths are resolved in this process's root, library names in its maps. */
  pid?: number;
  /** The command that will run: library names are resolved as it would load them. */
  command?: readonly string[];
  /** The working directory that relative paths start from; the process's own by default. */
  cwd?: string;
  /** PATH, LD_LIBRARY_PATH and LD_PRELOAD are read from here; the process's own by default. */
  env?: Readonly<Record<string, string>>;
  /** Keeps files open over many look-ups; a file is then known by its descriptor there, whatever comes to be at its path. */
  files?: OpenFiles;
}

/** An ELF file that holds targets. */
export interface TargetFile {
  /** As the processes in scope know it, links resolved. */
  path: string;
  /** A path by which sb itself can open it (inside another root: through /proc/PID/root or a descriptor). */
  openPath: string;
  device: number;
  inode: bigint;
  sizeBytes: number;
  /** When its bytes were last written, as of the lookup: nanoseconds since 1970. */
  modifiedNs: bigint;
  buildId: string | null;
  machine: "x86_64" | "aarch64";
  /** Whether the Go linker made it. */
  go: boolean;
}

/** A function (or an exact place) that a target names, found. */
export interface TargetFunction {
  /** `PATH:symbol[%return]`, canonical. */
  target: string;
  /** The symbol's own name, as in the table; `0x1234` or `file.c:12` for places without one. */
  symbol: string;
  demangled: string | null;
  /** Other names of the same address. */
  aliases: string[];
  file: TargetFile;
  at: At;
  /** File offset of the first instruction, or of the exact place. */
  fileOffset: number;
  /** Size from the symbol table; 0 when it has none: planSites() then asks the frames, then where the next begins. */
  sizeBytes: number;
  /** The place was given to the byte (`0xOFFSET`, `symbol+0xOFF`, a line): the breakpoint goes exactly there. */
  exact: boolean;
}

/** What a target names, and what a pattern matched besides. */
export interface Resolution {
  functions: TargetFunction[];
  /** Sentences for the reader: what a pattern matched and cannot mean. */
  notes: string[];
}

/** What the kernel does with the instruction under the breakpoint, which sets the floor. */
export type SiteClass =
  | "push" /* push reg, emulated */
  | "nop" /* emulated */
  | "nop5" /* emulated, or rewritten to a call by kernels that can (6.18) */
  | "jcc" /* emulated */
  | "jmp" /* emulated */
  | "call" /* emulated */
  | "stepped"; /* executed out of line, single-stepped: some ten times dearer */

/** A condition on the flags at a site: the execution is a hit only when it holds. */
export interface FlagCondition {
  /** Bits of the flags register (x86: CF 0x1, PF 0x4, ZF 0x40, SF 0x80, OF 0x800). */
  mask: number;
  /** A hit when (flags & mask) is zero ("clear") or not ("set"). */
  when: "set" | "clear";
}

/** An instruction that carries a breakpoint. */
export interface Site {
  fileOffset: number;
  class: SiteClass;
  /** Its text, `push %rbp`, for people. */
  instruction: string;
  /** Only for conditional branches that leave the function, or that would count a call twice. */
  condition?: FlagCondition;
}

/** Where the breakpoints of one probe go. */
export interface SitePlan {
  /** "sites": breakpoints at `sites`. "trampoline": a uretprobe on the function's first instruction. */
  how: "sites" | "trampoline";
  sites: Site[];
  /** Why a return probe needs the trampoline: `an indirect jump at +0x4f`. */
  why?: string;
}

/** A row of `sb symbols`. */
export interface SymbolRow {
  name: string;
  demangled: string | null;
  version: string | null;
  sizeBytes: number;
  value: bigint;
  /** null for imports. */
  fileOffset: number | null;
  kind: "function" | "ifunc" | "import" | "data";
  source: "symtab" | "dynsym" | "debug" | "gnu_debugdata";
}
