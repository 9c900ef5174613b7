/** Values to JSON and back by one table, so that what is written can be read and nothing is forgotten. Pure. */
import { SbError } from "../../core/mod.ts";

/** Both ways of one kind of value. */
export interface Codec<T> {
  encode(value: T): unknown;
  /** @param path of the value in its document, as errors name it @throws SbError `sweep.journal` */
  decode(value: unknown, path: string): T;
}

/** The error for a document that is none. */
export function damaged(path: string, seen: string): SbError {
  return new SbError(
    "sweep.journal",
    `Cannot read the document of a sweep: ${path === "" ? "it" : `"${path}"`} is ${seen}`,
    {
      hint: "Name the NAME.sweep.json that sb sweep wrote",
      data: { path },
    },
  );
}

/** A number, written with so many significant digits at the most; what is no number is null. */
function numberWith(round: (value: number) => number): Codec<number> {
  return {
    encode: (value) => Number.isFinite(value) ? round(value) : null,
    decode: (value, path) => {
      if (value === null) return NaN;
      if (typeof value === "number") return value;
      throw damaged(path, "no number");
    },
  };
}

/** Whole: counts and nanoseconds, saturating at 2^53 − 1. */
export const WHOLE = numberWith((value) => {
  const most = Number.MAX_SAFE_INTEGER;
  return Math.round(Math.min(most, Math.max(-most, value)));
});
/** Six significant digits: what has an interval. */
export const ROUGH = numberWith((value) => Number(value.toPrecision(6)));
/** Twelve significant digits: results in units of their own, wall times as nanoseconds. */
export const FINE = numberWith((value) => Number(value.toPrecision(12)));

/** A text. */
export const TEXT: Codec<string> = {
  encode: (value) => value,
  decode: (value, path) => {
    if (typeof value === "string") return value;
    throw damaged(path, "no text");
  },
};

/** One of some words. */
export function oneOf<T extends string>(...words: readonly T[]): Codec<T> {
  return {
    encode: (value) => value,
    decode: (value, path) => {
      const word = words.find((word) => word === value);
      if (word !== undefined) return word;
      throw damaged(path, `none of ${words.join(", ")}`);
    },
  };
}

/** The value, or null. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    encode: (value) => value === null ? null : codec.encode(value),
    decode: (value, path) => value === null ? null : codec.decode(value, path),
  };
}

/** An array. */
export function list<T>(codec: Codec<T>): Codec<T[]> {
  return {
    encode: (values) => values.map((value) => codec.encode(value)),
    decode: (value, path) => {
      if (!Array.isArray(value)) throw damaged(path, "no list");
      return value.map((item, index) => codec.decode(item, `${path}[${index}]`));
    },
  };
}

/** Member of the type → its name in the document and its codec; the document has the order of the table. */
export type Members<T> = { readonly [Key in keyof T]-?: readonly [name: string, codec: Codec<T[Key]>] };

/** An object. */
export function members<T extends object>(table: Members<T>): Codec<T> {
  const rows = Object.entries(table) as [keyof T & string, readonly [string, Codec<unknown>]][];
  return {
    encode: (value) =>
      Object.fromEntries(rows.map(([key, [name, codec]]) => [name, codec.encode(value[key])])),
    decode: (value, path) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw damaged(path, "no object");
      }
      return Object.fromEntries(rows.map(([key, [name, codec]]) => {
        const place = path === "" ? name : `${path}.${name}`;
        if (!Object.hasOwn(value, name)) throw damaged(place, "missing");
        return [key, codec.decode((value as Record<string, unknown>)[name], place)];
      })) as T;
    },
  };
}
