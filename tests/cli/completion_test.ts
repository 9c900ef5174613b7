/** Completion with the TAB key, in real shells on a terminal. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { completionScript } from "../../src/cli/completions.ts";
import { executable, skipUnless } from "../skip.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PATIENCE_MS = 60_000;

/** An interactive shell on a terminal of script(1). Disposing ends it. */
class Terminal implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #text = "";

  constructor(command: string, folder: string) {
    this.#child = new Deno.Command("script", {
      args: ["-qfec", command, "/dev/null"],
      env: { TERM: "dumb", PATH: `${ROOT}scripts:/usr/bin:/bin`, ZDOTDIR: folder, COLUMNS: "200" },
      cwd: folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#reader = this.#child.stdout.getReader();
    this.#writer = this.#child.stdin.getWriter();
  }

  async type(keys: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(keys));
  }

  /** Waits until a text is on the terminal. @returns all since the last wait */
  async until(text: string): Promise<string> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    try {
      while (!this.#text.includes(text)) {
        const { value } = await this.#reader.read();
        if (value === undefined) {
          throw new Error(`no ${JSON.stringify(text)} in ${JSON.stringify(this.#text)}`);
        }
        this.#text += new TextDecoder().decode(value);
      }
    } finally {
      clearTimeout(timer);
    }
    const seen = this.#text;
    this.#text = "";
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.#reader.cancel();
    await this.#writer.abort().catch(() => {});
    await this.#child.status;
  }
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A shell that has read its completions, and a prompt that nothing else looks like. */
async function openShell(shell: "bash" | "zsh", folder: string): Promise<Terminal> {
  await Deno.writeTextFile(`${folder}/sb`, completionScript(shell));
  await Deno.writeTextFile(`${folder}/a file.toml`, "");
  const terminal = new Terminal(shell === "bash" ? "bash --norc --noprofile -i" : "zsh -f -i", folder);
  const prepare = shell === "bash" ? "" : `autoload -U compinit; compinit -u -d ${folder}/dump;`;
  await terminal.type(`${prepare} source ${folder}/sb; PS1='rea''dy '\n`);
  await terminal.until("ready ");
  return terminal;
}

for (const shell of ["bash", "zsh"] as const) {
  Deno.test({
    ...skipUnless(`TAB completes the symbols of a target in ${shell}`, executable(`/usr/bin/${shell}`)),
    fn: () =>
      inFolder(async (folder) => {
        await using terminal = await openShell(shell, folder);
        const typed = async (line: string, wanted: string) => {
          await terminal.type(`${line}\t`);
          await terminal.until(wanted);
          // Ctrl-U: an empty line.
          await terminal.type("\x15");
        };
        await typed("sb run --slow libc.so.6:mallop", "mallopt");
        await typed("sb run --slow=libc.so.6:mallop", "mallopt");
        await typed("sb run -s 'libc.so.6:mallop", "mallopt");
        await typed("sb add --pid 1 libc.so.6:mallop", "mallopt");
        await typed("sb run --isolation=private-f", "private-file");
        await typed("sb run --slow libc.so.6:mal\t\t", "malloc_usable_size");
        await typed("sb run -f a", "file.toml");
      }),
  });
}

Deno.test({
  ...skipUnless("fish completes the symbols of a target", executable("/usr/bin/fish")),
  fn: () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/sb.fish`, completionScript("fish"));
      const lines = [
        "run --slow libc.so.6:mallop",
        "run --slow=libc.so.6:mallop",
        "add --pid 1 libc.so.6:mallop",
      ];
      const ask = lines.map((line) => `complete -C "sb ${line}" | string replace -r '\\t.*' ''`).join("; ");
      const { stdout } = await new Deno.Command("fish", {
        args: ["--no-config", "-c", `source ${folder}/sb.fish; ${ask}`],
        env: {
          PATH: `${ROOT}scripts:/usr/bin:/bin`,
          HOME: folder,
          XDG_CACHE_HOME: Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`,
        },
      }).output();
      assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
        "libc.so.6:mallopt",
        "--slow=libc.so.6:mallopt",
        "libc.so.6:mallopt",
      ]);
    }),
});

Deno.test("where : and = end no word, bash gets whole words", async () => {
  const line = "sb run --slow=libc.so.6:mallop";
  const script = `${completionScript("bash")}
compopt() { :; }
COMP_WORDBREAKS=$' \\t\\n'; COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=(${line}); COMP_CWORD=2
_sb; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", script],
    env: { PATH: `${ROOT}scripts:/usr/bin:/bin` },
    stdin: "null",
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertStringIncludes(new TextDecoder().decode(stdout), "--slow=libc.so.6:mallopt\n");
});
