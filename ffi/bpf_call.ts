/** bpf(2) itself: commands, attributes, errors. Layouts of `union bpf_attr`: include/uapi/linux/bpf.h, Linux 6.18. */
import { systemError } from "./errno.ts";
import { systemCall } from "./syscall.ts";

/** `enum bpf_cmd`, those that sb uses. */
export const BpfCommand = {
  MAP_CREATE: 0,
  MAP_LOOKUP_ELEM: 1,
  MAP_UPDATE_ELEM: 2,
  MAP_DELETE_ELEM: 3,
  MAP_GET_NEXT_KEY: 4,
  PROG_LOAD: 5,
  OBJ_PIN: 6,
  OBJ_GET: 7,
  PROG_TEST_RUN: 10,
  PROG_GET_NEXT_ID: 11,
  MAP_GET_NEXT_ID: 12,
  PROG_GET_FD_BY_ID: 13,
  MAP_GET_FD_BY_ID: 14,
  OBJ_GET_INFO_BY_FD: 15,
  RAW_TRACEPOINT_OPEN: 17,
  BTF_LOAD: 18,
  MAP_FREEZE: 22,
  LINK_CREATE: 28,
} as const;

/** A field of `union bpf_attr`. */
export type BpfField = readonly [offset: number, sizeBytes: 4 | 8, value: number | bigint];

/** The attribute bytes of a bpf(2) command; also what a launcher runs in a child. */
export function bpfAttribute(sizeBytes: number, fields: readonly BpfField[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  for (const [offset, size, value] of fields) {
    if (size === 4) view.setUint32(offset, Number(value) >>> 0, true);
    else view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
  }
  return bytes;
}

/** Makes a bpf(2) call. @returns its result, or −errno */
export function bpf(
  command: keyof typeof BpfCommand,
  sizeBytes: number,
  fields: readonly BpfField[],
): number {
  return systemCall("bpf", BpfCommand[command], bpfAttribute(sizeBytes, fields), sizeBytes);
}

/** Makes a bpf(2) call. @param what what it is for, as the error says it. @throws SbError `kernel.refused` */
export function checkedBpf(
  command: keyof typeof BpfCommand,
  what: string,
  sizeBytes: number,
  fields: readonly BpfField[],
): number {
  const result = bpf(command, sizeBytes, fields);
  if (result < 0) throw systemError(`bpf(BPF_${command})`, -result, what);
  return result;
}

/** The two words of `char name[16]`, at most 15 bytes used. */
export function nameFields(offset: number, name: string): BpfField[] {
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(name).subarray(0, 15));
  const view = new DataView(bytes.buffer);
  return [[offset, 8, view.getBigUint64(0, true)], [offset + 8, 8, view.getBigUint64(8, true)]];
}
