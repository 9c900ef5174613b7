/** The objects of the protocol as Go sees them: structs. */
import { isOptional, type Shape } from "../../rpc/schema/mod.ts";
import { commentLines, type NamedObject, namedObjects, sentenceWithUnit } from "./named_objects.ts";

/** `build_id` → `BuildID`. */
function fieldName(name: string): string {
  return name.split("_").map((part) => part === "id" ? "ID" : part[0].toUpperCase() + part.slice(1)).join("");
}

function typeOf(shape: Shape): string {
  switch (shape.type) {
    case "boolean":
    case "true":
      return "bool";
    case "integer":
      return "int64";
    case "number":
      return "float64";
    case "string":
    case "choice":
      return "string";
    case "nullable":
      return `*${typeOf(shape.of)}`;
    case "list":
      return `[]${typeOf(shape.of)}`;
    case "document":
      return "map[string]any";
    case "object":
      if (shape.name === undefined) throw new Error("Cannot name a type: the object has no name");
      return shape.name;
  }
}

/** With a blank line before each, so that gofmt has nothing to align. */
function fieldLines([name, shape]: [string, Shape], index: number): string[] {
  // Zero is a value: what may be absent is a pointer.
  const type = isOptional(shape) ? `*${typeOf(shape)}` : typeOf(shape);
  const words = shape.type === "choice"
    ? [`One of ${shape.values.map((value) => `"${value}"`).join(", ")}.`]
    : [];
  const absent = isOptional(shape) && shape.type === "nullable" ? ["A pointer to nil says null."] : [];
  const tag = isOptional(shape) ? `${name},omitempty` : name;
  return [
    ...(index > 0 ? [""] : []),
    ...commentLines([sentenceWithUnit(shape), ...words, ...absent].join(" "), "\t//"),
    `\t${fieldName(name)} ${type} \`json:"${tag}"\``,
  ];
}

function structLines({ name, sentence, members }: NamedObject): string[] {
  const fields: [string, Shape][] = Object.entries(members);
  const comment = `${name}: ${sentence[0].toLowerCase()}${sentence.slice(1)}`;
  return ["", ...commentLines(comment, "//"), `type ${name} struct {`, ...fields.flatMap(fieldLines), "}"];
}

/** rpc/clients/go/types.go. */
export function goTypes(): string {
  return [
    "// Code generated from rpc/schema by scripts/gen_docs.ts. DO NOT EDIT.",
    "",
    "package sb",
    ...namedObjects().flatMap(structLines),
    "",
  ].join("\n");
}
