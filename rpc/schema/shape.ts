/** The vocabulary in which the protocol is written down: shapes are plain data, each with a sentence, each number with a unit. */

/** What numbers count. */
export const UNITS = [
  "nanoseconds",
  "bytes",
  "executions",
  "delays",
  "draws",
  "processes",
  "probes",
  "counts",
  "connections",
  "requests",
  "levels",
  "symbols",
  "row",
  "process id",
  "user id",
  "probability",
  "version",
] as const;

export type Unit = typeof UNITS[number];

interface Described {
  /** What it means: one sentence, or two. */
  sentence: string;
  /** What holds when a parameter is absent, for readers and programs; nothing sets it. */
  default?: string | number | boolean | null;
}

export interface BooleanShape extends Described {
  type: "boolean";
}

/** Only `true`: the member's presence says it. */
export interface TrueShape extends Described {
  type: "true";
}

export interface NumberShape extends Described {
  type: "integer" | "number";
  unit: Unit;
  min: number;
  max: number;
}

/** Well-formed Unicode without U+0000. */
export interface StringShape extends Described {
  type: "string";
  /** Characters, in UTF-16 units. */
  minLength: number;
  maxLength: number;
  /** A regular expression that JSON Schema and every language read alike. */
  pattern?: string;
}

/** One of some words. */
export interface ChoiceShape<V extends readonly string[] = readonly string[]> extends Described {
  type: "choice";
  values: V;
}

export interface NullableShape<S extends Shape = Shape> extends Described {
  type: "nullable";
  of: S;
}

export interface ListShape<S extends Shape = Shape> extends Described {
  type: "list";
  of: S;
}

/** Anything that is an object: a document of another specification. */
export interface DocumentShape extends Described {
  type: "document";
}

/** A member that may be absent. */
export type Optional<S extends Shape = Shape> = S & { optional: true };

export type Members = Readonly<Record<string, Shape>>;

/** An object with these members and no others. */
export interface ObjectShape<M extends Members = Members, One extends string = string> extends Described {
  type: "object";
  /** The name by which other documents and languages know it; those without are written where they stand. */
  name?: string;
  members: M;
  /** Optional members of which exactly one is given. */
  exactlyOne: readonly One[];
  /** Optional members of which one at the most is given. */
  atMostOne: readonly string[];
  /** Optional members of which one at least is given. */
  atLeastOne: readonly string[];
}

export type Shape =
  | BooleanShape
  | TrueShape
  | NumberShape
  | StringShape
  | ChoiceShape
  | NullableShape
  | ListShape
  | DocumentShape
  // deno-lint-ignore no-explicit-any -- any object: `One` is used both ways
  | ObjectShape<any, any>;

export function boolean(sentence: string, options: Pick<Described, "default"> = {}): BooleanShape {
  return { type: "boolean", sentence, ...options };
}

export function only(sentence: string): TrueShape {
  return { type: "true", sentence };
}

type NumberOptions = Omit<NumberShape, "type" | "sentence" | "min" | "max"> & { min?: number; max?: number };

/** The greatest integer that every reader of JSON keeps exact: 2^53 − 1. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** @param options.min 0 unless told @param options.max 2^53 − 1 unless told */
export function integer(sentence: string, options: NumberOptions): NumberShape {
  return { type: "integer", sentence, min: 0, max: MAX_INTEGER, ...options };
}

export function fraction(sentence: string, options: NumberOptions & { max: number }): NumberShape {
  return { type: "number", sentence, min: 0, ...options };
}

type StringOptions = Partial<Omit<StringShape, "type" | "sentence">>;

/** @param options.maxLength 4096 unless told */
export function string(sentence: string, options: StringOptions = {}): StringShape {
  return { type: "string", sentence, minLength: 0, maxLength: 4096, ...options };
}

export function choice<const V extends readonly string[]>(
  sentence: string,
  values: V,
  options: Pick<Described, "default"> = {},
): ChoiceShape<V> {
  return { type: "choice", sentence, values, ...options };
}

/** The same, or null; the sentence, by default that of the shape, says what null means. */
export function nullable<S extends Shape>(of: S, options: Partial<Described> = {}): NullableShape<S> {
  return { type: "nullable", sentence: of.sentence, of, ...options };
}

export function list<S extends Shape>(sentence: string, of: S): ListShape<S> {
  return { type: "list", sentence, of };
}

export function document(sentence: string): DocumentShape {
  return { type: "document", sentence };
}

export function optional<S extends Shape>(shape: S): Optional<S> {
  return { ...shape, optional: true };
}

/** The same members, where absence means something else than their defaults. */
export function withoutDefaults<M extends Members>(members: M): M {
  const entries = Object.entries(members).map(([name, shape]) => [name, { ...shape, default: undefined }]);
  return Object.fromEntries(entries) as M;
}

export function isOptional(shape: Shape): boolean {
  return "optional" in shape;
}

type ObjectOptions<M, One extends string> = {
  name?: string;
  exactlyOne?: readonly (One & keyof M)[];
  atMostOne?: readonly (string & keyof M)[];
  atLeastOne?: readonly (string & keyof M)[];
};

export function object<M extends Members, const One extends string = never>(
  sentence: string,
  members: M,
  options: ObjectOptions<M, One> = {},
): ObjectShape<M, One> {
  return { type: "object", sentence, members, exactlyOne: [], atMostOne: [], atLeastOne: [], ...options };
}

type OptionalKeys<M> = {
  [K in keyof M]: M[K] extends { optional: true } ? K : never;
}[keyof M];

type Flat<T> = { [K in keyof T]: T[K] };

type MembersValue<M, Without> = Flat<
  & { [K in Exclude<keyof M, OptionalKeys<M> | Without>]: ValueOf<M[K]> }
  & { [K in Exclude<OptionalKeys<M>, Without>]?: ValueOf<M[K]> }
>;

type ExactlyOne<M, One extends keyof M> = {
  [K in One]: Flat<{ [P in K]: ValueOf<M[P]> } & { [P in Exclude<One, K>]?: undefined }>;
}[One];

/** The TypeScript type of a shape's values. */
export type ValueOf<S> = S extends { type: "boolean" } ? boolean
  : S extends { type: "true" } ? true
  : S extends { type: "integer" | "number" } ? number
  : S extends { type: "string" } ? string
  : S extends { type: "choice"; values: infer V extends readonly string[] } ? V[number]
  : S extends { type: "nullable"; of: infer T } ? ValueOf<T> | null
  : S extends { type: "list"; of: infer T } ? ValueOf<T>[]
  : S extends { type: "document" } ? Record<string, unknown>
  : S extends { type: "object"; members: infer M; exactlyOne: readonly (infer One)[] }
  // Where the context names no keys, One is inferred as string.
    ? [One] extends [never] ? MembersValue<M, never>
    : string extends One ? MembersValue<M, never>
    : MembersValue<M, One> & ExactlyOne<M, One & keyof M>
  : never;
