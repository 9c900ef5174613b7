/** Capabilities of this process, and the refusals when one is missing or when sb runs with borrowed ones. */
import { SbError } from "../core/mod.ts";
import { auxiliaryValue } from "../../ffi/mod.ts";
import { readProcessStatus } from "./procfs.ts";

/** Bits of linux/capability.h, those that sb needs or speaks of. */
const BITS = {
  CAP_CHOWN: 0,
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_SETPCAP: 8,
  CAP_SYS_MODULE: 16,
  CAP_SYS_CHROOT: 18,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const;

/** A capability by its name in capabilities(7). */
export type Capability = keyof typeof BITS;

/** The set of these capabilities as the kernel writes it, a bit each. */
export function capabilityMask(names: readonly Capability[]): bigint {
  return names.reduce((mask, name) => mask | 1n << BigInt(BITS[name]), 0n);
}

/** AT_SECURE of getauxval(3). */
const AT_SECURE = 23;

/** Those of `wanted` that this process does not have in effect. */
export function missingCapabilities(wanted: readonly Capability[]): Capability[] {
  const effective = BigInt(`0x${readProcessStatus("self").get("CapEff") ?? "0"}`);
  return wanted.filter((name) => (effective >> BigInt(BITS[name]) & 1n) === 0n);
}

/**
 * Refuses when a capability is missing.
 *
 * @param options.what what cannot be done without: `attach probes`
 * @param options.command the command line that would work, without sudo: `sb run …`
 * @throws SbError `permission.capability`
 */
export function requireCapabilities(
  wanted: readonly Capability[],
  options: { what: string; command?: string },
): void {
  const missing = missingCapabilities(wanted);
  if (missing.length === 0) return;
  const word = missing.length === 1 ? "capability" : "capabilities";
  throw new SbError(
    "permission.capability",
    `Cannot ${options.what}: the ${word} ${missing.join(", ")} is missing`
      .replace(/ies (.*) is missing$/, "ies $1 are missing"),
    {
      hint: `Run sudo ${options.command ?? "sb …"}`,
      data: { missing },
    },
  );
}

/**
 * Refuses to run with privileges that the caller does not have: setuid, setgid or file capabilities.
 *
 * @throws SbError `permission.setuid`
 */
export function refuseBorrowedPrivileges(): void {
  if (auxiliaryValue(AT_SECURE) === 0n) return;
  throw new SbError(
    "permission.setuid",
    'Cannot run "sb": it was started setuid or with file capabilities (AT_SECURE)',
    { hint: "Remove them from the executable, and run sudo sb …" },
  );
}
