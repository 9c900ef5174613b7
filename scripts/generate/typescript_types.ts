/** The objects and methods of the protocol as the TypeScript client sees them: types that need no schema. */
import { isOptional, METHODS, NOTIFICATIONS, type ObjectShape, type Shape } from "../../rpc/schema/mod.ts";
import { type NamedObject, namedObjects, sentenceWithUnit } from "./named_objects.ts";

function typeOf(shape: Shape, indent: string): string {
  switch (shape.type) {
    case "boolean":
      return "boolean";
    case "true":
      return "true";
    case "integer":
    case "number":
      return "number";
    case "string":
      return "string";
    case "choice":
      return shape.values.map((value) => JSON.stringify(value)).join(" | ");
    case "nullable":
      return `${typeOf(shape.of, indent)} | null`;
    case "list": {
      const item = typeOf(shape.of, indent);
      return item.includes("|") ? `(${item})[]` : `${item}[]`;
    }
    case "document":
      return "Record<string, unknown>";
    case "object":
      if (Object.keys(shape.members).length === 0) return "Record<string, never>";
      return shape.name ?? objectType(shape, indent);
  }
}

function memberLines(members: Readonly<Record<string, Shape>>, indent: string): string[] {
  return Object.entries(members).flatMap(([name, shape]) => [
    `${indent}/** ${sentenceWithUnit(shape)} */`,
    `${indent}${name}${isOptional(shape) ? "?" : ""}: ${typeOf(shape, indent)};`,
  ]);
}

/** One way to give exactly one of several members. */
function alternative(
  members: Readonly<Record<string, Shape>>,
  chosen: string,
  among: readonly string[],
  indent: string,
): string {
  const others = among.filter((name) => name !== chosen).map((name) => `${indent}  ${name}?: undefined;`);
  const { optional: _, ...shape } = members[chosen] as Shape & { optional?: true };
  return ["{", ...memberLines({ [chosen]: shape }, `${indent}  `), ...others, `${indent}}`].join("\n");
}

function objectType({ members, exactlyOne }: ObjectShape, indent: string): string {
  const all: [string, Shape][] = Object.entries(members);
  const plain = Object.fromEntries(all.filter(([name]) => !exactlyOne.includes(name)));
  const parts = [
    ...(Object.keys(plain).length > 0
      ? [["{", ...memberLines(plain, `${indent}  `), `${indent}}`].join("\n")]
      : []),
    ...(exactlyOne.length > 0
      ? [exactlyOne.map((name) => alternative(members, name, exactlyOne, indent)).join(" | ")]
      : []),
  ];
  return parts.length === 1 ? parts[0] : `${parts[0]} & (${parts[1]})`;
}

/** So many members in common make one object the base of another. */
const MANY = 8;

/** An object that has all names of this one, and many of its shapes. */
function baseOf(shape: NamedObject, earlier: readonly NamedObject[]): NamedObject | undefined {
  const common = ({ members }: NamedObject) =>
    Object.keys(members).filter((name) => members[name] === shape.members[name]).length;
  return earlier.find((base) =>
    common(base) >= MANY && Object.keys(base.members).every((name) => name in shape.members)
  );
}

function namedType(shape: NamedObject, earlier: readonly NamedObject[]): string[] {
  const words = ["", `/** ${shape.sentence} */`];
  if (shape.exactlyOne.length > 0) return [...words, `export type ${shape.name} = ${objectType(shape, "")};`];
  const base = baseOf(shape, earlier);
  if (base === undefined) return [...words, `export interface ${shape.name} ${objectType(shape, "")}`];
  const own = Object.fromEntries(
    Object.entries(shape.members as Record<string, Shape>).filter(([name, member]) =>
      member !== base.members[name]
    ),
  );
  const others = Object.keys(own).filter((name) => name in base.members).map((name) => `"${name}"`).join(
    " | ",
  );
  const head = `export interface ${shape.name} extends Omit<${base.name}, ${others}>`;
  return [...words, `${head} ${objectType({ ...shape, members: own }, "")}`];
}

function methodLines(): string[] {
  return Object.entries(METHODS).flatMap(([name, { sentence, params, result }]) => [
    `  /** ${sentence} */`,
    `  "${name}": {`,
    `    params: ${typeOf(params, "    ")};`,
    `    result: ${typeOf(result, "    ")};`,
    "  };",
  ]);
}

function notificationLines(): string[] {
  return Object.entries(NOTIFICATIONS).flatMap(([name, { sentence, params }]) => [
    `  /** ${sentence} */`,
    `  "${name}": ${typeOf(params, "  ")};`,
  ]);
}

/** rpc/client/protocol.ts. */
export function typescriptTypes(): string {
  return [
    "// deno-fmt-ignore-file",
    "/** The protocol as types. Made from rpc/schema by scripts/gen_docs.ts; edit the schema, not this file. */",
    ...namedObjects().flatMap((shape, index, all) => namedType(shape, all.slice(0, index))),
    "",
    "/** Method → what it takes and answers. */",
    "export interface Methods {",
    ...methodLines(),
    "}",
    "",
    "/** Notification → what it carries. */",
    "export interface Notifications {",
    ...notificationLines(),
    "}",
    "",
    "/** The name of a method. */",
    "export type MethodName = keyof Methods;",
    "",
    "/** What a method takes. */",
    'export type ParamsOf<M extends MethodName> = Methods[M]["params"];',
    "",
    "/** What a method answers. */",
    'export type ResultOf<M extends MethodName> = Methods[M]["result"];',
    "",
  ].join("\n");
}
