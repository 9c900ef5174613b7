/** Processes as /proc shows them, on real ones. */
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import {
  listProcesses,
  parseProcessStat,
  processesMapping,
  processesNamed,
  readProcessMappings,
  readProcessName,
  readProcessStat,
  requireProcess,
} from "../../../src/sys/mod.ts";

/** An id that no process has: above the kernel's limit. */
const NO_PROCESS = 4_194_305;

Deno.test("parseProcessStat() reads a name with spaces and parentheses", () => {
  const fields = Array.from({ length: 18 }, (_, index) => String(index)).join(" ");
  const stat = parseProcessStat(`12 (a) b (c) S 7 ${fields}`);
  assertEquals([stat.pid, stat.comm, stat.state, stat.parentPid, stat.startTicks], [
    12,
    "a) b (c",
    "S",
    7,
    17,
  ]);
});

Deno.test("readProcessStat() knows this process and its parent", () => {
  assertEquals(readProcessStat(Deno.pid).parentPid, Deno.ppid);
});

Deno.test("requireProcess() accepts a process and refuses a thread, naming its leader", () => {
  requireProcess(Deno.pid);
  const thread = [...Deno.readDirSync("/proc/self/task")].map(({ name }) => Number(name)).find((id) =>
    id !== Deno.pid
  );
  assert(thread !== undefined);
  const error = assertThrows(() => requireProcess(thread), SbError);
  assertEquals(error.code, "process.not_leader");
  assertEquals(
    error.message,
    `Cannot use process ${thread}: it is a thread of process ${Deno.pid} (${readProcessName(Deno.pid)})`,
  );
  assertEquals(error.hint, `Use --pid ${Deno.pid}`);
});

Deno.test("requireProcess() refuses an id that no process has", () => {
  const error = assertThrows(() => requireProcess(NO_PROCESS), SbError);
  assertEquals([error.code, error.message], [
    "process.not_found",
    `Cannot find process ${NO_PROCESS}: there is no such process`,
  ]);
});

Deno.test("processesMapping() finds this process by its executable, and nobody by an inode of none", () => {
  const { dev, ino } = Deno.statSync("/proc/self/exe");
  assert(processesMapping(dev, BigInt(ino ?? 0)).includes(Deno.pid));
  assertEquals(processesMapping(dev, 0xffff_ffff_ffffn), []);
});

Deno.test("readProcessMappings() gives device and inode as stat(2) does", () => {
  const { dev, ino } = Deno.statSync("/proc/self/exe");
  const own = readProcessMappings(Deno.pid).filter((mapping) => mapping.path === Deno.execPath());
  assert(own.some((mapping) => mapping.executable));
  for (const mapping of own) assertEquals([mapping.device, mapping.inode], [dev, BigInt(ino ?? 0)]);
});

Deno.test("processesNamed() finds by name, listProcesses() all", () => {
  assert(listProcesses().includes(Deno.pid));
  assert(processesNamed(readProcessName(Deno.pid)).includes(Deno.pid));
  assertFalse(processesNamed("no such name").includes(Deno.pid));
});
