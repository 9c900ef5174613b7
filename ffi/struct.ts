/** C struct layouts: named little-endian fields with natural alignment, encoded and decoded. */

const SIZE = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8, i64: 8 } as const;

/** A C integer type. */
export type FieldType = keyof typeof SIZE;

type Value<T extends FieldType> = T extends "u64" | "i64" ? bigint : number;

/** Field values by name; 64-bit fields are bigint. */
export type StructValues<F extends Record<string, FieldType>> = { [K in keyof F]: Value<F[K]> };

/** A struct's layout: offsets, size, and the codec. */
export class StructLayout<const F extends Record<string, FieldType>> {
  readonly offsets: { readonly [K in keyof F]: number };
  readonly sizeBytes: number;
  readonly #fields: F;

  /** @param fields in C order; each is aligned to its size, the whole to the largest */
  constructor(fields: F) {
    let offset = 0;
    let alignment = 1;
    const offsets: Record<string, number> = {};
    for (const [name, type] of Object.entries(fields)) {
      const size = SIZE[type];
      alignment = Math.max(alignment, size);
      offset = Math.ceil(offset / size) * size;
      offsets[name] = offset;
      offset += size;
    }
    this.#fields = fields;
    this.offsets = offsets as { [K in keyof F]: number };
    this.sizeBytes = Math.ceil(offset / alignment) * alignment;
  }

  /** Writes the named fields at `at`; the others keep what they hold. */
  write(view: DataView, at: number, values: Partial<StructValues<F>>): void {
    for (const [name, value] of Object.entries(values)) {
      const position = at + this.offsets[name];
      switch (this.#fields[name]) {
        case "u8":
          view.setUint8(position, value as number);
          break;
        case "u16":
          view.setUint16(position, value as number, true);
          break;
        case "u32":
          view.setUint32(position, value as number, true);
          break;
        case "i32":
          view.setInt32(position, value as number, true);
          break;
        case "u64":
          view.setBigUint64(position, value as bigint, true);
          break;
        case "i64":
          view.setBigInt64(position, value as bigint, true);
      }
    }
  }

  /** The bytes of a struct with these fields, the others zero. */
  encode(values: Partial<StructValues<F>>): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.sizeBytes);
    this.write(new DataView(bytes.buffer), 0, values);
    return bytes;
  }

  /** Reads every field of the struct at `at`. */
  read(view: DataView, at = 0): StructValues<F> {
    const values: Record<string, number | bigint> = {};
    for (const [name, type] of Object.entries(this.#fields)) {
      const position = at + this.offsets[name];
      values[name] = type === "u8"
        ? view.getUint8(position)
        : type === "u16"
        ? view.getUint16(position, true)
        : type === "u32"
        ? view.getUint32(position, true)
        : type === "i32"
        ? view.getInt32(position, true)
        : type === "u64"
        ? view.getBigUint64(position, true)
        : view.getBigInt64(position, true);
    }
    return values as StructValues<F>;
  }
}
