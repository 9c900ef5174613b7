/** Signals to sb while a command runs: which it ignores, forwards, or takes as the wish to undo. */
import { Signal } from "../sys/mod.ts";
import type { RunningCommand } from "./running.ts";

/**
 * Keeps SIGINT and SIGQUIT from ending sb (the terminal sends them to the command too) and forwards SIGTERM and
 * SIGHUP. Signals that were ignored when sb started stay ignored.
 *
 * @param options.onSecondInterrupt called once, at the second SIGINT
 * @param options.ignored the signals that sb was started with ignored
 * @returns disposing it gives the signals their default actions back
 */
export function forwardSignals(
  command: RunningCommand,
  options: { onSecondInterrupt: () => void; ignored?: ReadonlySet<number> },
): Disposable {
  const stack = new DisposableStack();
  const listen = (name: "INT" | "QUIT" | "TERM" | "HUP", listener: () => void) => {
    if (options.ignored?.has(Signal[name])) return;
    Deno.addSignalListener(`SIG${name}`, listener);
    stack.defer(() => Deno.removeSignalListener(`SIG${name}`, listener));
  };
  let interrupts = 0;
  listen("INT", () => {
    interrupts++;
    if (interrupts === 2) options.onSecondInterrupt();
  });
  listen("QUIT", () => {});
  listen("TERM", () => command.kill(Signal.TERM));
  listen("HUP", () => command.kill(Signal.HUP));
  return stack;
}
