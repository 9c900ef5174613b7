/** An assembler for eBPF with labels. Encoding: Documentation/bpf/standardization/instruction-set.rst. */

/** A register, r0 to r10; r10 is the frame pointer. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export const R0 = 0, R1 = 1, R2 = 2, R3 = 3, R4 = 4, R5 = 5, R6 = 6, R7 = 7, R8 = 8, R9 = 9, FP = 10;

/** Bytes of a load or store. */
export type AccessBytes = 1 | 2 | 4 | 8;

const ACCESS: Record<AccessBytes, number> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 };

const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  arsh: 0xc0,
};
const JUMP = {
  eq: 0x10,
  gt: 0x20,
  ge: 0x30,
  set: 0x40,
  ne: 0x50,
  sgt: 0x60,
  sge: 0x70,
  lt: 0xa0,
  le: 0xb0,
  slt: 0xc0,
};

/** A 64-bit arithmetic operation. */
export type AluOperation = keyof typeof ALU;
/** A condition of a 64-bit compare and jump; s- is signed. */
export type JumpCondition = keyof typeof JUMP;

/** Helpers by name: `enum bpf_func_id`, include/uapi/linux/bpf.h. */
export const HELPER = {
  map_lookup_elem: 1,
  map_update_elem: 2,
  map_delete_elem: 3,
  ktime_get_ns: 5,
  get_prandom_u32: 7,
  tail_call: 12,
  get_current_pid_tgid: 14,
  probe_read_kernel: 113,
  get_current_ancestor_cgroup_id: 123,
  ringbuf_output: 130,
  get_current_task_btf: 158,
  get_attach_cookie: 174,
  loop: 181,
  copy_from_user_task: 191,
} as const;

/** A helper that sb's programs call. */
export type Helper = keyof typeof HELPER;

/** One 8-byte slot before labels are resolved. */
export interface Instruction {
  opcode: number;
  destination: number;
  source: number;
  offset: number | string;
  immediate: number | string;
}

/** Collects instructions; every method returns the assembler itself. */
export class Assembler {
  readonly instructions: Instruction[] = [];
  readonly #labels = new Map<string, number>();
  #unique = 0;

