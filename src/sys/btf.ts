/** The kernel's own type information: where a member lies in a structure. Format: Documentation/bpf/btf.rst. */
import { SbError } from "../core/mod.ts";

const KIND = { struct: 4, typedef: 8, volatile: 9, const: 10, restrict: 11, typeTag: 18 } as const;
const MODIFIERS: readonly number[] = [KIND.typedef, KIND.volatile, KIND.const, KIND.restrict, KIND.typeTag];
/** u32 words after the three of `struct btf_type`: a fixed number, and a number a member (btf.rst). */
const EXTRA_WORDS: Record<number, readonly [fixed: number, each: number]> = {
  1: [1, 0], // INT
  3: [3, 0], // ARRAY
  4: [0, 3], // STRUCT
  5: [0, 3], // UNION
  6: [0, 2], // ENUM
  13: [0, 2], // FUNC_PROTO
  14: [1, 0], // VAR
  15: [0, 3], // DATASEC
  17: [1, 0], // DECL_TAG
  19: [0, 3], // ENUM64
};

/** The types of the running kernel. */
export class KernelTypes {
  readonly #words: Uint32Array;
  readonly #strings: Uint8Array;
  /** Word index of each type, by id; id 0 is void. */
  readonly #positions: Uint32Array;

  /** @param bytes a .BTF section. @throws SbError `backend.unavailable` when it is malformed */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 24 || view.getUint16(0, true) !== 0xeb9f) {
      throw new SbError("backend.unavailable", 'Cannot read "/sys/kernel/btf/vmlinux": it is not BTF');
    }
    const header = view.getUint32(4, true);
    const typesAt = header + view.getUint32(8, true);
    const typeWords = view.getUint32(12, true) >> 2;
    const stringsAt = header + view.getUint32(16, true);
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset + typesAt, typeWords);
    this.#strings = bytes.subarray(stringsAt, stringsAt + view.getUint32(20, true));
    const positions = new Uint32Array(1 + Math.floor(typeWords / 3));
    let count = 1;
    for (let at = 0; at < typeWords; count++) {
      positions[count] = at;
      const info = this.#words[at + 1];
      const extra = EXTRA_WORDS[info >>> 24 & 31];
      at += 3 + (extra ? extra[0] + extra[1] * (info & 0xffff) : 0);
    }
    this.#positions = positions.subarray(0, count);
  }

  /**
   * The byte offset of a member, anonymous structures included.
   *
   * @param path members joined by dots: `pending.signal`
   * @throws SbError `backend.unavailable` when the kernel has no such member
   */
  offsetOf(structure: string, path: string): number {
    let type = this.#findStructure(structure);
    let bits = 0;
    for (const name of path.split(".")) {
      const member = type === undefined ? undefined : this.#member(type, this.#encode(name));
      if (!member) {
        throw new SbError(
          "backend.unavailable",
          `Cannot find "${structure}.${path}": this kernel's types have no such member`,
        );
      }
      bits += member.bits;
      type = member.type;
    }
    return bits / 8;
  }

  #encode(name: string): Uint8Array {
    return new TextEncoder().encode(name + "\0");
  }

  #isName(offset: number, name: Uint8Array): boolean {
    for (let index = 0; index < name.length; index++) {
      if (this.#strings[offset + index] !== name[index]) return false;
    }
    return true;
  }

  #findStructure(name: string): number | undefined {
    const encoded = this.#encode(name);
    for (let type = 1; type < this.#positions.length; type++) {
      const at = this.#positions[type];
      if ((this.#words[at + 1] >>> 24 & 31) === KIND.struct && this.#isName(this.#words[at], encoded)) {
        return type;
      }
    }
    return undefined;
  }

  #member(type: number, name: Uint8Array): { bits: number; type: number } | undefined {
    let at = this.#positions[type];
    while (MODIFIERS.includes(this.#words[at + 1] >>> 24 & 31)) at = this.#positions[this.#words[at + 2]];
    const info = this.#words[at + 1];
    const kind = info >>> 24 & 31;
    if (kind !== 4 && kind !== 5) return undefined;
    for (let index = 0; index < (info & 0xffff); index++) {
      const nameAt = this.#words[at + 3 + 3 * index];
      const memberType = this.#words[at + 4 + 3 * index];
      const raw = this.#words[at + 5 + 3 * index];
      const bits = info >>> 31 ? raw & 0xffffff : raw;
      if (nameAt === 0) {
        const inner = this.#member(memberType, name);
        if (inner) return { bits: bits + inner.bits, type: inner.type };
      } else if (this.#isName(nameAt, name)) {
        return { bits, type: memberType };
      }
    }
    return undefined;
  }
}

const VMLINUX = "/sys/kernel/btf/vmlinux";
let kernelTypes: KernelTypes | undefined;

/** Reads the kernel's types beside other work: some 10 ms that {@linkcode readKernelTypes} then need not take. */
export async function prefetchKernelTypes(): Promise<void> {
  try {
    kernelTypes ??= new KernelTypes(await Deno.readFile(VMLINUX));
  } catch {
    // Whoever needs them reads again and says what is wrong.
  }
}

/** The running kernel's types, read once. @throws SbError `backend.unavailable` without CONFIG_DEBUG_INFO_BTF */
export function readKernelTypes(): KernelTypes {
  if (kernelTypes) return kernelTypes;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Deno.readFileSync(VMLINUX);
  } catch (cause) {
    throw new SbError(
      "backend.unavailable",
      `Cannot read "${VMLINUX}": this kernel has no type information`,
      {
        hint: "Use a kernel with CONFIG_DEBUG_INFO_BTF=y (sb doctor shows what else is missing)",
        cause,
      },
    );
  }
  return kernelTypes = new KernelTypes(bytes);
}
