/** perf_event_open(2) for uprobes: the way to attach before uprobe_multi (kernel 4.17 to 6.5). */
import { systemError } from "./errno.ts";
import { OwnedFd } from "./fd.ts";
import { StructLayout } from "./struct.ts";
import { addressOf, cString, systemCall } from "./syscall.ts";

/** `struct perf_event_attr`, PERF_ATTR_SIZE_VER8; config1 is uprobe_path, config2 probe_offset. */
const PERF_EVENT_ATTR = new StructLayout({
  type: "u32",
  size: "u32",
  config: "u64",
  sample_period: "u64",
  sample_type: "u64",
  read_format: "u64",
  flags: "u64",
  wakeup_events: "u32",
  bp_type: "u32",
  config1: "u64",
  config2: "u64",
});
const ATTR_BYTES = 136;
const PERF_FLAG_FD_CLOEXEC = 8;

/** One uprobe as a perf event. */
export interface UprobeEventOptions {
  /** The number in /sys/bus/event_source/devices/uprobe/type. */
  pmuType: number;
  path: string;
  fileOffset: number;
  isReturn: boolean;
  /** Only this process (its thread group leader's thread, and not inherited); every process when left out. */
  pid?: number;
}

/** Opens a uprobe event; it exists until closed. Needs CAP_SYS_ADMIN. @throws SbError `kernel.refused` */
export function openUprobeEvent(options: UprobeEventOptions): OwnedFd {
  const path = cString(options.path);
  const attribute = new Uint8Array(ATTR_BYTES);
  PERF_EVENT_ATTR.write(new DataView(attribute.buffer), 0, {
    type: options.pmuType,
    size: ATTR_BYTES,
    config: options.isReturn ? 1n : 0n,
    config1: addressOf(path),
    config2: BigInt(options.fileOffset),
  });
  const pid = options.pid ?? -1;
  const cpu = options.pid === undefined ? 0 : -1;
  const fd = systemCall("perf_event_open", attribute, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd < 0) throw systemError("perf_event_open", -fd, `attach a uprobe to "${options.path}"`);
  return new OwnedFd(fd, `uprobe ${options.path}`);
}
