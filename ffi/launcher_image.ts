/**
 * The launcher program as an ELF image: its code, a table of system calls, and everything the table points at,
 * at fixed addresses. Layout: System V gABI, "ELF header" and "program header"; no sections.
 */
import { launcherCode, PARAMETERS_OFFSET, ROW_BYTES } from "./launcher_code.ts";
import { type SystemCall, systemCallNumber } from "./syscall.ts";

/** An argument: a number, bytes whose address is passed, or a NULL-terminated array of their addresses. */
export type ChildArgument = number | bigint | Uint8Array | readonly Uint8Array[] | null;

/** A system call that the launcher makes, in a process of its own. */
export interface ChildCall {
  call: SystemCall;
  args: readonly ChildArgument[];
  /** Errors (errno) that do not end the table; any other failure does. */
  ignore?: "all" | readonly number[];
  /** The call forks: its child goes on with the table, its parent reports and ends. */
  forks?: boolean;
}

/** The result of a call that was not made, or did not return. */
export const NOT_MADE = -(1n << 63n);

const BASE = 0x10000000n;
/** The largest page size of either machine (arm64 with 64 KiB pages). */
const PAGE_BYTES = 0x10000;
const CODE_OFFSET = 0x100;
const DATA_ADDRESS = BASE + BigInt(PAGE_BYTES);

/** Words and bytes behind each other, with the address that each will have. */
class DataSegment {
  readonly #parts: { at: number; bytes: Uint8Array }[] = [];
  #sizeBytes: number;
  readonly #known = new Map<Uint8Array, bigint>();

  constructor(reservedBytes: number) {
    this.#sizeBytes = reservedBytes;
  }

  /** Gives bytes an address in what was reserved. */
  place(bytes: Uint8Array, at: number): void {
    this.#known.set(bytes, DATA_ADDRESS + BigInt(at));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  add(bytes: Uint8Array): bigint {
    const known = this.#known.get(bytes);
    if (known !== undefined) return known;
    const at = Math.ceil(this.#sizeBytes / 16) * 16;
    this.#parts.push({ at, bytes });
    this.#sizeBytes = at + bytes.length;
    const address = DATA_ADDRESS + BigInt(at);
    this.#known.set(bytes, address);
    return address;
  }

  addArray(strings: readonly Uint8Array[]): bigint {
    const addresses = BigUint64Array.from([...strings.map((string) => this.add(string)), 0n]);
    return this.add(new Uint8Array(addresses.buffer));
  }

  copyTo(target: Uint8Array): void {
    for (const { at, bytes } of this.#parts) target.set(bytes, at);
  }
}

function ignoreMask(ignore: ChildCall["ignore"]): bigint {
  if (ignore === "all") return (1n << 64n) - 1n;
  return (ignore ?? []).reduce((mask, errno) => mask | (1n << BigInt(Math.min(errno, 63))), 0n);
}

function writeHeaders(view: DataView, dataBytes: number): void {
  const machine = Deno.build.arch === "x86_64" ? 62 : 183; // EM_X86_64, EM_AARCH64
  view.setUint32(0, 0x7f454c46); // \x7fELF
  view.setUint32(4, 0x02010100); // 64 bits, little endian, version 1, System V
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BASE + BigInt(CODE_OFFSET), true); // the entry point
  view.setBigUint64(32, 64n, true); // where the program headers are
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 3, true);
  const [PT_LOAD, PT_GNU_STACK] = [1, 0x6474e551];
  const [X, W, R] = [1, 2, 4];
  const segments = [
    [PT_LOAD, R | X, 0, PAGE_BYTES],
    [PT_LOAD, R | W, PAGE_BYTES, dataBytes],
    [PT_GNU_STACK, R | W, 0, 0],
  ];
  for (const [index, [type, flags, offset, sizeBytes]] of segments.entries()) {
    const at = 64 + 56 * index;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, flags, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, BASE + BigInt(offset), true);
    view.setBigUint64(at + 24, BASE + BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(sizeBytes), true);
    view.setBigUint64(at + 40, BigInt(sizeBytes), true);
    view.setBigUint64(at + 48, BigInt(PAGE_BYTES), true);
  }
}

/** What {@linkcode launcherImage} is told. */
export interface ImageOptions {
  /** The number that the descriptor of the report has in the launcher. */
  reportFd: number;
  /** Makes it, at the end of the table, report and wait until this descriptor is at its end. */
  pauseFd?: number;
  /** Bytes that calls write to: reported behind the results. */
  reported?: Uint8Array;
}

/**
 * The program that makes `calls`, then writes its report and ends: one i64 a call, those of its own calls behind
 * them, and what `reported` holds by then.
 */
export function launcherImage(
  calls: readonly ChildCall[],
  options: ImageOptions,
): { image: Uint8Array<ArrayBuffer>; reportBytes: number } {
  const reportedBytes = Math.ceil((options.reported?.length ?? 0) / 8) * 8;
  const resultBytes = (calls.length + (options.pauseFd === undefined ? 0 : 2)) * 8;
  const reportBytes = resultBytes + reportedBytes;
  const all: readonly (ChildCall | { call: SystemCall; args: bigint[]; ignore: "all" })[] =
    options.pauseFd === undefined ? calls : [
      ...calls,
      {
        call: "write",
        args: [BigInt(options.reportFd), DATA_ADDRESS, BigInt(reportBytes)],
        ignore: "all",
      },
      { call: "read", args: [BigInt(options.pauseFd), DATA_ADDRESS, 1n], ignore: "all" },
    ];
  const data = new DataSegment(reportBytes + (all.length + 1) * ROW_BYTES);
  if (options.reported) data.place(options.reported, resultBytes);
  const rows = new BigInt64Array((all.length + 1) * (ROW_BYTES / 8));
  for (const [index, row] of all.entries()) {
    const words = row.args.map((argument) => {
      if (argument === null) return 0n;
      if (argument instanceof Uint8Array) return data.add(argument);
      return typeof argument === "object" ? data.addArray(argument) : BigInt(argument);
    });
    while (words.length < 6) words.push(0n);
    const forks = "forks" in row && row.forks ? 1n : 0n;
    rows.set(
      [BigInt(systemCallNumber(row.call)), ...words, ignoreMask(row.ignore), forks].map((word) =>
        BigInt.asIntN(64, word)
      ),
      index * (ROW_BYTES / 8),
    );
  }
  rows[all.length * (ROW_BYTES / 8)] = -1n;

  const image = new Uint8Array(PAGE_BYTES + data.sizeBytes);
  const view = new DataView(image.buffer);
  writeHeaders(view, data.sizeBytes);
  image.set(launcherCode(), CODE_OFFSET);
  const parameters = [
    DATA_ADDRESS + BigInt(reportBytes),
    DATA_ADDRESS,
    BigInt(options.reportFd),
    BigInt(reportBytes),
  ];
  for (const [index, word] of parameters.entries()) {
    view.setBigUint64(CODE_OFFSET + PARAMETERS_OFFSET + 8 * index, word, true);
  }
  const segment = image.subarray(PAGE_BYTES);
  for (let index = 0; index < all.length; index++) {
    view.setBigInt64(PAGE_BYTES + 8 * index, NOT_MADE, true);
  }
  segment.set(new Uint8Array(rows.buffer), reportBytes);
  data.copyTo(segment);
  return { image, reportBytes };
}
