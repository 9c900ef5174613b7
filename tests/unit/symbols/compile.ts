/** Real ELF files for the tests of symbols: compiled into a folder that goes away with the test. */
import { addressOfLoaded, decompressXz, openDwarf, openElf } from "../../../ffi/mod.ts";
import { SbError } from "../../../src/core/mod.ts";
import { resolveTarget } from "../../../src/symbols/mod.ts";
import { demangle } from "../../../src/symbols/names/mod.ts";

// Native libraries stay loaded until the process ends: opened before any test, they are no leak of one.
openElf("/proc/self/exe")[Symbol.dispose]();
demangle("_Z1fv");
resolveTarget("libc.so.6:malloc");
addressOfLoaded("libc.so.6", "malloc");
openDwarf("/proc/self/exe")[Symbol.dispose]();
try {
  decompressXz(new Uint8Array(8), { maxBytes: 8, name: "nothing" });
} catch { /* it is no xz stream: liblzma is loaded now */ }

/** Runs a program to its end; its output, or an error that holds what it complained of. */
export function run(program: string, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** A folder with files to compile; removed when it is disposed. */
export class Folder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync());

  /** Writes a file. @returns its path */
  write(name: string, text: string): string {
    Deno.writeTextFileSync(`${this.path}/${name}`, text);
    return `${this.path}/${name}`;
  }

  /** Compiles a C (or, by its name, C++) source to `name`. @returns its path */
  compile(name: string, source: string, options: { args?: string[]; language?: "c" | "cpp" } = {}): string {
    const { args = [], language = "c" } = options;
    const input = this.write(`${name}.${language}`, source);
    const output = `${this.path}/${name}`;
    run(language === "c" ? "gcc" : "g++", "-O1", "-w", input, "-o", output, ...args);
    return output;
  }

  /** Compiles a shared library. */
  library(name: string, source: string, args: string[] = []): string {
    return this.compile(name, source, { args: ["-shared", "-fPIC", ...args] });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** The SbError that resolving throws, so that its message, hint and code can be looked at. */
export function refusalOf(...args: Parameters<typeof resolveTarget>): SbError {
  try {
    resolveTarget(...args);
  } catch (error) {
    if (error instanceof SbError) return error;
    throw error;
  }
  throw new Error(`${args[0]} was not refused`);
}

/** The address that `nm` knows for a symbol, as a number; of position-independent files it is the file offset too. */
export function addressOf(path: string, symbol: string): number {
  const line = run("nm", path).split("\n").find((each) => each.endsWith(` ${symbol}`));
  if (!line) throw new Error(`${path} has no ${symbol}`);
  return parseInt(line, 16);
}
