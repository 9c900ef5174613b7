/** statx(2) of a file: what Deno's stat leaves out or rounds. */
import { cString, StructLayout, systemCall } from "../../ffi/mod.ts";

/** struct statx, linux/stat.h; only what stands before the times is named, and the time of modification. */
const STATX = new StructLayout({
  mask: "u32",
  blockBytes: "u32",
  attributes: "u64",
  links: "u32",
  owner: "u32",
  group: "u32",
  mode: "u16",
  inode: "u64",
  sizeBytes: "u64",
  blocks: "u64",
  attributesMask: "u64",
  accessedSeconds: "i64",
  accessedNs: "u32",
  createdSeconds: "i64",
  createdNs: "u32",
  changedSeconds: "i64",
  changedNs: "u32",
  modifiedSeconds: "i64",
  modifiedNs: "u32",
});
const STATX_BYTES = 256;
const STATX_BASIC_STATS = 0x7ff;
const ATTRIBUTE_MOUNT_ROOT = 0x2000n;
const AT_FDCWD = -100;

/** What statx(2) tells of a file. */
export interface FileStatus {
  sizeBytes: number;
  /** Hard links. */
  links: number;
  /** Nanoseconds since 1970. */
  modifiedNs: bigint;
  /** When its bytes or its own data last changed, which nobody can set: nanoseconds since 1970. */
  changedNs: bigint;
  /** Whether the path is a mount point. */
  isMountRoot: boolean;
}

/** Reads it, links followed. @returns null when the path leads nowhere */
export function readFileStatus(path: string): FileStatus | null {
  const bytes = new Uint8Array(STATX_BYTES);
  if (systemCall("statx", AT_FDCWD, cString(path), 0, STATX_BASIC_STATS, bytes) < 0) return null;
  const { sizeBytes, links, attributes, modifiedSeconds, modifiedNs, changedSeconds, changedNs } = STATX.read(
    new DataView(bytes.buffer),
  );
  return {
    sizeBytes: Number(sizeBytes),
    links,
    modifiedNs: modifiedSeconds * 1_000_000_000n + BigInt(modifiedNs),
    changedNs: changedSeconds * 1_000_000_000n + BigInt(changedNs),
    isMountRoot: (attributes & ATTRIBUTE_MOUNT_ROOT) !== 0n,
  };
}
