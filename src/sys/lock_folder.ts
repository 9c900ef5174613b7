/** Locks between sb commands: a folder of the kernel's that both know, locked with flock(2). */
import { Errno, openFd, type OwnedFd, systemCall, systemError } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";

/** flock(2) */
const LOCK_EX = 2, LOCK_NB = 4;
const POLL_MS = 5;
/** Longer than any verb takes, thousands of probes on a busy machine included. */
const WAIT_MS = 180_000;

/**
 * Waits for the lock of a folder.
 *
 * @returns the lock; disposing it, or the end of sb, gives it back
 * @throws SbError `probe.busy` when another process holds it for three minutes
 */
export async function lockFolder(path: string): Promise<OwnedFd> {
  using undo = new DisposableStack();
  const lock = undo.use(openFd(path));
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const result = systemCall("flock", lock.fd, LOCK_EX | LOCK_NB);
    if (result === 0) break;
    if (result !== -Errno.EAGAIN) throw systemError("flock", -result, `lock "${path}"`);
    if (performance.now() > until) {
      throw new SbError(
        "probe.busy",
        `Cannot change probes: another process has held ${path} for three minutes`,
        {
          hint: `See which: fuser -v ${path}`,
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  undo.move();
  return lock;
}
