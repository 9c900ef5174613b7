/** From assembled programs to loaded ones; what the verifier refuses becomes an error one can act on. */
import {
  AttachType,
  Errno,
  errnoText,
  loadBtf,
  loadProgram,
  type OwnedFd,
  ProgramType,
} from "../../../ffi/mod.ts";
import { SbError } from "../../core/mod.ts";
import type { Assembler } from "./assembler.ts";
import { disassemble } from "./disassembler.ts";

/** BTF with one `int`, one prototype and a function a name; callbacks of bpf_loop must be static (btf.rst). */
function functionBtf(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const KIND_INT = 1, KIND_FUNC = 12, KIND_FUNC_PROTO = 13;
  let strings = "\0int\0";
  const types = [1, KIND_INT << 24, 4, 1 << 24 | 32, 0, KIND_FUNC_PROTO << 24, 1];
  names.forEach((name, index) => {
    const isGlobal = index === 0 ? 1 : 0;
    types.push(strings.length, KIND_FUNC << 24 | isGlobal, 2);
    strings += name + "\0";
  });
  const stringBytes = new TextEncoder().encode(strings);
  const typeBytes = types.length * 4;
  const bytes = new Uint8Array(24 + typeBytes + stringBytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint8(2, 1);
  [24, 0, typeBytes, typeBytes, stringBytes.length].forEach((word, index) =>
    view.setUint32(4 + 4 * index, word, true)
  );
  types.forEach((word, index) => view.setUint32(24 + 4 * index, word, true));
  bytes.set(stringBytes, 24 + typeBytes);
  return bytes;
}
const FIRST_FUNCTION_TYPE = 3;

/** How a program is to be loaded. */
export interface LoadOptions {
  /** Up to 15 characters, `sb_` first. */
  name: string;
  type: "uprobe" | "uprobe_multi" | "raw_tracepoint";
  sleepable?: boolean;
  /** Labels of the callbacks. */
  callbacks?: readonly string[];
}

/** The lines of a verifier log that tell why: the last ones before the summary. */
export function usefulLines(log: string): string[] {
  const lines = log.trimEnd().split("\n").filter((line) =>
    !/^(processed \d+ insns|verification time|stack depth)/.test(line)
  );
  return lines.slice(-8);
}

/** Loads a program. @throws SbError `backend.verifier`, `permission.capability` */
export function loadAssembled(assembler: Assembler, options: LoadOptions): OwnedFd {
  const callbacks = options.callbacks ?? [];
  using btf = callbacks.length === 0 ? undefined : loadBtf(functionBtf(["main", ...callbacks]));
  const result = loadProgram({
    name: options.name,
    type: options.type === "raw_tracepoint" ? ProgramType.rawTracepoint : ProgramType.kprobe,
    attachType: options.type === "uprobe_multi" ? AttachType.uprobeMulti : AttachType.none,
    sleepable: options.sleepable ?? false,
    instructions: assembler.encode(),
    ...(btf
      ? {
        functions: {
          btf,
          info: ["main", ...callbacks].map((name, index) =>
            [index === 0 ? 0 : assembler.indexOf(name), FIRST_FUNCTION_TYPE + index] as const
          ),
        },
      }
      : {}),
  });
  if ("program" in result) return result.program;
  if (result.errno === Errno.EPERM) {
    throw new SbError(
      "permission.capability",
      "Cannot load an eBPF program: CAP_BPF and CAP_PERFMON are needed",
      {
        hint: "Run it as root: sudo sb …",
      },
    );
  }
  throw new SbError(
    "backend.verifier",
    `Cannot load the program "${options.name}": ${errnoText(result.errno)}\n${
      usefulLines(result.log).join("\n")
    }`,
    {
      hint: "Report this as a bug, with the output of the same command and --json",
      data: { log: result.log, program: disassemble(assembler) },
    },
  );
}
