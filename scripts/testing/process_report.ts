/** What processes are doing that do not end, for the reader of the failure; and their end. */

import { listProcesses, parseProcessStat, type ProcessStat } from "../../src/sys/mod.ts";

function readOr(path: string, otherwise: string): string {
  try {
    return Deno.readTextFileSync(path).trimEnd();
  } catch {
    // It has ended, or the kernel has no such file.
    return otherwise;
  }
}

function statOf(folder: string): ProcessStat {
  return parseProcessStat(readOr(`${folder}/stat`, "0 (ended) X 0"));
}

/** A process and those that descend from it, parents before children, whatever their state. */
export function treeOf(root: number): number[] {
  const childrenOf = Map.groupBy(listProcesses(), (pid) => statOf(`/proc/${pid}`).parentPid);
  const tree = [root];
  for (const pid of tree) tree.push(...childrenOf.get(pid) ?? []);
  return tree;
}

/** The threads of a process: state, name, and where in the kernel each waits (root only). */
function threadLines(pid: number): string[] {
  const threads = `/proc/${pid}/task`;
  try {
    return [...Deno.readDirSync(threads)].map(({ name: tid }) => {
      const { comm, state } = statOf(`${threads}/${tid}`);
      const frames = readOr(`${threads}/${tid}/stack`, "").split("\n").slice(0, 4);
      const stack = frames.map((frame) => frame.replace(/^\[<\d+>\] /, "")).join(" < ");
      return `    ${tid} ${state} (${comm}) ${stack}`;
    });
  } catch {
    return [];
  }
}

/** The Unix sockets of processes, with what waits in them unread (ss(8)); none where that tool is missing. */
function socketLines(pids: readonly number[]): string[] {
  try {
    const { stdout } = new Deno.Command("ss", { args: ["-xapnH"], stderr: "null" }).outputSync();
    const lines = new TextDecoder().decode(stdout).split("\n");
    return lines.filter((line) => pids.some((pid) => line.includes(`pid=${pid},`)))
      .map((line) => `  socket ${line.replace(/\s+/g, " ")}`);
  } catch {
    return [];
  }
}

/** What processes are doing: command lines, threads, sockets. */
export function processReport(pids: readonly number[]): string {
  const processes = pids.flatMap((pid) => {
    const command = readOr(`/proc/${pid}/cmdline`, "").replaceAll("\0", " ");
    return [`  process ${pid} ${statOf(`/proc/${pid}`).state} ${command}`, ...threadLines(pid)];
  });
  return [...processes, ...socketLines(pids)].join("\n");
}

/** Sends a signal to processes, those that have ended excepted. */
export function signalAll(pids: readonly number[], signal: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, signal);
    } catch { /* it has ended */ }
  }
}
