/** The whole examination, and what it means for the backends. */
import {
  checkArchitecture,
  checkBpf,
  checkBtf,
  checkFeatures,
  checkMountNamespaces,
  checkRelease,
  checkUprobes,
} from "./kernel.ts";
import { checkLibraries } from "./libraries.ts";
import type { BackendVerdict, DoctorCheck, DoctorReport } from "./model.ts";
import { checkModule, checkTracer, judgeModule } from "./module.ts";
import { checkCapabilities, checkSwitches } from "./privileges.ts";

/** Examines the machine. Changes nothing. */
export function examineMachine(): DoctorReport {
  const checks = [
    checkRelease(),
    checkArchitecture(),
    checkUprobes(),
    checkBpf(),
    checkBtf(),
    ...checkFeatures(),
    ...checkCapabilities(),
    ...checkSwitches(),
    checkMountNamespaces(),
    ...checkLibraries(),
    checkModule(),
    checkTracer(),
  ];
  const ebpf = judgeBackend(checks);
  const kmod = judgeModule(checks);
  return { ok: ebpf.usable || kmod.usable, backends: { ebpf, kmod }, checks };
}

/** What works on this machine, what does not, and how to mend it; changes nothing, and needs no privilege. */
// deno-lint-ignore require-await -- a look that takes longer may be made in the background
export async function doctor(): Promise<DoctorReport> {
  return examineMachine();
}

/** The eBPF backend is usable when no check that it requires failed; what could not be told counts as failed. */
export function judgeBackend(checks: readonly DoctorCheck[]): BackendVerdict {
  const failed = checks.filter((check) => check.required && check.verdict !== "ok");
  if (failed.length === 0) return { usable: true, why: null };
  return { usable: false, why: failed.map((check) => `${check.check}: ${check.evidence}`).join("; ") };
}
