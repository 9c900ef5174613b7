/** What holds for every shape of the protocol, however deep. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { EVERYWHERE, METHODS, NOTIFICATIONS, NUMBERS, type Shape } from "../../../../rpc/schema/mod.ts";
import { ERROR_TABLE } from "../../../../src/core/mod.ts";

interface Place {
  path: string;
  /** The member's name where it is one. */
  name: string;
  shape: Shape;
}

/** A shape and all that it is made of. */
function* places(path: string, shape: Shape, name = ""): Generator<Place> {
  yield { path, name, shape };
  if (shape.type === "nullable" || shape.type === "list") yield* places(`${path}[]`, shape.of, name);
  if (shape.type === "object") {
    for (const [member, inner] of Object.entries(shape.members as Record<string, Shape>)) {
      yield* places(`${path}.${member}`, inner, member);
    }
  }
}

const ALL: readonly Place[] = [
  ...Object.entries(METHODS).flatMap(([name, { params, result }]) => [
    ...places(`${name} takes`, params),
    ...places(`${name} answers`, result),
  ]),
  ...Object.entries(NOTIFICATIONS).flatMap(([name, { params }]) => [...places(name, params)]),
];

Deno.test("each shape has a sentence", () => {
  for (const { path, shape } of ALL) assertMatch(shape.sentence, /^.*\.$/, path);
});

Deno.test("each number has its unit in its name, or counts what its unit says", () => {
  const units: Readonly<Record<string, string>> = { nanoseconds: "_ns", bytes: "_bytes" };
  for (const { path, name, shape } of ALL) {
    if (shape.type !== "integer" && shape.type !== "number") continue;
    const ending = units[shape.unit];
    assertEquals(/_(ns|bytes)$/.test(name), ending !== undefined, path);
    if (ending) assert(name.endsWith(ending), path);
    assert(shape.min < shape.max, path);
  }
});

Deno.test("objects of one name are one shape", () => {
  const named = new Map<string, object>();
  for (const { path, shape } of ALL) {
    if (shape.type !== "object" || shape.name === undefined) continue;
    const known = named.get(shape.name);
    if (known !== undefined) assertEquals(Object.keys(shape.members), Object.keys(known), path);
    named.set(shape.name, shape.members);
  }
});

Deno.test("names are in snake case", () => {
  for (const { path, name } of ALL) if (name !== "") assertMatch(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, path);
});

Deno.test("every number of the error table is a class that the protocol has, and the other way round", () => {
  const classes = new Set<number>(Object.values(NUMBERS).map(({ code }) => code));
  const used = new Set<number>(Object.values(ERROR_TABLE).map(({ rpc }) => rpc));
  assertEquals([...used].sort(), [...classes].sort());
  for (const name of EVERYWHERE) assert(name in NUMBERS);
});
