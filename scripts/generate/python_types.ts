/** The objects of the protocol as Python 3.9 sees them: typed dictionaries. */
import { isOptional, type Shape } from "../../rpc/schema/mod.ts";
import { commentLines, type NamedObject, namedObjects, sentenceWithUnit } from "./named_objects.ts";

function typeOf(shape: Shape): string {
  switch (shape.type) {
    case "boolean":
      return "bool";
    case "true":
      return "Literal[True]";
    case "integer":
      return "int";
    case "number":
      return "float";
    case "string":
      return "str";
    case "choice":
      return `Literal[${shape.values.map((value) => `"${value}"`).join(", ")}]`;
    case "nullable":
      return `Optional[${typeOf(shape.of)}]`;
    case "list":
      return `List[${typeOf(shape.of)}]`;
    case "document":
      return "Dict[str, Any]";
    case "object":
      if (shape.name === undefined) throw new Error("Cannot name a type: the object has no name");
      return shape.name;
  }
}

function memberLines([name, shape]: [string, Shape]): string[] {
  return [...commentLines(sentenceWithUnit(shape), "    #"), `    ${name}: ${typeOf(shape)}`];
}

/** A class; where some members may be absent, the others stand in a class before it. */
function classLines({ name, sentence, members }: NamedObject): string[] {
  const all: [string, Shape][] = Object.entries(members);
  const required = all.filter(([, shape]) => !isOptional(shape));
  const optional = all.filter(([, shape]) => isOptional(shape));
  const head = (
    title: string,
    bases: string,
  ) => ["", "", `class ${title}(${bases}):`, `    """${sentence}"""`, ""];
  if (optional.length === 0) return [...head(name, "TypedDict"), ...required.flatMap(memberLines)];
  if (required.length === 0) {
    return [...head(name, "TypedDict, total=False"), ...optional.flatMap(memberLines)];
  }
  const base = `_${name}Required`;
  return [
    ...head(base, "TypedDict"),
    ...required.flatMap(memberLines),
    ...head(name, `${base}, total=False`),
    ...optional.flatMap(memberLines),
  ];
}

/** rpc/clients/python/sb_client/types.py. */
export function pythonTypes(): string {
  return [
    '"""The objects of the protocol, as dictionaries: docs/rpc.md has them in words.',
    "",
    "Made from rpc/schema by scripts/gen_docs.ts; edit the schema, not this file.",
    '"""',
    "",
    "from typing import List, Literal, Optional, TypedDict",
    ...namedObjects().flatMap(classLines),
    "",
  ].join("\n");
}
