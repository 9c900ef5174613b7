/** What a test may leave behind in the kernel: mounts, programs named sb_*, processes. */
import { loadedPrograms, systemCall } from "../../ffi/mod.ts";
import { BPF_ROOT, listProcesses, readProcessStat } from "../../src/sys/mod.ts";

/** PR_SET_CHILD_SUBREAPER, prctl(2). */
const SET_CHILD_SUBREAPER = 36;
const SETTLE_MS = 10_000;

/** Makes orphans of the tests children of this process, where they are found. */
export function adoptOrphans(): void {
  systemCall("prctl", SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/** What there is now, one line each. */
export function kernelObjects(): Set<string> {
  const found = new Set<string>();
  for (const line of Deno.readTextFileSync("/proc/self/mountinfo").trim().split("\n")) {
    // sb mounts the bpf file system where a machine has none, to stay, as every tool that pins does.
    if (line.split(" ")[4] !== BPF_ROOT) found.add(`mount ${line.split(" ")[4]}`);
  }
  for (const [id, name] of loadedPrograms()) if (name.startsWith("sb_")) found.add(`program ${id} ${name}`);
  for (const pid of listProcesses()) {
    try {
      const { comm, state, parentPid } = readProcessStat(pid);
      if (parentPid === Deno.pid && state !== "Z") found.add(`process ${pid} (${comm})`);
    } catch { /* it ended meanwhile */ }
  }
  return found;
}

/** What is there now and was not `before`, once it has had time to go. @param options.settleMs that time, 10 s by default */
export async function leftBehind(
  before: ReadonlySet<string>,
  options: { settleMs?: number } = {},
): Promise<string[]> {
  const end = Date.now() + (options.settleMs ?? SETTLE_MS);
  while (true) {
    const left = [...kernelObjects()].filter((line) => !before.has(line));
    if (left.length === 0 || Date.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
