/** What the kernel module's errno mean (docs/speed_bump.md), as errors of sb: the one place where they are converted. */
import { errnoName, errnoText } from "../../../ffi/mod.ts";
import { type ErrorCode, SbError } from "../../core/mod.ts";

/** What an errno of a write says, and the way on. */
interface Meaning {
  code: ErrorCode;
  seen: string;
  hint?: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  EINVAL: { code: "kernel.refused", seen: "the module calls the command malformed (EINVAL)" },
  ENOENT: {
    code: "probe.not_found",
    seen: "there is no such file, process or target (ENOENT)",
    hint: "List the targets: cat /sys/kernel/speed_bump/targets_list",
  },
  ENOEXEC: { code: "file.not_elf", seen: "the module cannot probe such a file (ENOEXEC)" },
  EADDRNOTAVAIL: {
    code: "probe.site_unprobeable",
    seen: "the kernel refuses a breakpoint there (EADDRNOTAVAIL)",
    hint: "List what can be probed: sb symbols FILE",
  },
  ENAMETOOLONG: { code: "probe.too_many", seen: "the command is longer than 4095 bytes (ENAMETOOLONG)" },
  ERANGE: { code: "kernel.refused", seen: "a number is out of the module's range (ERANGE)" },
  EEXIST: {
    code: "probe.exists",
    seen: "a target of that site, scope and owner, or that tag, is there already (EEXIST)",
    hint: "Remove it before, or choose another tag",
  },
  ENOSPC: {
    code: "probe.too_many",
    seen: "the module's table of targets is full (ENOSPC)",
    hint: "Load it with a larger one: sb module unload && sb module load --max-targets 16384",
  },
  EPERM: {
    code: "permission.capability",
    seen: "the capability CAP_SYS_ADMIN is missing (EPERM)",
    hint: "Run sudo sb …",
  },
  EACCES: { code: "permission.capability", seen: "permission denied (EACCES)", hint: "Run sudo sb …" },
  EBUSY: { code: "module.not_loaded", seen: "the module is being unloaded (EBUSY)" },
  ENODEV: { code: "module.not_loaded", seen: "the module is being unloaded (ENODEV)" },
};

/**
 * The error of a write to a file of the module; `data` holds errno and the command.
 *
 * @param errno a positive error number
 * @param what what could not be done: `slow "/usr/bin/app:parse"`
 * @param command the line that was written
 */
export function refusedWrite(errno: number, { what, command }: { what: string; command: string }): SbError {
  const name = errnoName(errno);
  const data = { errno: name, command };
  const meaning = MEANINGS[name];
  if (!meaning) return new SbError("kernel.refused", `Cannot ${what}: ${errnoText(errno)}`, { data });
  return new SbError(meaning.code, `Cannot ${what}: ${meaning.seen}`, {
    ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
    data,
  });
}

/** What is wrong with a module that should be there. */
export function notLoaded(root: string): SbError {
  return new SbError(
    "module.not_loaded",
    `Cannot use the kernel module: ${root} is not there, it is not loaded`,
    { hint: "Load it: sudo sb module load" },
  );
}
