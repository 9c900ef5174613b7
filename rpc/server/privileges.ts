/** What a server that runs as root keeps of its capabilities, and gives up of the rest. */
import { type Capability, keepCapabilities } from "../../src/sys/mod.ts";

/** Each capability that the server keeps, and what for (`docs/server.md`). */
export const KEPT_CAPABILITIES = {
  CAP_BPF: "to load programs and make maps",
  CAP_PERFMON: "to attach programs to uprobes and tracepoints",
  CAP_SYS_ADMIN:
    "to find the maps of other processes' sessions, for root's lists, and to count any process for root",
  CAP_SYS_PTRACE: "to look into processes of other users, and to take opened files from workers",
  CAP_DAC_READ_SEARCH: "to read the files that root names, and to start workers from anywhere",
  CAP_SETUID: "to give a worker the client's user",
  CAP_SETGID: "to give a worker the client's groups",
  CAP_SETPCAP: "to take everything from a worker",
  CAP_KILL: "to end a worker that takes too long",
  CAP_CHOWN: "to give the socket to the group sb",
} as const satisfies Partial<Record<Capability, string>>;

/**
 * Gives up the other capabilities, for good; where there are any the program starts anew, so call it first.
 *
 * @returns false when they could not be given up
 * @throws SbError `kernel.refused`
 */
export function dropPrivileges(): boolean {
  return keepCapabilities(Object.keys(KEPT_CAPABILITIES) as Capability[]);
}
