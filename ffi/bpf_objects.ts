/** bpf(2) objects beyond the process that made them: pins in a bpf file system, ids, what they are. */
import { BpfMap } from "./bpf.ts";
import { bpf, bpfAttribute, BpfCommand, checkedBpf } from "./bpf_call.ts";
import { Errno, systemError } from "./errno.ts";
import { OwnedFd } from "./fd.ts";
import { StructLayout } from "./struct.ts";
import { addressOf, cString, systemCall } from "./syscall.ts";

/** The head of `struct bpf_map_info`. */
const MAP_INFO = new StructLayout({
  type: "u32",
  id: "u32",
  keyBytes: "u32",
  valueBytes: "u32",
  entries: "u32",
  flags: "u32",
});
const MAP_INFO_NAME = 24;
/** The head of `struct bpf_link_info`. */
const LINK_INFO = new StructLayout({ type: "u32", id: "u32", programId: "u32" });
/** The head of `struct bpf_prog_info`. */
const PROGRAM_INFO = new StructLayout({ type: "u32", id: "u32" });
const INFO_BYTES = 256;

/** What a map is. */
export interface BpfMapInfo {
  id: number;
  /** `enum bpf_map_type` */
  type: number;
  keyBytes: number;
  valueBytes: number;
  entries: number;
  flags: number;
  name: string;
}

function readInfo(object: OwnedFd): DataView {
  const info = new Uint8Array(INFO_BYTES);
  checkedBpf("OBJ_GET_INFO_BY_FD", "ask what a BPF object is", 16, [
    [0, 4, object.fd],
    [4, 4, info.length],
    [8, 8, addressOf(info)],
  ]);
  return new DataView(info.buffer);
}

/** What a map is. @throws SbError `kernel.refused` */
export function readMapInfo(map: OwnedFd): BpfMapInfo {
  const view = readInfo(map);
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, MAP_INFO_NAME, 16)).replace(/\0.*$/s, "");
  return { ...MAP_INFO.read(view), name };
}

/** The id of a link's program. @throws SbError `kernel.refused` */
export function readLinkProgram(link: OwnedFd): number {
  return LINK_INFO.read(readInfo(link)).programId;
}

/** The id of a program. @throws SbError `kernel.refused` */
export function readProgramId(program: OwnedFd): number {
  return PROGRAM_INFO.read(readInfo(program)).id;
}

/** Whether a program of that id is loaded. Needs CAP_SYS_ADMIN. */
export function isProgramLoaded(id: number): boolean {
  const fd = bpf("PROG_GET_FD_BY_ID", 12, [[0, 4, id]]);
  if (fd < 0) return false;
  new OwnedFd(fd, "program by id")[Symbol.dispose]();
  return true;
}

/** Every map of that name, each open until the caller disposes it. Needs CAP_SYS_ADMIN. */
export function* mapsNamed(name: string): Generator<BpfMap, void> {
  for (let id = 0;;) {
    const attribute = bpfAttribute(12, [[0, 4, id]]);
    if (systemCall("bpf", BpfCommand.MAP_GET_NEXT_ID, attribute, attribute.length) < 0) return;
    id = new DataView(attribute.buffer).getUint32(4, true);
    using map = openMapById(id);
    if (map?.info.name !== name) continue;
    yield map.take();
  }
}

/** A map by its id. @returns null when it is gone. Needs CAP_SYS_ADMIN */
export function openMapById(id: number): OpenMap | null {
  const fd = bpf("MAP_GET_FD_BY_ID", 12, [[0, 4, id]]);
  return fd < 0 ? null : new OpenMap(new OwnedFd(fd, `map ${id}`));
}

/** A map that somebody made, with what it is. */
export class OpenMap implements Disposable {
  readonly info: BpfMapInfo;
  readonly #fd: OwnedFd;
  #taken = false;

  constructor(fd: OwnedFd) {
    this.#fd = fd;
    this.info = readMapInfo(fd);
  }

  /** The map itself, owned by the caller from now on. */
  take(): BpfMap {
    this.#taken = true;
    return new BpfMap(this.info.name, this.info, this.#fd);
  }

  [Symbol.dispose](): void {
    if (!this.#taken) this.#fd[Symbol.dispose]();
  }
}

/** Makes a map's values final for every process. @throws SbError `kernel.refused` */
export function freezeMap(map: BpfMap): void {
  checkedBpf("MAP_FREEZE", "freeze a map", 4, [[0, 4, map.fd.fd]]);
}

/** Gives an object a path in a bpf file system, where it outlives its makers. @throws SbError `kernel.refused` */
export function pinObject(object: OwnedFd, path: string): void {
  const text = cString(path);
  checkedBpf("OBJ_PIN", `pin "${path}"`, 16, [[0, 8, addressOf(text)], [8, 4, object.fd]]);
}

/** Opens a pinned object. @returns null when there is none at the path. @throws SbError `kernel.refused` */
export function openPinned(path: string): OwnedFd | null {
  const text = cString(path);
  const fd = bpf("OBJ_GET", 16, [[0, 8, addressOf(text)]]);
  if (fd === -Errno.ENOENT) return null;
  if (fd < 0) throw systemError("bpf(BPF_OBJ_GET)", -fd, `open "${path}"`);
  return new OwnedFd(fd, path);
}
