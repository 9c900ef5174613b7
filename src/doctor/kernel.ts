/** What the running kernel can do: tried out where that is harmless, otherwise read from /proc and /sys. */
import { BpfMap, MapType } from "../../ffi/mod.ts";
import { asSbError } from "../core/mod.ts";
import { type EbpfFeatures, probeFeatures } from "../probe/mod.ts";
import type { DoctorCheck } from "./model.ts";
import { isThere, readSmall } from "./read.ts";

/** The kernel's release; the features are checked by themselves, so any release is well. */
export function checkRelease(): DoctorCheck {
  return {
    check: "kernel",
    verdict: "ok",
    evidence: `Linux ${Deno.osRelease()}`,
    hint: null,
    required: false,
  };
}

/** Instructions are decoded on these machines only. */
export function checkArchitecture(): DoctorCheck {
  const known = Deno.build.os === "linux" && ["x86_64", "aarch64"].includes(Deno.build.arch);
  return {
    check: "architecture",
    verdict: known ? "ok" : "missing",
    evidence: `${Deno.build.os} ${Deno.build.arch}`,
    hint: known ? null : "Use Linux on x86_64 or aarch64",
    required: true,
  };
}

/** The uprobe PMU is there exactly where the kernel has CONFIG_UPROBE_EVENTS (Linux 4.17). */
export function checkUprobes(): DoctorCheck {
  const path = "/sys/bus/event_source/devices/uprobe";
  const found = isThere(path);
  const told = isThere("/sys/bus/event_source/devices");
  return {
    check: "uprobes",
    verdict: found ? "ok" : told ? "missing" : "unknown",
    evidence: found
      ? `${path} is there`
      : told
      ? `${path} is not there`
      : "/sys/bus/event_source is not there",
    hint: found
      ? null
      : told
      ? "Use a kernel with CONFIG_UPROBE_EVENTS"
      : "Mount sysfs: sudo mount -t sysfs sysfs /sys",
    required: true,
  };
}

/** Makes a BPF map of one entry and drops it. */
export function checkBpf(): DoctorCheck {
  try {
    using _map = new BpfMap("sb_doctor", { type: MapType.array, keyBytes: 4, valueBytes: 4, entries: 1 });
    return { check: "bpf", verdict: "ok", evidence: "bpf(2) made a map", hint: null, required: true };
  } catch (thrown) {
    const error = asSbError(thrown);
    const errno = String(error.data.errno ?? "");
    const denied = errno === "EPERM" || errno === "EACCES";
    return {
      check: "bpf",
      verdict: errno === "ENOSYS" ? "missing" : denied ? "unknown" : "broken",
      evidence: error.message,
      hint: denied
        ? "Run it with sudo: sudo sb doctor"
        : errno === "ENOSYS"
        ? "Use a kernel with CONFIG_BPF_SYSCALL"
        : null,
      required: true,
    };
  }
}

/** The kernel's own types: offsets in task_struct come from them. */
export function checkBtf(): DoctorCheck {
  const path = "/sys/kernel/btf/vmlinux";
  const found = isThere(path);
  return {
    check: "btf",
    verdict: found ? "ok" : "missing",
    evidence: `${path} is ${found ? "" : "not "}there`,
    hint: found ? null : "Use a kernel with CONFIG_DEBUG_INFO_BTF",
    required: true,
  };
}

/** Mount namespaces: private copies of target files live in one. */
export function checkMountNamespaces(): DoctorCheck {
  const path = "/proc/sys/user/max_mnt_namespaces";
  const most = Number(readSmall(path) ?? NaN);
  const there = isThere("/proc/self/ns/mnt");
  const works = there && !(most === 0);
  return {
    check: "mount namespaces",
    verdict: works ? "ok" : there ? "broken" : "missing",
    evidence: there
      ? `${path} is ${Number.isNaN(most) ? "not there" : most}`
      : "/proc/self/ns/mnt is not there",
    hint: works ? null : there ? "Allow them: sudo sysctl user.max_mnt_namespaces=1024" : null,
    required: false,
  };
}

const FEATURES: readonly {
  check: string;
  required: boolean;
  has: (features: EbpfFeatures) => boolean;
  yes: string;
  no: string;
}[] = [
  {
    check: "uprobe_multi",
    required: false,
    has: (features) => features.uprobeMulti,
    yes: "many places in one link",
    no:
      "not in this kernel (6.6): at most 64 targets at once, slow to undo; delays that begin on one CPU wait for each other",
  },
  {
    check: "sleepable programs",
    required: false,
    has: (features) => features.sleepable,
    yes: "delays let other processes run",
    no: "not in this kernel (6.0): a delay holds its CPU whole",
  },
  {
    check: "bpf_loop",
    required: true,
    has: (features) => features.loop,
    yes: "delays up to 10 s",
    no: "not in this kernel (5.17)",
  },
];

/** What the eBPF backend found by loading small programs. */
export function checkFeatures(): DoctorCheck[] {
  let features: EbpfFeatures | null = null;
  let failure = "";
  try {
    features = probeFeatures();
  } catch (thrown) {
    failure = asSbError(thrown).message;
  }
  return FEATURES.map(({ check, required, has, yes, no }) => {
    if (features === null) {
      return {
        check,
        verdict: "unknown",
        evidence: failure,
        hint: "Run it with sudo: sudo sb doctor",
        required,
      };
    }
    const found = has(features);
    return { check, verdict: found ? "ok" : "missing", evidence: found ? yes : no, hint: null, required };
  });
}
