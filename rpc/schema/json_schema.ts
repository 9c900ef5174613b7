/** Shapes as JSON Schema (draft 7). */
import { isOptional, type ObjectShape, type Shape } from "./shape.ts";

/** A JSON Schema. */
export type JsonSchema = Record<string, unknown>;

/** Objects that were named on the way: name → schema. */
export type Components = Map<string, JsonSchema>;

/** @param components takes the objects that have a name; the schema refers to them */
export function jsonSchema(shape: Shape, components: Components): JsonSchema {
  const described = {
    description: shape.sentence,
    ...(shape.default === undefined ? {} : { default: shape.default }),
  };
  switch (shape.type) {
    case "boolean":
      return { ...described, type: "boolean" };
    case "true":
      return { ...described, const: true };
    case "document":
      return { ...described, type: "object" };
    case "integer":
    case "number":
      return { ...described, type: shape.type, minimum: shape.min, maximum: shape.max, "x-unit": shape.unit };
    case "string": {
      const { minLength, maxLength, pattern } = shape;
      return {
        ...described,
        type: "string",
        ...(minLength > 0 ? { minLength } : {}),
        ...(maxLength < Number.MAX_SAFE_INTEGER ? { maxLength } : {}),
        ...(pattern === undefined ? {} : { pattern }),
      };
    }
    case "choice":
      return { ...described, type: "string", enum: shape.values };
    case "nullable":
      return { ...described, anyOf: [jsonSchema(shape.of, components), { type: "null" }] };
    case "list":
      return { ...described, type: "array", items: jsonSchema(shape.of, components) };
    case "object":
      return objectReference(shape, components);
  }
}

function objectReference(shape: ObjectShape, components: Components): JsonSchema {
  if (shape.name === undefined) return objectSchema(shape, components);
  if (!components.has(shape.name)) {
    // Its place is taken first, so that objects come in the order in which they are met.
    components.set(shape.name, {});
    components.set(shape.name, objectSchema(shape, components));
  }
  return { $ref: `#/components/schemas/${shape.name}` };
}

function objectSchema(shape: ObjectShape, components: Components): JsonSchema {
  const names = Object.keys(shape.members);
  const one = (among: readonly string[]) => among.map((name) => ({ required: [name] }));
  return {
    description: shape.sentence,
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, jsonSchema(shape.members[name], components)])),
    required: names.filter((name) => !isOptional(shape.members[name])),
    ...(shape.exactlyOne.length > 0 ? { oneOf: one(shape.exactlyOne) } : {}),
    ...(shape.atLeastOne.length > 0 ? { anyOf: one(shape.atLeastOne) } : {}),
    ...(shape.atMostOne.length > 0 ? { not: { required: shape.atMostOne } } : {}),
    additionalProperties: false,
  };
}
