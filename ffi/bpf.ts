/** bpf(2): maps, BTF, programs, links. Layouts of `union bpf_attr`: include/uapi/linux/bpf.h, Linux 6.18. */
import { bpf, bpfAttribute, BpfCommand, type BpfField, checkedBpf, nameFields } from "./bpf_call.ts";
import { Errno, errnoName, systemError } from "./errno.ts";
import { OwnedFd } from "./fd.ts";
import { addressOf, blockingSystemCall, cString, systemCall } from "./syscall.ts";

/** `enum bpf_map_type`, those that sb uses. */
export const MapType = { hash: 1, array: 2, percpuArray: 6, ringbuf: 27 } as const;

/** `enum bpf_prog_type`, those that sb uses. */
export const ProgramType = { kprobe: 2, rawTracepoint: 17 } as const;

/** `enum bpf_attach_type`, those that sb uses. */
export const AttachType = { none: 0, perfEvent: 41, uprobeMulti: 48 } as const;

/** BPF_NOEXIST, BPF_EXIST */
const UPDATE_NOEXIST = 1, UPDATE_EXIST = 2;
/** BPF_F_NO_PREALLOC: elements of a hash map are made when they are needed. */
export const MAP_NO_PREALLOC = 1;
/** BPF_F_MMAPABLE */
export const MAP_MMAPABLE = 1 << 10;
/** BPF_F_SLEEPABLE (program flag) */
const PROGRAM_SLEEPABLE = 1 << 4;
/** BPF_F_UPROBE_MULTI_RETURN */
const UPROBE_MULTI_RETURN = 1;

/** The shape of a map. */
export interface BpfMapOptions {
  type: number;
  keyBytes: number;
  valueBytes: number;
  entries: number;
  flags?: number;
}

/** A map, owned. Keys and values are the bytes the kernel sees. */
export class BpfMap implements Disposable {
  readonly fd: OwnedFd;
  readonly options: Readonly<BpfMapOptions>;

  /**
   * @param name up to 15 characters, shown by bpftool
   * @param existing the map, when it is there already; a new one is made otherwise
   * @throws SbError `kernel.refused`
   */
  constructor(name: string, options: BpfMapOptions, existing?: OwnedFd) {
    this.options = options;
    if (existing) {
      this.fd = existing;
      return;
    }
    const fd = checkedBpf("MAP_CREATE", `create the map "${name}"`, 72, [
      [0, 4, options.type],
      [4, 4, options.keyBytes],
      [8, 4, options.valueBytes],
      [12, 4, options.entries],
      [16, 4, options.flags ?? 0],
      ...nameFields(28, name),
    ]);
    this.fd = new OwnedFd(fd, `map ${name}`);
  }

  /** Reads the value of a key into `value`. @returns whether the key is there */
  lookup(key: Uint8Array<ArrayBuffer>, value: Uint8Array<ArrayBuffer>): boolean {
    return this.#element("MAP_LOOKUP_ELEM", { key, value });
  }

  /** Sets the value of a key. @throws SbError `kernel.refused` */
  update(key: Uint8Array<ArrayBuffer>, value: Uint8Array<ArrayBuffer>): void {
    this.#element("MAP_UPDATE_ELEM", { key, value });
  }

  /** Sets the value of a key that is not there yet. @returns whether that was so */
  insert(key: Uint8Array<ArrayBuffer>, value: Uint8Array<ArrayBuffer>): boolean {
    return this.#element("MAP_UPDATE_ELEM", { key, value, flags: UPDATE_NOEXIST });
  }

  /** Sets the value of a key that is there. @returns whether that was so */
  replace(key: Uint8Array<ArrayBuffer>, value: Uint8Array<ArrayBuffer>): boolean {
    return this.#element("MAP_UPDATE_ELEM", { key, value, flags: UPDATE_EXIST });
  }

  /** Removes a key. @returns whether it was there */
  delete(key: Uint8Array<ArrayBuffer>): boolean {
    return this.#element("MAP_DELETE_ELEM", { key });
  }

  /** Every key, as it was while walking; a map that changes meanwhile may repeat or leave out keys. */
  keys(): Uint8Array<ArrayBuffer>[] {
    const keys: Uint8Array<ArrayBuffer>[] = [];
    let last: Uint8Array<ArrayBuffer> | undefined;
    for (let turn = 0; turn < 2 * this.options.entries; turn++) {
      const next = new Uint8Array(this.options.keyBytes);
      const result = bpf("MAP_GET_NEXT_KEY", 32, [
        [0, 4, this.fd.fd],
        [8, 8, last ? addressOf(last) : 0],
        [16, 8, addressOf(next)],
      ]);
      if (result < 0) break;
      keys.push(last = next);
    }
    return keys;
  }