  /** Names the place of the next instruction. @throws Error when the label is there already: a fault in sb */
  label(name: string): this {
    if (this.#labels.has(name)) throw new Error(`the label ${name} is defined twice`);
    this.#labels.set(name, this.instructions.length);
    return this;
  }

  /** A label that no other call gives. */
  uniqueLabel(stem: string): string {
    return `${stem}_${this.#unique++}`;
  }

  /** The index of a label's instruction. */
  indexOf(label: string): number {
    const index = this.#labels.get(label);
    if (index === undefined) throw new Error(`the label ${label} is not defined`);
    return index;
  }

  /** The labels of an instruction index, for listings. */
  labelsAt(index: number): string[] {
    return [...this.#labels].filter(([, at]) => at === index).map(([name]) => name);
  }

  /** destination = destination OP source */
  alu(operation: AluOperation, destination: Register, source: Register): this {
    return this.#add(ALU[operation] | 0x0f, destination, source);
  }

  /** destination = destination OP immediate (sign-extended 32 bits) */
  aluImm(operation: AluOperation, destination: Register, immediate: number): this {
    return this.#add(ALU[operation] | 0x07, destination, 0, 0, immediate);
  }

  mov(destination: Register, source: Register): this {
    return this.alu("mov", destination, source);
  }

  movImm(destination: Register, immediate: number): this {
    return this.aluImm("mov", destination, immediate);
  }

  /** destination = −destination */
  negate(destination: Register): this {
    return this.#add(0x87, destination);
  }

  /** destination = base + displacement */
  address(destination: Register, base: Register, displacement: number): this {
    return this.mov(destination, base).aluImm("add", destination, displacement);
  }

  /** destination = *(uN *)(base + displacement) */
  load(bytes: AccessBytes, destination: Register, base: Register, displacement: number): this {
    return this.#add(0x61 | ACCESS[bytes], destination, base, displacement);
  }

  /** *(uN *)(base + displacement) = source */
  store(bytes: AccessBytes, base: Register, displacement: number, source: Register): this {
    return this.#add(0x63 | ACCESS[bytes], base, source, displacement);
  }

  /** *(uN *)(base + displacement) = immediate */
  storeImm(bytes: AccessBytes, base: Register, displacement: number, immediate: number): this {
    return this.#add(0x62 | ACCESS[bytes], base, 0, displacement, immediate);
  }

  /** Atomically *(u64 *)(base + displacement) += source */
  atomicAdd(base: Register, displacement: number, source: Register): this {
    return this.#add(0xdb, base, source, displacement, 0x00);
  }

  /** Atomically source = old value, *(u64 *)(base + displacement) += source */
  atomicFetchAdd(base: Register, displacement: number, source: Register): this {
    return this.#add(0xdb, base, source, displacement, 0x01);
  }

  /** Atomically: if *(u64 *)(base + displacement) == r0 it becomes source; r0 = old value */
  atomicCompareExchange(base: Register, displacement: number, source: Register): this {
    return this.#add(0xdb, base, source, displacement, 0xf1);
  }

  /** Atomically source = old value, *(u64 *)(base + displacement) = source */
  atomicExchange(base: Register, displacement: number, source: Register): this {
    return this.#add(0xdb, base, source, displacement, 0xe1);
  }

  /** destination = a 64-bit constant */
  constant(destination: Register, value: bigint): this {
    this.#add(0x18, destination, 0, 0, Number(BigInt.asIntN(32, value)));
    return this.#add(0, 0, 0, 0, Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** destination = the map of this descriptor */
  map(destination: Register, mapFd: number): this {
    return this.#add(0x18, destination, 1, 0, mapFd).#add(0);
  }

  /** destination = the address of a byte in the only value of an array map (BPF_PSEUDO_MAP_VALUE, 5.2) */
  mapValue(destination: Register, mapFd: number, offsetBytes: number): this {
    return this.#add(0x18, destination, 2, 0, mapFd).#add(0, 0, 0, 0, offsetBytes);
  }

  /** destination = the address of a function of this program (BPF_PSEUDO_FUNC) */
  functionAddress(destination: Register, label: string): this {
    return this.#add(0x18, destination, 4, 0, label).#add(0);
  }

  /** r0 = helper(r1 … r5) */
  call(helper: Helper): this {
    return this.#add(0x85, 0, 0, 0, HELPER[helper]);
  }

  jump(label: string): this {
    return this.#add(0x05, 0, 0, label);
  }

  /** if (left CONDITION right) goto label; unsigned unless the condition says otherwise */
  jumpIf(condition: JumpCondition, left: Register, right: Register, label: string): this {
    return this.#add(JUMP[condition] | 0x0d, left, right, label);
  }

  /** if (left CONDITION immediate) goto label */
  jumpIfImm(condition: JumpCondition, left: Register, immediate: number, label: string): this {
    return this.#add(JUMP[condition] | 0x05, left, 0, label, immediate);
  }

  exit(): this {
    return this.#add(0x95);
  }

  /** The program's bytes, every label resolved. @throws Error for an unknown label: a fault in sb */
  encode(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.instructions.length * 8);
    const view = new DataView(bytes.buffer);
    this.instructions.forEach((instruction, index) => {
      const relative = (value: number | string) =>
        typeof value === "string" ? this.indexOf(value) - index - 1 : value;
      view.setUint8(index * 8, instruction.opcode);
      view.setUint8(index * 8 + 1, instruction.destination | instruction.source << 4);
      view.setInt16(index * 8 + 2, relative(instruction.offset), true);
      view.setInt32(index * 8 + 4, relative(instruction.immediate), true);
    });
    return bytes;
  }

  #add(
    opcode: number,
    destination = 0,
    source = 0,
    offset: number | string = 0,
    immediate: number | string = 0,
  ): this {
    this.instructions.push({ opcode, destination, source, offset, immediate });
    return this;
  }
}
