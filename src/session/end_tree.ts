/** Ends a command and everything it started: SIGTERM, then SIGKILL. */
import type { RunningCommand } from "../command/mod.ts";
import { type BackendSession, hasGlobalIds } from "../probe/mod.ts";
import { scanTree } from "../scope/mod.ts";
import { openProcess, type ProcessHandle, Signal } from "../sys/mod.ts";

/** How long processes have after SIGTERM, milliseconds. */
const GRACE_MS = 2000;
/** How long is waited after SIGKILL: a process may be in a call that cannot be interrupted (milliseconds). */
const KILL_MS = 5000;
const POLL_MS = 5;

/** What knows the tree and can end its delays. */
export type Ending = Pick<BackendSession, "backend" | "members" | "cancel">;

/** The processes of the tree now; where the session's ids are those of another pid namespace, the descendants that still are. */
function listTree({ pid }: RunningCommand, session: Ending): number[] {
  if (session.backend !== "ebpf" || hasGlobalIds()) return session.members();
  try {
    return scanTree(pid);
  } catch {
    return []; // it has ended
  }
}

/** Delays end at once, processes within 2 s. Resolves when all have ended. */
export async function endTree(command: RunningCommand, session: Ending): Promise<void> {
  session.cancel();
  using handles = new DisposableStack();
  const known = new Map<number, { handle: ProcessHandle; sent: number }>();
  const started = performance.now();
  for (let elapsedMs = 0; elapsedMs < GRACE_MS + KILL_MS; elapsedMs = performance.now() - started) {
    for (const pid of listTree(command, session)) {
      if (known.get(pid)?.handle.isAlive) continue;
      const handle = openProcess(pid);
      if (handle) known.set(pid, { handle: handles.use(handle), sent: 0 });
    }
    // Held by now, an id means the same process for good; if it came to mean another before, it is not listed again.
    const listed = new Set(listTree(command, session));
    const signal = elapsedMs < GRACE_MS ? Signal.TERM : Signal.KILL;
    for (const [pid, process] of known) {
      if (process.sent === signal || process.sent === 0 && !listed.has(pid)) continue;
      process.handle.kill(signal);
      process.sent = signal;
    }
    const isOver = [...known.values()].every(({ handle, sent }) => sent === 0 || !handle.isAlive);
    if (listed.size === 0 && isOver) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
