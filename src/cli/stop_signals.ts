/** Signals that end a sweep: the first gently, the second at once. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The first signal aborts. With the second this process ends by it at once, and its children are killed.
 *
 * @param onFirst told of the first one
 * @returns disposing it gives the signals their default actions back
 */
export function abortOnSignals(stop: AbortController, onFirst: () => void): Disposable {
  using undo = new DisposableStack();
  for (const signal of SIGNALS) {
    const listener = () => {
      if (!stop.signal.aborted) {
        onFirst();
        stop.abort(new DOMException(`ended by ${signal}`, "AbortError"));
        return;
      }
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
