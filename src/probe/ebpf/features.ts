/** What the running kernel's eBPF can do for sb: tried out, never derived from a version. */
import { Errno, openUprobeMulti, type OwnedFd } from "../../../ffi/mod.ts";
import { SbError } from "../../core/mod.ts";
import { Assembler, FP, R0, R1, R2, R3, R4, R5 } from "./assembler.ts";
import { loadAssembled, type LoadOptions } from "./load.ts";

/** What was found. */
export interface EbpfFeatures {
  /** Many places in one link (6.6). */
  uprobeMulti: boolean;
  /** Programs that may sleep, so that delays let others run (6.0). */
  sleepable: boolean;
  /** The loop that delays are made of (5.17). */
  loop: boolean;
  /** The number of the perf PMU of uprobes (4.17); null when there is none. */
  uprobePmu: number | null;
}

/** A program to try. @returns whether the kernel takes it */
function isLoadable(assembler: Assembler, options: LoadOptions): boolean {
  try {
    loadAssembled(assembler, options)[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof SbError && error.code === "backend.verifier") return false;
    throw error;
  }
}

function trivialProgram(): Assembler {
  return new Assembler().movImm(R0, 0).exit();
}

function loopProgram(): Assembler {
  return new Assembler()
    .movImm(R1, 1).functionAddress(R2, "inner").address(R3, FP, -8).movImm(R4, 0).call("loop").movImm(R0, 0)
    .exit()
    .label("inner").movImm(R0, 1).exit();
}

function sleepingProgram(): Assembler {
  return new Assembler()
    .call("get_current_task_btf").mov(R4, R0).address(R1, FP, -8).movImm(R2, 8).movImm(R3, 0).movImm(R5, 0)
    .call("copy_from_user_task").movImm(R0, 0).exit();
}

/** A link on a directory is refused with EBADF or EINVAL after the attach type was accepted. */
function hasUprobeMulti(): boolean {
  let program: OwnedFd;
  try {
    program = loadAssembled(trivialProgram(), { name: "sb_try_multi", type: "uprobe_multi" });
  } catch (error) {
    if (error instanceof SbError && error.code === "backend.verifier") return false;
    throw error;
  }
  using _program = program;
  // Without uprobe_multi the kernel takes the attach type for a perf event's and answers EINVAL; with it a directory
  // is answered with EBADF (kernel/trace/bpf_trace.c, bpf_uprobe_multi_link_attach).
  const link = openUprobeMulti(program, { path: "/", fileOffsets: [1], cookies: [0n] });
  if (typeof link === "number") return link === -Errno.EBADF;
  link[Symbol.dispose]();
  return true;
}

function readUprobePmu(): number | null {
  try {
    return Number(Deno.readTextFileSync("/sys/bus/event_source/devices/uprobe/type"));
  } catch {
    return null;
  }
}

let features: EbpfFeatures | undefined;

/** Tries everything once; a failure that is no answer (a missing capability) is thrown and not kept. */
export function probeFeatures(): EbpfFeatures {
  return features ??= {
    uprobeMulti: hasUprobeMulti(),
    sleepable: isLoadable(sleepingProgram(), { name: "sb_try_sleep", type: "uprobe", sleepable: true }),
    loop: isLoadable(loopProgram(), { name: "sb_try_loop", type: "uprobe", callbacks: ["inner"] }),
    uprobePmu: readUprobePmu(),
  };
}
