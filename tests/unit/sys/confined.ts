/** Run as a process of its own: becomes the user named by its argument for good, confines itself, and tells what it still can do. */
import { systemCall } from "../../../ffi/mod.ts";
import { becomeForGood, confineCalls, limitProcess, spentProcessorNs } from "../../../src/sys/mod.ts";

const [uid, folder] = Deno.args;
becomeForGood({ uid: Number(uid), gid: Number(uid), groups: [] });
limitProcess({ fileBytes: 0, coreBytes: 0 });
confineCalls();

/** What an attempt comes to: "done", or the name of what it threw. */
function outcome(attempt: () => unknown): string {
  try {
    attempt();
    return "done";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

const attempts: Record<string, () => unknown> = {
  "read a file": () => Deno.readTextFileSync("/etc/hostname"),
  "list a folder": () => [...Deno.readDirSync("/proc/self/task")],
  "write a file": () => Deno.writeTextFileSync(`${folder}/mine`, "x"),
  "cut a file": () => Deno.truncateSync(`${folder}/mine`),
  "remove a file": () => Deno.removeSync(`${folder}/mine`),
  "rename a file": () => Deno.renameSync(`${folder}/mine`, `${folder}/other`),
  "make a link": () => Deno.symlinkSync("/etc/passwd", `${folder}/link`),
  "change a mode": () => Deno.chmodSync(`${folder}/mine`, 0o777),
  "make a folder": () => Deno.mkdirSync(`${folder}/new`),
  "start a program": () => new Deno.Command("/bin/true").outputSync(),
  "signal a process": () => Deno.kill(Deno.ppid, "SIGCONT"),
};
const calls = {
  socket: systemCall("socket", 1, 1, 0),
  ptrace: systemCall("ptrace", 0, 0, 0, 0),
  bpf: systemCall("bpf", 0, null, 0),
  memfd_create: systemCall("memfd_create", null, 0),
  prlimit64: systemCall("prlimit64", 0, 7, null, null),
  unshare: systemCall("unshare", 0x10000000),
  setresuid: systemCall("setresuid", -1, -1, -1),
};
const outcomes = Object.entries(attempts).map(([name, attempt]) => [name, outcome(attempt)]);
const text = JSON.stringify({
  outcomes: Object.fromEntries(outcomes),
  calls,
  spent: Number(spentProcessorNs()),
});
Deno.stdout.writeSync(new TextEncoder().encode(text));
