/** Guests for tests on the host: scripts/vm run as a user runs it, and what it needs of the machine. */
import { executable, type Need, root } from "../skip.ts";

/** The folder of the sources. */
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
/** The module that misbehaves on demand. */
export const FAULT_MODULE = `${ROOT}/tests/vm/fault_module`;
/** Where it takes the name of a fault. */
export const FAULT = "/sys/module/fault_module/parameters/fault";

/** What a guest needs: root for the files of the host, and QEMU, which is for guests of this architecture. */
export function guestNeeds(): Need[] {
  const architecture = { holds: Deno.build.arch === "x86_64", why: "the guests' kernels are for x86-64" };
  return [architecture, root(), executable("/usr/bin/qemu-system-x86_64")];
}

/** What a run of scripts/vm did. */
export interface VmRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs scripts/vm. @param options.cwd the folder that it is called from, the sources' by default */
export async function runVm(args: readonly string[], options: { cwd?: string } = {}): Promise<VmRun> {
  const { code, stdout, stderr } = await new Deno.Command(`${ROOT}/scripts/vm`, {
    args: [...args],
    cwd: options.cwd ?? ROOT,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  // Others may have guests of their own.
  return { code, stdout: text(stdout), stderr: text(stderr).replaceAll(/^scripts\/vm: waiting .*\n/gm, "") };
}

/** Runs a shell command in a guest with the faulty module loaded. */
export async function runWithFaults(shell: string, ...options: readonly string[]): Promise<VmRun> {
  return await runVm([...options, "--module", "--source", FAULT_MODULE, "--", "sh", "-c", shell]);
}
