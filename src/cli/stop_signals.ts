/** Signals that end what a command does: the first gently, the second, where it is wanted, at once. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What signals do beside aborting. */
export interface StopOptions {
  /** Told of the first one. */
  onFirst?: () => void;
  /** Whether this process ends by the second one at once, its children killed; otherwise it changes nothing. */
  secondEnds?: boolean;
}

/** Aborts at the signals that end sb. @returns disposing it gives the signals their default actions back */
export function abortOnSignals(
  stop: AbortController,
  { onFirst, secondEnds = false }: StopOptions = {},
): Disposable {
  using undo = new DisposableStack();
  for (const signal of SIGNALS) {
    const listener = () => {
      if (!stop.signal.aborted) {
        onFirst?.();
        stop.abort(new DOMException(`ended by ${signal}`, "AbortError"));
        return;
      }
      if (!secondEnds) return;
      for (const pid of children()) killNow(pid);
      kept[Symbol.dispose]();
      Deno.kill(Deno.pid, signal);
    };
    Deno.addSignalListener(signal, listener);
    undo.defer(() => Deno.removeSignalListener(signal, listener));
  }
  const kept = undo.move();
  return kept;
}

/** The children of all threads of this process (proc_pid_children(5)). */
function children(): number[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) => {
    try {
      return Deno.readTextFileSync(`/proc/self/task/${name}/children`).split(" ").filter(Boolean).map(Number);
    } catch {
      return []; // the thread has ended
    }
  });
}

function killNow(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch { /* it has ended */ }
}
