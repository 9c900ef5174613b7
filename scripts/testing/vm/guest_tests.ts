/** The test files of tests/vm in guests: which run in which boot, one boot for many, and what each of them did. */
import { type FileResult, readTestOutput, unexplainedSkips } from "../run_file.ts";
import { defaultSettings } from "./boot_settings.ts";
import { exists } from "./cache.ts";
import { packDenoCache } from "./deno_cache.ts";
import { guestEnvironment } from "./environment.ts";
import { type GuestResult, type GuestSink, runGuest } from "./guest.ts";
import { type Kernel, openKernel } from "./kernels.ts";
import { buildModules } from "./module.ts";
import { temporaryFolder } from "./temporary.ts";
import { toolText } from "./tool.ts";

const ROOT = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");
/** A module that does what the tracer counts, for those who test it. */
const OPERATIONS = `${ROOT}/tests/vm/tracer_module`;
const RUNNER = new URL("guest/run_tests.sh", import.meta.url).pathname;
const POLL_MS = 200;
/** What the host waits beyond the guest's own limit, for a guest that does not answer. */
const GRACE_S = 60;

/** A way of booting. */
export interface Boot {
  /** Beside the kernel in the report; empty for the usual way. */
  label: string;
  timed: boolean;
  expedited: boolean;
  /** Whether QEMU has one thread for all processors. */
  oneThread?: boolean;
}

/** A way of booting, and the files that run in it. */
interface Mode extends Boot {
  files: RegExp;
  /** Whether the debug kernel is asked too: its checkers take time that would be measured. */
  debug: boolean;
}

const MODES: readonly Mode[] = [
  {
    label: "",
    files: /^tests\/vm\/guest\/(?!count_|tracer_).*_guest\.ts$/,
    timed: false,
    expedited: true,
    debug: true,
  },
  // The tracer has functions patched that every processor is in all the time.
  {
    label: "one thread",
    files: /^tests\/vm\/guest\/(count|tracer)_.*_guest\.ts$/,
    timed: false,
    expedited: true,
    oneThread: true,
    debug: true,
  },
  { label: "timed", files: /^tests\/vm\/timed\/.*_guest\.ts$/, timed: true, expedited: true, debug: false },
  // What waits for grace periods, with grace periods as long as they are on a user's machine.
  {
    label: "timed without rcu_expedited",
    files: /^tests\/vm\/timed\/.*detach.*_guest\.ts$/,
    timed: true,
    expedited: false,
    debug: false,
  },
];

/** What a test file, or a boot, did. */
export interface GuestReport extends FileResult {
  /** Kernel, mode and path, as printed. */
  title: string;
  /** What the file printed; `output` is what there is to say of failures. */
  said: string;
}

/** Which tests to run, and where their results go. */
export interface GuestTests {
  kernels: readonly string[];
  /** All test files of the tree, relative to it, of which the guest's are taken. */
  files: readonly string[];
  source: string;
  sink: GuestSink;
  /** Called with each result as it comes. */
  report(report: GuestReport): void;
}

/** A kernel, how it is booted, and for whom. */
export interface Batch {
  kernel: Kernel;
  boot: Boot;
  /** The module that is loaded for each file. */
  module: string;
  /** The module of operations, for those who load it; the harness's own tests have none. */
  operations?: string;
  sink: GuestSink;
  /** Deno's cache, packed; without it the guest uses the host's, slowly. */
  denoCache?: Uint8Array;
  report: GuestTests["report"];
}

/** Whether a path is that of a test file for guests. */
export function isGuestTest(path: string): boolean {
  return MODES.some(({ files }) => files.test(path));
}

/** Runs the guest's files on some kernels, these beside each other. @throws VmError when a guest cannot be set up */
export async function runGuestTests(tests: GuestTests): Promise<void> {
  await toolText([`${ROOT}/scripts/deno`, "run", "-A", "tests/fixtures/build.ts"], { cwd: ROOT });
  // sb's entry imports the rest by a computed name.
  const programs = ["cli.ts", "src/cli/main.ts", ...tests.files.filter(isGuestTest)];
  const denoCache = await packDenoCache(ROOT, programs);
  await Promise.all(tests.kernels.map(async (name) => {
    const kernel = await openKernel(name);
    const [module] = await buildModules(kernel, tests.source);
    const [operations] = await buildModules(kernel, OPERATIONS);
    for (const mode of MODES) {
      if (kernel.debug && !mode.debug) continue;
      const files = tests.files.filter((path) => mode.files.test(path));
      await runBatch(
        { kernel, boot: mode, module, operations, sink: tests.sink, denoCache, report: tests.report },
        files,
      );
    }
  }));
}

function title({ kernel, boot }: Batch, path: string): string {
  return [kernel.name, boot.label, path].filter((word) => word !== "").join(" ");
}