  /** @returns whether the element was there, or for an update with flags, was as they demand */
  #element(
    command: "MAP_LOOKUP_ELEM" | "MAP_UPDATE_ELEM" | "MAP_DELETE_ELEM",
    { key, value, flags = 0 }: {
      key: Uint8Array<ArrayBuffer>;
      value?: Uint8Array<ArrayBuffer>;
      flags?: number;
    },
  ): boolean {
    const result = bpf(command, 32, [
      [0, 4, this.fd.fd],
      [8, 8, addressOf(key)],
      [16, 8, value ? addressOf(value) : 0],
      [24, 8, flags],
    ]);
    const mayMiss = command !== "MAP_UPDATE_ELEM" || flags !== 0;
    if (mayMiss && (result === -Errno.ENOENT || result === -Errno.EEXIST)) return false;
    if (result < 0) throw systemError(`bpf(BPF_${command})`, -result, "use a map");
    return true;
  }

  [Symbol.dispose](): void {
    this.fd[Symbol.dispose]();
  }
}

/** Loads BTF. @throws SbError `kernel.refused` */
export function loadBtf(bytes: Uint8Array<ArrayBuffer>): OwnedFd {
  const fd = checkedBpf("BTF_LOAD", "load type information (BTF)", 40, [[0, 8, addressOf(bytes)], [
    16,
    4,
    bytes.length,
  ]]);
  return new OwnedFd(fd, "btf");
}

/** A program to load. */
export interface ProgramOptions {
  /** Up to 15 characters, shown by bpftool. */
  name: string;
  type: number;
  attachType?: number;
  sleepable?: boolean;
  instructions: Uint8Array<ArrayBuffer>;
  /** BTF that names the functions, and for each `[instruction index, type id]`. */
  functions?: { btf: OwnedFd; info: readonly (readonly [number, number])[] };
}

/** What loading a program gave: a descriptor, or errno and the verifier's log. */
export type LoadResult = { program: OwnedFd } | { errno: number; log: string };

const LOAD_TRIES = 5;

/** Loads a program; the verifier's log is asked for only when it refuses. */
export function loadProgram(options: ProgramOptions): LoadResult {
  const license = cString("GPL");
  const functions = options.functions;
  const info = new Uint32Array(Math.max(16, 2 * (functions?.info.length ?? 0)));
  functions?.info.forEach(([index, type], row) => info.set([index, type], 2 * row));
  const infoBytes = new Uint8Array(info.buffer);
  const fields: BpfField[] = [
    [0, 4, options.type],
    [4, 4, options.instructions.length / 8],
    [8, 8, addressOf(options.instructions)],
    [16, 8, addressOf(license)],
    [44, 4, options.sleepable ? PROGRAM_SLEEPABLE : 0],
    ...nameFields(48, options.name),
    [68, 4, options.attachType ?? 0],
  ];
  if (functions) {
    fields.push([72, 4, functions.btf.fd], [76, 4, 8], [80, 8, addressOf(infoBytes)], [
      88,
      4,
      functions.info.length,
    ]);
  }
  // The verifier gives up with EAGAIN when a signal is pending (kernel/bpf/verifier.c, do_check).
  let fd: number;
  let tries = 0;
  do fd = bpf("PROG_LOAD", 144, fields); while (fd === -Errno.EAGAIN && ++tries < LOAD_TRIES);
  if (fd >= 0) return { program: new OwnedFd(fd, `program ${options.name}`) };
  if (fd === -Errno.EPERM) return { errno: -fd, log: "" };
  const log = new Uint8Array(1 << 22);
  const again = bpf("PROG_LOAD", 144, [...fields, [24, 4, 1], [28, 4, log.length], [32, 8, addressOf(log)]]);
  if (again >= 0) return { program: new OwnedFd(again, `program ${options.name}`) };
  const end = log.indexOf(0);
  return { errno: -again, log: new TextDecoder().decode(log.subarray(0, end < 0 ? log.length : end)) };
}

/** Attaches a program to a raw tracepoint for as long as the result is open. @throws SbError `kernel.refused` */
export function openRawTracepoint(name: string, program: OwnedFd): OwnedFd {
  const text = cString(name);
  const fd = checkedBpf("RAW_TRACEPOINT_OPEN", `attach to the tracepoint "${name}"`, 16, [
    [0, 8, addressOf(text)],
    [8, 4, program.fd],
  ]);
  return new OwnedFd(fd, `tracepoint ${name}`);
}

/** The breakpoints of one file for one uprobe_multi link. */
export interface UprobeMultiOptions {
  path: string;
  fileOffsets: readonly number[];
  cookies: readonly bigint[];
  /** Only the address space of this process; everything else is left untouched. */
  pid?: number;
  isReturn?: boolean;
}

