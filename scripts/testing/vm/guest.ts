/** One run of one command in a guest: prepares the control folder, boots, forwards output, reads how it ended. */
import { defaultSettings } from "./boot_settings.ts";
import { exists, VmError } from "./cache.ts";
import { initrd } from "./initrd.ts";
import type { Kernel } from "./kernels.ts";
import { consolePath, qemuArguments } from "./qemu.ts";
import { takeSlot } from "./slots.ts";
import { temporaryFolder } from "./temporary.ts";

const START = new URL("guest/start.sh", import.meta.url).pathname;
const POLL_MS = 50;
const MOST_BOOTS = 3;
/** The lines of the console that are worth showing when a guest dies. */
const CONSOLE_LINES = 80;

/** Exit statuses of the harness beside those of the command. */
export const Status = { complaint: 98, died: 99, timeout: 124 } as const;

/** What to run, and how. */
export interface GuestRun {
  kernel: Kernel;
  command: readonly string[];
  cwd: string;
  /** Environment of the command. */
  env: Readonly<Record<string, string>>;
  timed: boolean;
  /** As in the machine that is made of it (qemu.ts). */
  oneThread?: boolean;
  cpus: number;
  memoryMb: number;
  /** Undefined for no end but the signal's. */
  timeoutS?: number;
  append: readonly string[];
  expedited: boolean;
  /** Whether what the kernel complains of is let pass. */
  allowWarn: boolean;
  /** A module that is loaded before the command, and unloaded after it. */
  module?: string;
  /** A folder that the guest has, writable, at /run/job. */
  job?: string;
  /** Ends the guest as the end of its time does. */
  signal?: AbortSignal;
  /** Called when the guest starts: it may have waited for others. */
  onBoot?: () => void;
}

/** How a run ended. */
export interface GuestResult {
  /** The command's exit status, or one of {@linkcode Status}. */
  status: number;
  /** What the harness has to say: a complaint of the kernel, or the end of the console. */
  report: string;
}

/** Where output and news go. */
export interface GuestSink {
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
  /** One line of news: waiting, booting. */
  phase(line: string): void;
  /** Always shown: the caller waits for others. */
  waiting(line: string): void;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The folders that a guest covers with its own, apart from what {@linkcode keptPaths} lets through. */
const COVERED = ["/tmp", "/run", "/dev/shm"];

/** The entries of covered folders that some paths lie in, as `/tmp/clone` for `/tmp/clone/src`. */
export function keptPaths(paths: readonly string[]): string[] {
  const kept = new Set<string>();
  for (const path of paths) {
    const folder = COVERED.find((covered) => path.startsWith(`${covered}/`));
    if (folder) kept.add(`${folder}/${path.slice(folder.length + 1).split("/")[0]}`);
  }
  return [...kept].filter(exists);
}

function prepare(control: string, run: GuestRun): void {
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${control}/${name}`, text);
  const exports = Object.entries(run.env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  write(
    "command.sh",
    `${exports.join("")}cd ${quote(run.cwd)} || exit 127\nexec ${run.command.map(quote).join(" ")}\n`,
  );
  const paths = [
    run.cwd,
    run.kernel.folder,
    ...run.command,
    ...Object.values(run.env),
    run.module ?? "",
    START,
  ];
  write("keep", keptPaths(paths).map((path) => `${path}\n`).join(""));
  const modules = `${run.kernel.folder}/lib/modules`;
  write("modules", exists(modules) ? modules : "");
  write("module", run.module ?? "");
  if (run.allowWarn) write("allow_warn", "");
  if (run.job !== undefined) write("job", "");
  for (const name of ["stdout", "stderr"]) write(name, "");
  write("start", START);
}

/** Reads on in a file that another process appends to. */
class Follower implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(65536);

  constructor(path: string) {
    this.#file = Deno.openSync(path);
  }

  /** Hands on what has come since the last call. */
  forward(write: (bytes: Uint8Array) => void): void {
    for (let count = this.#file.readSync(this.#buffer); count; count = this.#file.readSync(this.#buffer)) {
      write(this.#buffer.subarray(0, count));
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function startQemu(args: readonly string[]): Deno.ChildProcess {
  try {
    // QEMU must not outlive this process, however it ends.
    return new Deno.Command("setpriv", {
      args: ["--pdeathsig", "KILL", "qemu-system-x86_64", ...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new VmError(`Cannot start QEMU: ${(error as Error).message}`);
  }
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

function readIfThere(path: string): string {
  return exists(path) ? new TextDecoder().decode(Deno.readFileSync(path)) : "";
}

function outcome(control: string, end: { timedOut: boolean; said: string }): GuestResult {
  const console = `${end.said}${lastLines(readIfThere(consolePath(control)), CONSOLE_LINES)}`;
  if (end.timedOut) {
    return {
      status: Status.timeout,
      report: `${console}\nscripts/vm: the guest was ended: its time was over`,
    };
  }
  const status = readIfThere(`${control}/status`).trim();
  if (status === "") return { status: Status.died, report: `${console}\nscripts/vm: the guest died` };
  return { status: Number(status), report: readIfThere(`${control}/complaint`).trimEnd() };
}

/** A guest that is to run. */
interface Booting {
  run: GuestRun;
  sink: GuestSink;
  /** Path of the initial file system. */
  image: string;
}

/**
 * Boots, runs the command, powers off. A guest that stands still or dies before it has come to anything of the project's is
 * booted again: a thread of QEMU's for each processor may run code that the kernel has patched since.
 *
 * @throws VmError when QEMU cannot be started; whatever the guest does is in the result
 */
export async function runGuest(run: GuestRun, sink: GuestSink): Promise<GuestResult> {
  const image = await initrd(run.kernel);
  using _slot = await takeSlot({ onWait: () => sink.waiting("waiting for other virtual machines to end") });
  for (let left = MOST_BOOTS - 1;; left--) {
    using folder = temporaryFolder("sb_vm_");
    const control = folder.path;
    prepare(control, run);
    sink.phase(`booting ${run.kernel.release}`);
    run.onBoot?.();
    const { hasFailedToBoot, result } = await bootOnce(control, { run, sink, image });
    if (!hasFailedToBoot || left === 0) return result;
    sink.waiting(`booting again a guest that did not start:\n${result.report}`);
  }
}

async function bootOnce(
  control: string,
  { run, sink, image }: Booting,
): Promise<{ hasFailedToBoot: boolean; result: GuestResult }> {
  const child = startQemu(qemuArguments({ ...run, initrd: image, control }));
  let timedOut = false;
  let isStuck = false;
  const end = () => {
    timedOut = true;
    child.kill("SIGKILL");
  };
  const timers = [
    ...(run.timeoutS === undefined ? [] : [setTimeout(end, run.timeoutS * 1000)]),
    setTimeout(() => {
      if (exists(`${control}/booted`)) return;
      isStuck = true;
      end();
    }, defaultSettings(run.kernel).bootS * 1000),
  ];
  run.signal?.addEventListener("abort", end);
  using stdout = new Follower(`${control}/stdout`);
  using stderr = new Follower(`${control}/stderr`);
  const forward = () => {
    stdout.forward(sink.stdout);
    stderr.forward(sink.stderr);
  };
  const poll = setInterval(forward, POLL_MS);
  const { stderr: said } = await child.output();
  clearInterval(poll);
  for (const timer of timers) clearTimeout(timer);
  run.signal?.removeEventListener("abort", end);
  forward();
  return {
    hasFailedToBoot: !exists(`${control}/booted`) && (isStuck || !timedOut),
    result: outcome(control, { timedOut, said: new TextDecoder().decode(said) }),
  };
}
