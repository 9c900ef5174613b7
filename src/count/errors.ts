/** What the errno of /dev/tracer mean. */
import { Errno, errnoName, errnoText, systemError } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";

/** The error of TRACER_ADD_TREE. @param errno a positive error number */
export function refusedTree(errno: number, pid: number): SbError {
  const data = { call: "ioctl(TRACER_ADD_TREE)", errno: errnoName(errno), pid };
  switch (errno) {
    case Errno.ESRCH:
      return new SbError("process.not_found", `Cannot count process ${pid}: there is no such process`, {
        hint: "List the processes: ps -e",
        data,
      });
    case Errno.EPERM:
      return new SbError("permission.process", `Cannot count process ${pid}: it is another user's`, {
        hint: `Run sudo sb count --pid ${pid}`,
        data,
      });
    case Errno.ENOSPC:
      return new SbError(
        "scope.too_many",
        `Cannot count process ${pid}: the tracer watches as many as it may`,
        {
          hint: "Give it more room: sudo modprobe -r tracer && sudo modprobe tracer max_processes=N",
          data,
        },
      );
    case Errno.EBUSY:
      return new SbError(
        "kernel.refused",
        `Cannot count process ${pid}: the kernel's functions cannot be traced now`,
        {
          hint: "Switch ftrace on: sudo sysctl kernel.ftrace_enabled=1",
          data,
        },
      );
  }
  return systemError("ioctl(TRACER_ADD_TREE)", errno, `count process ${pid}`);
}

/** The error of TRACER_READ. @param errno a positive error number */
export function refusedRead(errno: number): SbError {
  if (errno === Errno.ENOTTY || errno === Errno.EINVAL) {
    return new SbError(
      "module.abi",
      `Cannot read the tracer: its interface is of another version (${errnoText(errno)})`,
      { hint: "Load the one of this sb: sudo sb module unload tracer && sudo sb module load tracer" },
    );
  }
  return systemError("ioctl(TRACER_READ)", errno, "read the tracer");
}
