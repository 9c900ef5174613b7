/** The machine that a sweep runs on. */
import type { Machine } from "./result.ts";

/**
 * How long anything on this machine, or in this container, has waited for a processor since it started.
 *
 * @returns nanoseconds; null where the kernel does not count it (Documentation/accounting/psi.rst)
 */
export function readProcessorWaitNs(): number | null {
  try {
    const text = Deno.readTextFileSync("/proc/pressure/cpu");
    const match = /^some .*total=(\d+)/m.exec(text);
    return match ? Number(match[1]) * 1000 : null;
  } catch {
    return null;
  }
}

/** What there is to know of this machine, its load as of now twice. */
export function readMachine(): Machine {
  const cpus = Deno.readTextFileSync("/proc/cpuinfo");
  const load = Deno.loadavg()[0];
  return {
    host: Deno.hostname(),
    kernel: Deno.osRelease(),
    architecture: Deno.build.arch,
    // arm64 has no name there.
    cpu: /^model name\s*: (.*)$/m.exec(cpus)?.[1] ?? "",
    cpus: cpus.match(/^processor\s*:/gm)?.length ?? 1,
    memoryBytes: Deno.systemMemoryInfo().total,
    load: [load, load],
  };
}
