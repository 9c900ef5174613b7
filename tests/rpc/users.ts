/** Processes of two users who are nobody else's, and files for them to name. */

/** The users; no account needs to have these ids. */
export const ALICE = 12001;
export const BOB = 12002;

/** Options of setpriv(1) that make a process a user's. */
export function userOptions(uid: number, groups: readonly number[] = []): string[] {
  const supplementary = groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`;
  return [`--reuid=${uid}`, `--regid=${uid}`, supplementary];
}

/** A process that has said that it runs. Disposing kills it. */
export class UserProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly pid: number;

  private constructor(child: Deno.ChildProcess, pid: number) {
    this.#child = child;
    this.#reader = child.stdout.getReader();
    this.#input = child.stdin.getWriter();
    this.pid = pid;
  }

  /** Starts a command as a user; it has to print a line when it is ready. */
  static async start(uid: number, command: readonly string[]): Promise<UserProcess> {
    const child = new Deno.Command("setpriv", {
      args: [...userOptions(uid), ...command],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      cwd: "/",
    }).spawn();
    const process = new UserProcess(child, child.pid);
    await process.line();
    return process;
  }

  /** A process that only waits. */
  static idle(uid: number): Promise<UserProcess> {
    return UserProcess.start(uid, ["sh", "-c", "echo ready; read line"]);
  }

  /** What it prints next. */
  async line(): Promise<string> {
    const { value } = await this.#reader.read();
    if (value === undefined) throw new Error("the process ended");
    return new TextDecoder().decode(value).trim();
  }

  /** Writes to its input. */
  async write(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.#reader.cancel();
    await this.#input.abort().catch(() => {});
    await this.#child.status;
  }
}

/** A folder that everybody may look into; removed when it is disposed. */
export class SharedFolder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "sb-users-" }));

  constructor() {
    Deno.chmodSync(this.path, 0o755);
  }

  /** A folder in it that is a user's own. */
  of(uid: number): string {
    const path = `${this.path}/${uid}`;
    Deno.mkdirSync(path, { mode: 0o755 });
    Deno.chownSync(path, uid, uid);
    return path;
  }

  /** Compiles a C program. @returns its path */
  compile(name: string, source: string, ...args: string[]): string {
    const path = `${this.path}/${name}`;
    Deno.writeTextFileSync(`${path}.c`, source);
    run("gcc", "-O1", "-w", `${path}.c`, "-o", path, ...args);
    Deno.chmodSync(path, 0o755);
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Runs a program to its end. @returns what it printed */
export function run(program: string, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Runs a program as a user to its end. @returns what it printed */
export function runAs(uid: number, ...command: string[]): string {
  return run("setpriv", ...userOptions(uid), ...command);
}
