/** The kernel modules: whether each is loaded and speaks sb's language, and what hinders when it is not. */
import { loadedState, moduleObstacle } from "../module/mod.ts";
import { SPEED_BUMP_ABI } from "../probe/mod.ts";
import type { BackendVerdict, DoctorCheck } from "./model.ts";

/** The check's name. */
const CHECK = "kernel module";
/** What the module's backend cannot work without, by the names of the checks. */
const NEEDED = ["architecture", "libelf", "CAP_SYS_ADMIN", CHECK];

/** Looks for the module. */
export function checkModule(): DoctorCheck {
  const loaded = loadedState("speed_bump");
  if (!loaded) {
    const obstacle = moduleObstacle();
    return {
      check: CHECK,
      verdict: "missing",
      evidence: obstacle === null ? "speed_bump is not loaded" : `speed_bump is not loaded: ${obstacle}`,
      hint: obstacle === null ? "Load it: sudo sb module load" : null,
      required: false,
    };
  }
  const fits = loaded.abi === SPEED_BUMP_ABI;
  return {
    check: CHECK,
    verdict: fits ? "ok" : "broken",
    evidence:
      `speed_bump ${loaded.version ?? "of unknown version"} is loaded, interface ${loaded.abi ?? "unknown"}` +
      (fits ? "" : `; this sb speaks ${SPEED_BUMP_ABI}`),
    hint: fits ? null : "Load the one of this sb: sudo sb module unload && sudo sb module load",
    required: false,
  };
}

/** Looks for the module that counts; nothing else needs it. */
export function checkTracer(): DoctorCheck {
  const loaded = loadedState("tracer");
  const obstacle = loaded ? null : moduleObstacle();
  const missing = obstacle === null ? "tracer is not loaded" : `tracer is not loaded: ${obstacle}`;
  return {
    check: "tracer module",
    verdict: loaded ? "ok" : "missing",
    evidence: loaded ? `tracer ${loaded.version ?? "of unknown version"} is loaded` : missing,
    hint: loaded || obstacle !== null ? null : "For sb count, load it: sudo sb module load tracer",
    required: false,
  };
}

/** Whether the module's backend can be used: every check that it needs is well. */
export function judgeModule(checks: readonly DoctorCheck[]): BackendVerdict {
  const failed = checks.filter((check) => NEEDED.includes(check.check) && check.verdict !== "ok");
  if (failed.length === 0) return { usable: true, why: null };
  return { usable: false, why: failed.map((check) => `${check.check}: ${check.evidence}`).join("; ") };
}
