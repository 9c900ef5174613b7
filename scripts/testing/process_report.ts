/** What processes are doing that do not end, for the reader of the failure; and their end. */

/** One process, of /proc/PID/stat, proc(5). */
interface Seen {
  pid: number;
  parent: number;
}

function readOr(path: string, otherwise: string): string {
  try {
    return Deno.readTextFileSync(path).trimEnd();
  } catch {
    // It has ended, or the kernel has no such file.
    return otherwise;
  }
}

/** The last part of /proc/…/stat: what follows the name, which may hold anything. */
function statOf(folder: string): { name: string; state: string; parent: number } {
  const stat = readOr(`${folder}/stat`, "(ended) X 0");
  const end = stat.lastIndexOf(")");
  const [state, parent] = stat.slice(end + 2).split(" ");
  return { name: stat.slice(stat.indexOf("(") + 1, end), state, parent: Number(parent) };
}

/** A process and those that descend from it, parents before children. */
export function treeOf(root: number): number[] {
  const seen: Seen[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (/^\d+$/.test(name)) seen.push({ pid: Number(name), parent: statOf(`/proc/${name}`).parent });
  }
  const tree = [root];
  for (const pid of tree) tree.push(...seen.filter(({ parent }) => parent === pid).map((child) => child.pid));
  return tree;
}

/** The threads of a process: state, name, and where in the kernel each waits (root only). */
function threadLines(pid: number): string[] {
  const threads = `/proc/${pid}/task`;
  try {
    return [...Deno.readDirSync(threads)].map(({ name: tid }) => {
      const { name, state } = statOf(`${threads}/${tid}`);
      const frames = readOr(`${threads}/${tid}/stack`, "").split("\n").slice(0, 4);
      const stack = frames.map((frame) => frame.replace(/^\[<\d+>\] /, "")).join(" < ");
      return `    ${tid} ${state} (${name}) ${stack}`;
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

/** What the processes of a tree are doing: command lines, threads, sockets. */
export function processReport(root: number): string {
  const tree = treeOf(root);
  const processes = tree.flatMap((pid) => {
    const command = readOr(`/proc/${pid}/cmdline`, "").replaceAll("\0", " ");
    return [`  process ${pid} ${statOf(`/proc/${pid}`).state} ${command}`, ...threadLines(pid)];
  });
  return [...processes, ...socketLines(tree)].join("\n");
}

/** Sends a signal to processes, those that have ended excepted. */
export function signalAll(pids: readonly number[], signal: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, signal);
    } catch { /* it has ended */ }
  }
}
