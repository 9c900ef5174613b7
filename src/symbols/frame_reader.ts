/** Reads .eh_frame entry by entry; a damaged entry ends the reading, and what was read stands. */
import type { Frame } from "./frames.ts";

/** DW_EH_PE_*: Linux Standard Base Core 5.0, 10.5. */
const ENCODING = { omit: 0xff, format: 0x0f, relative: 0x70, pcRelative: 0x10 } as const;

interface Common {
  codeAlign: number;
  pointerEncoding: number;
  landingEncoding: number;
  /** The augmentation begins with `z`: its data has a length. */
  sized: boolean;
  instructions: Uint8Array;
}

/** One pass over the section. */
export class FrameReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #address: number;
  readonly #fileOffsetOf: (address: number) => number | null;
  readonly #common = new Map<number, Common | null>();
  #at = 0;

  constructor(bytes: Uint8Array, address: number, fileOffsetOf: (address: number) => number | null) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#address = address;
    this.#fileOffsetOf = fileOffsetOf;
  }

  /** Every frame of executable bytes, in the section's order. */
  read(): Frame[] {
    const frames: Frame[] = [];
    try {
      for (let at = 0; at + 4 <= this.#bytes.length;) {
        this.#at = at + 4;
        let length = this.#view.getUint32(at, true);
        if (length === 0xffffffff) {
          length = Number(this.#view.getBigUint64(this.#at, true));
          this.#at += 8;
        }
        const end = this.#at + length;
        // A zero ends the entries of one object file; others may follow.
        if (length > 0 && end <= this.#bytes.length) {
          const frame = this.#frame(at, end);
          if (frame) frames.push(frame);
        }
        at = end;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    return frames;
  }

  #frame(entry: number, end: number): Frame | null {
    const idAt = this.#at;
    const id = this.#view.getUint32(idAt, true);
    this.#at += 4;
    if (id === 0) {
      this.#common.set(entry, this.#readCommon(end));
      return null;
    }
    const common = this.#common.get(idAt - id);
    if (!common) return null;
    const start = this.#fileOffsetOf(this.#pointer(common.pointerEncoding));
    const sizeBytes = this.#pointer(common.pointerEncoding & ENCODING.format);
    let hasLandingPads = false;
    if (common.sized) {
      const next = this.#unsigned() + this.#at;
      hasLandingPads = common.landingEncoding !== ENCODING.omit &&
        this.#pointer(common.landingEncoding & ENCODING.format) !== 0;
      this.#at = next;
    }
    if (start === null || sizeBytes <= 0) return null;
    return {
      start,
      end: start + sizeBytes,
      hasLandingPads,
      instructions: [common.instructions, this.#bytes.subarray(this.#at, end)],
      codeAlign: common.codeAlign,
    };
  }

  #readCommon(end: number): Common | null {
    const version = this.#bytes[this.#at++];
    let augmentation = "";
    for (let byte = this.#bytes[this.#at++]; byte; byte = this.#bytes[this.#at++]) {
      augmentation += String.fromCharCode(byte);
    }
    const codeAlign = this.#unsigned();
    this.#unsigned(); // the data alignment, signed: only its length matters here
    if (version === 1) this.#at++;
    else this.#unsigned(); // the return address's register
    const sized = augmentation.startsWith("z");
    if (!sized && augmentation !== "") return null;
    let pointerEncoding = 0;
    let landingEncoding: number = ENCODING.omit;
    if (sized) {
      const next = this.#unsigned() + this.#at;
      for (const letter of augmentation.slice(1)) {
        if (letter === "R") pointerEncoding = this.#bytes[this.#at++];
        else if (letter === "L") landingEncoding = this.#bytes[this.#at++];
        else if (letter === "P") this.#pointer(this.#bytes[this.#at++]);
        else if (letter !== "S" && letter !== "B") return null;
      }
      this.#at = next;
    }
    return {
      codeAlign,
      pointerEncoding,
      landingEncoding,
      sized,
      instructions: this.#bytes.subarray(this.#at, end),
    };
  }

  #unsigned(): number {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = this.#view.getUint8(this.#at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  #pointer(encoding: number): number {
    const base = (encoding & ENCODING.relative) === ENCODING.pcRelative ? this.#address + this.#at : 0;
    const view = this.#view;
    const at = this.#at;
    switch (encoding & ENCODING.format) {
      case 0x02:
        this.#at += 2;
        return base + view.getUint16(at, true);
      case 0x0a:
        this.#at += 2;
        return base + view.getInt16(at, true);
      case 0x03:
        this.#at += 4;
        return base + view.getUint32(at, true);
      case 0x0b:
        this.#at += 4;
        return base + view.getInt32(at, true);
      case 0x01:
        return base + this.#unsigned();
      default:
        this.#at += 8;
        return base + Number(view.getBigInt64(at, true));
    }
  }
}
