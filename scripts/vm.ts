/** The virtual machine command: reads the command line, runs one guest or the guest tests, mirrors the status. */
import { typeScriptFiles } from "./source_text.ts";
import { defaultSettings } from "./testing/vm/boot_settings.ts";
import { VmError } from "./testing/vm/cache.ts";
import { guestEnvironment } from "./testing/vm/environment.ts";
import { type GuestSink, runGuest } from "./testing/vm/guest.ts";
import { guestSink } from "./testing/vm/guest_sink.ts";
import { runGuestTests } from "./testing/vm/guest_tests.ts";
import { type Kernel, openKernel } from "./testing/vm/kernels.ts";
import { buildModules } from "./testing/vm/module.ts";
import { SERIES } from "./testing/vm/debian.ts";
import { TestSum } from "./testing/test_sum.ts";
import { exitOnSignals } from "./testing/vm/temporary.ts";
import { HELP, parseVmOptions, UsageError, type VmOptions } from "./testing/vm/options.ts";

const ROOT = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
/** Sources of the product's kernel module. */
const KMOD = `${ROOT}/kmod`;

async function getKernel(options: VmOptions, sink: GuestSink): Promise<Kernel> {
  const name = options.kernels[0] ?? "6.1";
  sink.phase(`kernel ${name}`);
  return await openKernel(name);
}

async function getModules(options: VmOptions, kernel: Kernel, sink: GuestSink): Promise<string[]> {
  const source = Deno.realPathSync(options.source ?? KMOD);
  sink.phase(`module ${source}`);
  return await buildModules(kernel, source);
}

async function run(options: VmOptions, sink: GuestSink): Promise<number> {
  const kernel = await getKernel(options, sink);
  const result = await runGuest({
    kernel,
    command: options.operands,
    cwd: Deno.cwd(),
    env: guestEnvironment(),
    timed: options.timed,
    oneThread: options.oneThread,
    cpus: options.cpus,
    memoryMb: options.memoryMb ?? defaultSettings(kernel).memoryMb,
    timeoutS: options.timeoutS ?? defaultSettings(kernel).timeoutS,
    append: options.append,
    expedited: options.expedited,
    allowWarn: options.allowWarn,
    module: options.module ? (await getModules(options, kernel, sink))[0] : undefined,
    job: options.job === undefined ? undefined : Deno.realPathSync(options.job),
  }, sink);
  if (result.report !== "") console.error(result.report);
  return result.status;
}

async function test(options: VmOptions, sink: GuestSink): Promise<number> {
  const [pattern = ""] = options.operands;
  const sum = new TestSum();
  await runGuestTests({
    kernels: options.kernels.length > 0 ? options.kernels : Object.keys(SERIES),
    files: typeScriptFiles(ROOT).filter((path) => path.includes(pattern)),
    source: Deno.realPathSync(options.source ?? KMOD),
    sink,
    report(report) {
      if (options.verbose && report.failed === 0) console.log(report.said);
      sum.add(report);
    },
  });
  return sum.print() ? 0 : 1;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseVmOptions(args);
  const sink = guestSink({ phases: options.verbose || Deno.stderr.isTerminal() });
  switch (options.action) {
    case "help":
      console.log(HELP.trimEnd());
      return 0;
    case "kernel":
      console.log((await getKernel(options, sink)).kdir);
      return 0;
    case "build-module":
      for (const path of await getModules(options, await getKernel(options, sink), sink)) console.log(path);
      return 0;
    case "test":
      return await test(options, sink);
    case "run":
      return await run(options, sink);
  }
}

exitOnSignals();
try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof VmError)) throw error;
  console.error(`error: ${error.message}`);
  Deno.exit(error instanceof UsageError ? 2 : 3);
}
