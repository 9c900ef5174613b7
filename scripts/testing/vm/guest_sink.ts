/** The output of guests, handed on to the output of this process. */
import type { GuestSink } from "./guest.ts";

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}

/** @param options.phases whether it is said what is being done */
export function guestSink(options: { phases: boolean }): GuestSink {
  return {
    stdout: (bytes) => writeAll(Deno.stdout, bytes),
    stderr: (bytes) => writeAll(Deno.stderr, bytes),
    phase: (line) => options.phases && console.error(`scripts/vm: ${line}`),
    waiting: (line) => console.error(`scripts/vm: ${line}`),
  };
}
