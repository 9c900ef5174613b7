/** Compiles C programs around parts of the kernel module, for user space and with sanitizers. */

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Warnings as the kernel's own build has them. */
export const WARNINGS: readonly string[] = [
  "-Wall",
  "-Wextra",
  "-Werror",
  "-Wno-unused-parameter",
  "-Wno-missing-field-initializers",
];

/** Where the module's sources are, not in the way of the system's headers. */
export const INCLUDES: readonly string[] = [
  "-iquote",
  `${ROOT}kmod/speed_bump`,
  "-iquote",
  `${ROOT}tests/fuzz`,
];

/** The sources of each part. */
export const PARTS = {
  command: ["kmod/speed_bump/command.c", "kmod/speed_bump/option.c", "kmod/speed_bump/reader.c"],
  elf: ["kmod/speed_bump/elf.c", "kmod/speed_bump/elf_image.c", "kmod/speed_bump/elf_symbols.c"],
  insn: ["kmod/speed_bump/insn_x86.c", "kmod/speed_bump/insn_arm64.c"],
  draw: ["kmod/speed_bump/draw.c"],
} satisfies Readonly<Record<string, readonly string[]>>;

function resolveSource(path: string): string {
  return /^(\/|-l)/.test(path) ? path : ROOT + path;
}

/** The text of a source, named as for {@linkcode compile}. */
export function readSource(path: string): string {
  return Deno.readTextFileSync(resolveSource(path));
}

/** Runs a compiler on sources, absolute or below the root of the repository, and libraries. @throws Error with what it says */
export function compile(command: readonly string[], sources: readonly string[], out: string): void {
  const [program, ...args] = command;
  const { success, stderr } = new Deno.Command(program, {
    args: [...args, ...WARNINGS, ...INCLUDES, "-o", out, ...sources.map(resolveSource)],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).outputSync();
  if (!success) throw new Error(`Cannot compile "${sources[0]}": ${new TextDecoder().decode(stderr)}`);
}

/** A program in a folder of its own, both gone in the end. */
export class Driver {
  readonly #folder = Deno.makeTempDirSync({ prefix: "sb-driver-" });
  readonly #path: string;

  /** Builds a driver of this folder with gcc, ASan and UBSan. @param parts what it is linked with */
  constructor(name: string, parts: readonly string[]) {
    this.#path = `${this.#folder}/${name}`;
    compile(
      ["gcc", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
      [`tests/unit/kmod/${name}.c`, ...parts, "-lm"],
      this.#path,
    );
  }

  /** Runs it on some input. @throws Error when it fails, with what the sanitizers say */
  async run(input: Uint8Array, ...args: readonly string[]): Promise<Uint8Array> {
    const process = new Deno.Command(this.#path, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = process.stdin.getWriter();
    const written = writer.write(input).then(() => writer.close());
    const [{ success, stdout, stderr }] = await Promise.all([process.output(), written]);
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return stdout;
  }

  /** Runs it on lines. @returns the lines that it writes */
  async lines(input: readonly string[], ...args: readonly string[]): Promise<string[]> {
    const bytes = new TextEncoder().encode(input.map((line) => `${line}\n`).join(""));
    const text = new TextDecoder().decode(await this.run(bytes, ...args));
    return text.split("\n").slice(0, -1);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
