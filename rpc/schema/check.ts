/** Shapes to checks: whether a value has a shape, and where it does not. Compiled once, since each request is checked. */
import { shortened, typeName } from "../wire/mod.ts";
import {
  type ChoiceShape,
  isOptional,
  type ListShape,
  type NullableShape,
  type NumberShape,
  type ObjectShape,
  type Shape,
  type StringShape,
} from "./shape.ts";

/** The names nearest to a mistyped one, nearest first. */
export type NearestNames = (name: string, names: Iterable<string>, most?: number) => string[];

/** What is wrong with a value. */
export interface Problem {
  /** Where: `scope.tree`, `probes[2].id`; empty for the whole. */
  path: string;
  /** What was seen there. */
  seen: string;
  /** What to write instead; null where `seen` says it. */
  hint: string | null;
}

/** Finds the first thing that is wrong; undefined where nothing is. */
export type Check = (value: unknown, path: string) => Problem | undefined;

/** @param shape its values are what is checked */
export function compileCheck(shape: Shape, nearest: NearestNames): Check {
  switch (shape.type) {
    case "boolean":
      return checkWhether((value) => typeof value === "boolean", "true or false");
    case "true":
      return checkWhether((value) => value === true, "true");
    case "document":
      return checkWhether(isObject, "an object");
    case "integer":
    case "number":
      return compileNumber(shape);
    case "string":
      return compileString(shape);
    case "choice":
      return compileChoice(shape, nearest);
    case "nullable":
      return compileNullable(shape, nearest);
    case "list":
      return compileList(shape, nearest);
    case "object":
      return compileObject(shape, nearest);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as a message shows it: what is short whole, the rest by its type. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shortened(value));
  return typeof value === "number" || typeof value === "boolean" ? String(value) : typeName(value);
}

function checkWhether(holds: (value: unknown) => boolean, wanted: string): Check {
  return (value, path) => holds(value) ? undefined : mismatch(value, { path, wanted });
}

function mismatch(value: unknown, { path, wanted }: { path: string; wanted: string }): Problem {
  return { path, seen: `${named(path)} is ${shown(value)}, not ${wanted}`, hint: null };
}

function named(path: string): string {
  return path === "" ? "it" : `"${path}"`;
}

function compileNumber({ type, min, max }: NumberShape): Check {
  const wanted = `${type === "integer" ? "an integer" : "a number"} from ${min} to ${max}`;
  const isKind = type === "integer" ? Number.isInteger : Number.isFinite;
  return checkWhether((value) => isKind(value) && value as number >= min && value as number <= max, wanted);
}

function compileString({ minLength, maxLength, pattern }: StringShape): Check {
  const regex = pattern === undefined ? undefined : new RegExp(pattern, "u");
  return (value, path) => {
    if (typeof value !== "string") return mismatch(value, { path, wanted: "a string" });
    if (value.length < minLength) {
      const seen = minLength === 1 ? "is empty" : `has less than ${minLength} characters`;
      return { path, seen: `${named(path)} ${seen}`, hint: null };
    }
    if (value.length > maxLength) {
      return { path, seen: `${named(path)} has more than ${maxLength} characters`, hint: null };
    }
    if (value.includes("\0")) return { path, seen: `${named(path)} contains U+0000`, hint: null };
    if (!value.isWellFormed()) {
      return { path, seen: `${named(path)} contains half of a surrogate pair`, hint: null };
    }
    if (regex && !regex.test(value)) return mismatch(value, { path, wanted: `of the form ${pattern}` });
    return undefined;
  };
}

function compileChoice({ values }: ChoiceShape, nearest: NearestNames): Check {
  const wanted = values.length === 1
    ? `"${values[0]}"`
    : `one of ${values.map((value) => `"${value}"`).join(", ")}`;
  return (value, path) => {
    if (typeof value === "string" && values.includes(value)) return undefined;
    const [near] = typeof value === "string" ? nearest(value, values, 1) : [];
    return { ...mismatch(value, { path, wanted }), hint: near ? `Did you mean "${near}"?` : null };
  };
}

function compileNullable({ of }: NullableShape, nearest: NearestNames): Check {
  const check = compileCheck(of, nearest);
  return (value, path) => value === null ? undefined : check(value, path);
}

function compileList({ of }: ListShape, nearest: NearestNames): Check {
  const check = compileCheck(of, nearest);
  return (value, path) => {
    if (!Array.isArray(value)) return mismatch(value, { path, wanted: "an array" });
    for (let index = 0; index < value.length; index++) {
      const problem = check(value[index], `${path}[${index}]`);
      if (problem) return problem;
    }
    return undefined;
  };
}

function compileObject(shape: ObjectShape, nearest: NearestNames): Check {
  const names = Object.keys(shape.members);
  const checks = new Map(names.map((name) => [name, compileCheck(shape.members[name], nearest)]));
  const required = names.filter((name) => !isOptional(shape.members[name]));
  const checkCounts = compileCounts(shape);
  return (value, path) => {
    if (!isObject(value)) return mismatch(value, { path, wanted: "an object" });
    const prefix = path === "" ? "" : `${path}.`;
    for (const name in value) {
      const check = checks.get(name);
      if (check === undefined) return unknownName(name, { path, prefix, names, nearest });
      const problem = check(value[name], prefix + name);
      if (problem) return problem;
    }
    for (const name of required) {
      if (!Object.hasOwn(value, name)) {
        const hint = `Give it: ${shape.members[name].sentence}`;
        return { path: prefix + name, seen: `"${prefix}${name}" is missing`, hint };
      }
    }
    return checkCounts(value, path);
  };
}

function unknownName(
  name: string,
  { path, prefix, names, nearest }: {
    path: string;
    prefix: string;
    names: readonly string[];
    nearest: NearestNames;
  },
): Problem {
  const shown = JSON.stringify(shortened(name)).slice(1, -1);
  const where = path === "" ? "" : ` in "${path}"`;
  const [near] = nearest(shortened(name), names, 1);
  const allowed = names.length === 0 ? "It takes none" : `Use one of ${names.join(", ")}`;
  return {
    path: prefix + shown,
    seen: `there is no "${shown}"${where}`,
    hint: near === undefined ? allowed : `Did you mean "${near}"?`,
  };
}

/** The rules on how many of some members there are. */
function compileCounts(
  { exactlyOne, atMostOne, atLeastOne }: ObjectShape,
): (value: object, path: string) => Problem | undefined {
  const sole: readonly string[] = [...exactlyOne, ...atMostOne];
  const wanted: readonly string[] = [...exactlyOne, ...atLeastOne];
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");
  return (value, path) => {
    const given = sole.filter((name) => Object.hasOwn(value, name));
    const where = path === "" ? "" : ` in "${path}"`;
    if (given.length > 1) {
      return {
        path: path === "" ? given[1] : `${path}.${given[1]}`,
        seen: `${quoted(given)} exclude each other${where}`,
        hint: `Give only one of ${quoted(sole)}`,
      };
    }
    if (wanted.length > 0 && !wanted.some((name) => Object.hasOwn(value, name))) {
      const hint = `Give ${exactlyOne.length > 0 ? "one" : "at least one"} of ${quoted(wanted)}`;
      return { path, seen: `none of ${quoted(wanted)} is given${where}`, hint };
    }
    return undefined;
  };
}
