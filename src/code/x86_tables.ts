/** Operand shapes of the x86-64 opcode maps (Intel SDM vol. 2, appendix A): what follows the opcode. Data only. */

/** Bits of a shape: what follows the opcode. */
export const Shape = {
  modrm: 1,
  imm8: 2,
  imm16: 4,
  /** 2 bytes with a 66 prefix, 4 otherwise. */
  immz: 8,
  /** As immz, 8 with REX.W. */
  immv: 16,
  moffs: 32,
  rel32: 64,
  invalid: 128,
} as const;

type Row = [first: number, last: number, shape: number];

function table(initial: number, rows: readonly Row[]): Uint8Array {
  const shapes = new Uint8Array(256).fill(initial);
  for (const [first, last, shape] of rows) shapes.fill(shape, first, last + 1);
  return shapes;
}

const { modrm: M, imm8, imm16, immz, immv, moffs, rel32, invalid } = Shape;

const ARITHMETIC: Row[] = [];
for (let base = 0; base < 0x40; base += 8) {
  ARITHMETIC.push([base, base + 3, M], [base + 4, base + 4, imm8], [base + 5, base + 5, immz]);
  ARITHMETIC.push([base + 6, base + 7, invalid]);
}

/** The one-byte map. Prefixes are invalid: they are taken before it, and do not follow a REX prefix. */
export const ONE_BYTE = table(0, [
  ...ARITHMETIC,
  [0x40, 0x4f, invalid],
  [0x60, 0x62, invalid],
  [0x63, 0x63, M],
  [0x64, 0x67, invalid],
  [0x68, 0x68, immz],
  [0x69, 0x69, M | immz],
  [0x6a, 0x6a, imm8],
  [0x6b, 0x6b, M | imm8],
  [0x70, 0x7f, imm8],
  [0x80, 0x80, M | imm8],
  [0x81, 0x81, M | immz],
  [0x82, 0x82, invalid],
  [0x83, 0x83, M | imm8],
  [0x84, 0x8f, M],
  [0x9a, 0x9a, invalid],
  [0xa0, 0xa3, moffs],
  [0xa8, 0xa8, imm8],
  [0xa9, 0xa9, immz],
  [0xb0, 0xb7, imm8],
  [0xb8, 0xbf, immv],
  [0xc0, 0xc1, M | imm8],
  [0xc2, 0xc2, imm16],
  [0xc6, 0xc6, M | imm8],
  [0xc7, 0xc7, M | immz],
  [0xc8, 0xc8, imm16 | imm8],
  [0xca, 0xca, imm16],
  [0xcd, 0xcd, imm8],
  [0xce, 0xce, invalid],
  [0xd0, 0xd3, M],
  [0xd4, 0xd6, invalid],
  [0xd8, 0xdf, M],
  [0xe0, 0xe7, imm8],
  [0xe8, 0xe9, rel32],
  [0xea, 0xea, invalid],
  [0xeb, 0xeb, imm8],
  [0xf0, 0xf0, invalid],
  [0xf2, 0xf3, invalid],
  [0xf6, 0xf7, M],
  [0xfe, 0xff, M],
]);

/** The 0F map; VEX and EVEX map 1 have the same shapes. */
export const TWO_BYTE = table(M, [
  [0x04, 0x04, invalid],
  [0x05, 0x09, 0],
  [0x0a, 0x0a, invalid],
  [0x0b, 0x0b, 0],
  [0x0c, 0x0c, invalid],
  [0x0e, 0x0e, 0],
  [0x0f, 0x0f, M | imm8],
  [0x24, 0x27, invalid],
  [0x30, 0x37, 0],
  [0x39, 0x39, invalid],
  [0x3b, 0x3f, invalid],
  [0x70, 0x73, M | imm8],
  [0x77, 0x77, 0],
  [0x80, 0x8f, rel32],
  [0xa0, 0xa2, 0],
  [0xa4, 0xa4, M | imm8],
  [0xa8, 0xaa, 0],
  [0xac, 0xac, M | imm8],
  [0xba, 0xba, M | imm8],
  [0xc2, 0xc2, M | imm8],
  [0xc4, 0xc6, M | imm8],
  [0xc8, 0xcf, 0],
]);
