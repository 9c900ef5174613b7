/** Giving up capabilities for good: out of the bounding set, and a start anew, which takes them from every thread. */
import { addressOf, cString, systemCall, systemError } from "../../ffi/mod.ts";
import { type Capability, capabilityMask } from "./capabilities.ts";
import { readProcessStatus } from "./procfs.ts";

/** linux/prctl.h */
const PR_CAPBSET_DROP = 24, PR_SET_NO_NEW_PRIVS = 38;
/** _LINUX_CAPABILITY_VERSION_3 */
const CAPABILITY_VERSION = 0x20080522;
const LAST_CAPABILITY = 63;

function readMask(status: ReadonlyMap<string, string>, name: string): bigint {
  return BigInt(`0x${status.get(name) ?? "0"}`);
}

/** Takes capabilities out of the inheritable set (and so the ambient one) of this thread. */
function limitInheritable(kept: bigint, status: ReadonlyMap<string, string>): void {
  const header = Uint32Array.of(CAPABILITY_VERSION, 0);
  const sets = [
    readMask(status, "CapEff"),
    readMask(status, "CapPrm"),
    readMask(status, "CapInh") & kept,
  ];
  // struct __user_cap_data_struct[2]: the lower halves of the three sets, then the upper ones.
  const data = Uint32Array.from(
    [0n, 32n].flatMap((shift) => sets.map((set) => Number(set >> shift & 0xffff_ffffn))),
  );
  const result = systemCall("capset", new Uint8Array(header.buffer), new Uint8Array(data.buffer));
  if (result < 0) throw systemError("capset", -result, "give up capabilities");
}

/** Pointers to each NUL-terminated string of a block, as execve(2) takes them. */
function pointersInto(block: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const start = addressOf(block);
  const pointers: bigint[] = [];
  for (let at = 0; at < block.length; at = block.indexOf(0, at) + 1) pointers.push(start + BigInt(at));
  return new Uint8Array(BigUint64Array.from([...pointers, 0n]).buffer);
}

/** The same program with the same arguments, environment and id, and nothing else of this one. Returns only to throw. */
function startAnew(): never {
  const argv = Deno.readFileSync("/proc/self/cmdline");
  const environment = Deno.readFileSync("/proc/self/environ");
  const [words, variables] = [pointersInto(argv), pointersInto(environment)];
  // By its path first: the last part of that becomes the name of the process.
  systemCall("execve", cString(Deno.execPath()), words, variables);
  const result = systemCall("execve", cString("/proc/self/exe"), words, variables);
  void [argv.length, environment.length];
  throw systemError("execve", -result, "start sb anew");
}

/**
 * Gives up every capability but those named, in this process and in all that it starts. Where there is something to give
 * up the program starts anew, so this belongs before anything is done.
 *
 * @returns false when they cannot be given up, because CAP_SETPCAP is missing
 * @throws SbError `kernel.refused`
 */
export function keepCapabilities(kept: readonly Capability[]): boolean {
  // Set-id programs that this process starts give nothing either.
  systemCall("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const mask = capabilityMask(kept);
  const status = readProcessStatus("self");
  const bounding = readMask(status, "CapBnd");
  if (readMask(status, "CapPrm") === 0n || (bounding & ~mask) === 0n) return true;
  for (let bit = 0n; bit <= LAST_CAPABILITY; bit++) {
    if ((bounding & ~mask) >> bit & 1n && systemCall("prctl", PR_CAPBSET_DROP, bit, 0, 0, 0) < 0) {
      return false;
    }
  }
  limitInheritable(mask, status);
  startAnew();
}
