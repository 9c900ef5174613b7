/** What the caller may do: capabilities and the switches that take them away. */
import { missingCapabilities } from "../sys/mod.ts";
import type { DoctorCheck } from "./model.ts";
import { readSmall } from "./read.ts";

const CAPABILITIES = [
  { name: "CAP_BPF", needed: "load programs and maps", required: true },
  { name: "CAP_PERFMON", needed: "attach uprobes", required: true },
  {
    name: "CAP_SYS_ADMIN",
    needed: "give the command private copies of its files (isolation private-file)",
    required: false,
  },
  { name: "CAP_SYS_PTRACE", needed: "look into processes of other users (attach)", required: false },
] as const;

/** One check for each capability that sb uses; CAP_SYS_ADMIN implies CAP_BPF and CAP_PERFMON (capabilities(7)). */
export function checkCapabilities(): DoctorCheck[] {
  return CAPABILITIES.map(({ name, needed, required }) => {
    const alternatives = required ? [name, "CAP_SYS_ADMIN"] as const : [name];
    const missing = missingCapabilities(alternatives);
    const held = missing.length < alternatives.length;
    return {
      check: name,
      verdict: held ? "ok" : "missing",
      evidence: !held
        ? `not in effect, needed to ${needed}`
        : missing.includes(name)
        ? "in effect through CAP_SYS_ADMIN"
        : "in effect",
      hint: held ? null : "Run it with sudo: sudo sb doctor",
      required,
    };
  });
}

/** Kernel switches that restrict who may probe. None of them stops a caller with the capabilities. */
export function checkSwitches(): DoctorCheck[] {
  return [
    switchCheck("kernel.unprivileged_bpf_disabled", "/proc/sys/kernel/unprivileged_bpf_disabled"),
    switchCheck("kernel.perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid"),
    checkLockdown(),
  ];
}

function switchCheck(check: string, path: string): DoctorCheck {
  const value = readSmall(path)?.trim();
  return {
    check,
    verdict: value === undefined ? "unknown" : "ok",
    evidence: value === undefined
      ? `${path} cannot be read`
      : `${value} (binds callers without CAP_BPF, CAP_PERFMON)`,
    hint: null,
    required: false,
  };
}

/** lockdown=confidentiality forbids BPF programs to read kernel memory (kernel_lockdown(7)). */
function checkLockdown(): DoctorCheck {
  const path = "/sys/kernel/security/lockdown";
  const text = readSmall(path)?.trim();
  const mode = text === undefined ? undefined : /\[(\w+)\]/.exec(text)?.[1];
  const blocks = mode === "confidentiality";
  return {
    check: "lockdown",
    verdict: blocks ? "broken" : text !== undefined && mode === undefined ? "unknown" : "ok",
    evidence: text === undefined
      ? `${path} is not there: not locked down, or securityfs is not mounted`
      : `${mode ?? text} (${path})`,
    hint: blocks ? "Boot with lockdown=integrity or none on the kernel's command line" : null,
    required: true,
  };
}