/** The attribute of BPF_LINK_CREATE, and the buffers that it points to. */
function uprobeMultiAttribute(program: OwnedFd, options: UprobeMultiOptions) {
  const path = cString(options.path);
  const offsets = new BigUint64Array(Math.max(16, options.fileOffsets.length));
  options.fileOffsets.forEach((offset, index) => offsets[index] = BigInt(offset));
  const cookies = new BigUint64Array(Math.max(16, options.cookies.length));
  options.cookies.forEach((cookie, index) => cookies[index] = cookie);
  const offsetBytes = new Uint8Array(offsets.buffer);
  const cookieBytes = new Uint8Array(cookies.buffer);
  const attribute = bpfAttribute(64, [
    [0, 4, program.fd],
    [8, 4, AttachType.uprobeMulti],
    [16, 8, addressOf(path)],
    [24, 8, addressOf(offsetBytes)],
    [40, 8, addressOf(cookieBytes)],
    [48, 4, options.fileOffsets.length],
    [52, 4, options.isReturn ? UPROBE_MULTI_RETURN : 0],
    [56, 4, options.pid ?? 0],
  ]);
  return { attribute, buffers: [path, offsetBytes, cookieBytes] };
}

/** Attaches a program to many places of a file (6.6). @returns the link, or a negative errno */
export function openUprobeMulti(program: OwnedFd, options: UprobeMultiOptions): OwnedFd | number {
  const { attribute, buffers } = uprobeMultiAttribute(program, options);
  const fd = systemCall("bpf", BpfCommand.LINK_CREATE, attribute, attribute.length);
  void buffers.length;
  return fd < 0 ? fd : new OwnedFd(fd, `uprobe_multi ${options.path}`);
}

/**
 * {@linkcode openUprobeMulti} on a thread of the pool: the first registration after a pause waits for an RCU grace period
 * (percpu_down_write of dup_mmap_sem, kernel/events/uprobes.c), 5 to 20 ms.
 */
export async function openUprobeMultiInBackground(
  program: OwnedFd,
  options: UprobeMultiOptions,
): Promise<OwnedFd | number> {
  const { attribute, buffers } = uprobeMultiAttribute(program, options);
  const fd = await blockingSystemCall("bpf", BpfCommand.LINK_CREATE, attribute, attribute.length);
  void buffers.length;
  // errno is of another thread: the second try tells it.
  return fd < 0 ? openUprobeMulti(program, options) : new OwnedFd(fd, `uprobe_multi ${options.path}`);
}

/** Attaches a program to a perf event, with a cookie (5.15). @throws SbError `kernel.refused` */
export function openPerfLink(program: OwnedFd, event: OwnedFd, cookie: bigint): OwnedFd {
  const fd = checkedBpf("LINK_CREATE", "attach a program to a uprobe", 64, [
    [0, 4, program.fd],
    [4, 4, event.fd],
    [8, 4, AttachType.perfEvent],
    [16, 8, cookie],
  ]);
  return new OwnedFd(fd, "perf link");
}

/** The attribute that runs a raw-tracepoint program once, as the caller: bpf(BPF_PROG_TEST_RUN). */
export function testRunAttribute(program: OwnedFd): { command: number; attribute: Uint8Array<ArrayBuffer> } {
  return { command: BpfCommand.PROG_TEST_RUN, attribute: bpfAttribute(80, [[0, 4, program.fd]]) };
}

/** Runs a raw-tracepoint program once, as the caller. @param args what it finds as the tracepoint's @returns its result @throws SbError `kernel.refused` */
export function testRun(program: OwnedFd, args: readonly bigint[] = []): number {
  const words = new BigUint64Array(args);
  const bytes = new Uint8Array(words.buffer);
  const attribute = bpfAttribute(80, [
    [0, 4, program.fd],
    [40, 4, bytes.length],
    [48, 8, bytes.length === 0 ? 0 : addressOf(bytes)],
  ]);
  const result = systemCall("bpf", BpfCommand.PROG_TEST_RUN, attribute, attribute.length);
  if (result < 0) throw systemError("bpf(BPF_PROG_TEST_RUN)", -result, "run a program");
  return new DataView(attribute.buffer).getInt32(4, true);
}

/** The names of every loaded program, by id. Needs CAP_SYS_ADMIN. */
export function loadedPrograms(): Map<number, string> {
  const programs = new Map<number, string>();
  for (let id = 0;;) {
    const attribute = bpfAttribute(12, [[0, 4, id]]);
    if (systemCall("bpf", BpfCommand.PROG_GET_NEXT_ID, attribute, attribute.length) < 0) return programs;
    id = new DataView(attribute.buffer).getUint32(4, true);
    const fd = bpf("PROG_GET_FD_BY_ID", 12, [[0, 4, id]]);
    if (fd < 0) continue;
    using program = new OwnedFd(fd, "program by id");
    // struct bpf_prog_info: name at byte 64.
    const info = new Uint8Array(232);
    const result = bpf("OBJ_GET_INFO_BY_FD", 16, [[0, 4, program.fd], [4, 4, info.length], [
      8,
      8,
      addressOf(info),
    ]]);
    if (result < 0) programs.set(id, errnoName(-result));
    else programs.set(id, new TextDecoder().decode(info.subarray(64, 80)).replace(/\0.*$/s, ""));
  }
}
