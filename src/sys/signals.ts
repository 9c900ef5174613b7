/** Signals by number and name (asm-generic/signal.h: x86-64 and arm64 agree), and sets of them. */

const NAMES =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
    .split(" ");

/** The greatest signal number of Linux (_NSIG). */
export const LAST_SIGNAL = 64;

/** Numbers by name, those that sb speaks of. */
export const Signal = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, PIPE: 13, TERM: 15, STOP: 19 } as const;

/** "SIGTERM", "SIGRTMIN+3". @param signal 1 to 64 */
export function signalName(signal: number): string {
  const name = NAMES[signal - 1];
  if (name) return `SIG${name}`;
  return signal < 34 ? `signal ${signal}` : `SIGRTMIN+${signal - 34}`;
}

/** The signals of a mask as /proc/PID/status writes it (SigIgn, SigBlk): bit n − 1 for signal n. */
export function signalsOfMask(mask: bigint): Set<number> {
  const signals = new Set<number>();
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
    if (mask >> BigInt(signal - 1) & 1n) signals.add(signal);
  }
  return signals;
}

/** The mask of a set of signals. */
export function maskOfSignals(signals: Iterable<number>): bigint {
  let mask = 0n;
  for (const signal of signals) mask |= 1n << BigInt(signal - 1);
  return mask;
}