function failure(batch: Batch, path: string, output: string): GuestReport {
  return { title: title(batch, path), passed: 0, failed: 1, skipped: [], output, said: "" };
}

/** Boots until every file has had its run: a file that takes the guest with it does not take the others. */
export async function runBatch(batch: Batch, files: readonly string[]): Promise<void> {
  let rest = files;
  while (rest.length > 0) {
    using job = temporaryFolder("sb_vm_tests_");
    rest = await bootOnce(batch, rest, job.path);
  }
}

/** @returns the files that have not been run */
async function bootOnce(batch: Batch, files: readonly string[], job: string): Promise<readonly string[]> {
  Deno.writeTextFileSync(`${job}/files`, files.map((path, index) => `${index} ${path}\n`).join(""));
  if (batch.denoCache) Deno.writeFileSync(`${job}/deno.tar`, batch.denoCache);
  const abort = new AbortController();
  let done = 0;
  let since = Infinity;
  const limitS = fileLimitS(batch.kernel);
  const advance = () => {
    for (; done < files.length && exists(`${job}/${done}.done`); done++, since = Date.now()) {
      const seconds = (Date.now() - since) / 1000;
      batch.report({ ...readReport(batch, files[done], `${job}/${done}`), seconds });
    }
    if (Date.now() - since > (limitS + GRACE_S) * 1000) abort.abort();
  };
  const poll = setInterval(advance, POLL_MS);
  const result = await bootBatch(batch, {
    job,
    limitS,
    signal: abort.signal,
    // The wait for other guests counts for none.
    onBoot: () => since = Date.now(),
  });
  clearInterval(poll);
  advance();
  const said = readText(`${job}/boot.kernel`);
  if (said !== "") batch.report(failure(batch, "boot", `the kernel complained:\n${said}`));
  // A module that cannot be unloaded has been reported, as what a file left behind.
  if (result.status === 0 || exists(`${job}/broken`)) return files.slice(done);
  const started = exists(`${job}/${done}.started`);
  const path = started ? files[done] : "boot";
  batch.report(failure(batch, path, `${readText(`${job}/${done}.out`)}${result.report}`));
  // A boot that reaches no file would not the next time either.
  return started ? files.slice(done + 1) : done > 0 ? files.slice(done) : [];
}

/** Emulation is slow, the debug kernel is slower. */
function fileLimitS({ debug }: Kernel): number {
  return debug ? 1800 : 600;
}

async function bootBatch(
  { kernel, boot, module, operations, sink }: Batch,
  { job, limitS, signal, onBoot }: { job: string; limitS: number; signal: AbortSignal; onBoot: () => void },
): Promise<GuestResult> {
  const env = {
    ...guestEnvironment(),
    NO_COLOR: "1",
    CI: "true",
    SB_KERNEL: kernel.name,
    SB_MODULE: module,
    ...(operations === undefined ? {} : { SB_OPERATIONS: operations }),
    SB_EXPEDITED: boot.expedited ? "1" : "0",
    ...(boot.timed ? { SB_TIMED: "1" } : {}),
  };
  return await runGuest({
    kernel,
    command: ["sh", RUNNER, boot.timed ? "0" : `${limitS}`],
    cwd: ROOT,
    env,
    timed: boot.timed,
    oneThread: boot.oneThread,
    cpus: 2,
    memoryMb: defaultSettings(kernel).memoryMb,
    append: [],
    expedited: boot.expedited,
    allowWarn: false,
    module,
    job,
    signal,
    onBoot,
  }, sink);
}

function readText(path: string): string {
  return exists(path) ? new TextDecoder().decode(Deno.readFileSync(path)) : "";
}

/** The result of a file: its tests, and everything that it left or made the kernel complain of as a failure each. */
function readReport(batch: Batch, path: string, base: string): GuestReport {
  const output = readText(`${base}.out`);
  const result = readTestOutput(output);
  // Deno also fails for what happens outside of tests.
  if (readText(`${base}.status`).trim() !== "0" && result.failed === 0) result.failed = 1;
  const left = readText(`${base}.left`).trimEnd().split("\n").filter((line) => line !== "");
  const kernel = readText(`${base}.kernel`);
  const unexplained = unexplainedSkips(result);
  return {
    ...result,
    title: title(batch, path),
    said: output,
    failed: result.failed + left.length + (kernel === "" ? 0 : 1) + unexplained.length,
    output: [
      result.failed > 0 ? output.trimEnd() : "",
      ...left.map((line) => `left behind: ${line}`),
      ...unexplained.map((test) => `skipped without a reason: ${test}`),
      kernel === "" ? "" : `the kernel complained:\n${kernel.trimEnd()}`,
    ].filter((text) => text !== "").join("\n"),
  };
}
