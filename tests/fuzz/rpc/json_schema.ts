/** Whether a value follows a JSON Schema of the OpenRPC document: read from the keywords, not from the shapes. */
import { openRpcDocument } from "../../../rpc/schema/mod.ts";

type Schema = Record<string, unknown>;

interface Method {
  name: string;
  params: { name: string; required: boolean; schema: Schema }[];
  "x-exactly-one"?: string[];
  "x-at-most-one"?: string[];
  "x-at-least-one"?: string[];
}

const DOCUMENT = openRpcDocument("0") as unknown as {
  methods: Method[];
  components: { schemas: Record<string, Schema> };
};

/** Whether parameters are what the document says of a method. */
export function followsDocument(method: string, params: Record<string, unknown>): boolean {
  const row = DOCUMENT.methods.find(({ name }) => name === method)!;
  const names = Object.keys(params);
  const among = (rule: string[] | undefined) => rule?.filter((name) => Object.hasOwn(params, name)).length;
  return names.every((name) => row.params.some((param) => param.name === name)) &&
    row.params.every(({ name, required, schema }) =>
      Object.hasOwn(params, name) ? follows(params[name], schema) : !required
    ) &&
    (among(row["x-exactly-one"]) ?? 1) === 1 &&
    (among(row["x-at-most-one"]) ?? 0) <= 1 &&
    (among(row["x-at-least-one"]) ?? 1) >= 1;
}

function follows(value: unknown, schema: Schema): boolean {
  return Object.entries(schema).every(([keyword, rule]) => KEYWORDS[keyword](value, rule as never));
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  // A number of JSON that is no integer of ours stays a bigint: it is beyond every maximum.
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === "number",
  // JSON Schema says nothing of these two, which no path and no name can hold.
  string: (value) => typeof value === "string" && !value.includes("\0") && value.isWellFormed(),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

type Rule = (value: unknown, rule: never) => boolean;

function isObject(value: unknown): value is Record<string, unknown> {
  return TYPES.object(value);
}

const KEYWORDS: Readonly<Record<string, Rule>> = {
  $ref: (value, path: string) => follows(value, DOCUMENT.components.schemas[path.split("/").at(-1)!]),
  description: () => true,
  default: () => true,
  "x-unit": () => true,
  properties: (value, schemas: Record<string, Schema>) =>
    !isObject(value) ||
    Object.entries(value).every(([name, member]) =>
      Object.hasOwn(schemas, name) && follows(member, schemas[name])
    ),
  additionalProperties: () => true,
  required: (value, names: string[]) => !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
  type: (value, type: string) => TYPES[type](value),
  const: (value, only) => value === only,
  enum: (value, values: unknown[]) => values.includes(value),
  minimum: (value, least: number) => typeof value !== "number" || value >= least,
  maximum: (value, most: number) => typeof value !== "number" || value <= most,
  minLength: (value, least: number) => typeof value !== "string" || value.length >= least,
  maxLength: (value, most: number) => typeof value !== "string" || value.length <= most,
  pattern: (value, pattern: string) => typeof value !== "string" || new RegExp(pattern, "u").test(value),
  items: (value, schema: Schema) => !Array.isArray(value) || value.every((item) => follows(item, schema)),
  anyOf: (value, schemas: Schema[]) => schemas.some((schema) => follows(value, schema)),
  oneOf: (value, schemas: Schema[]) => schemas.filter((schema) => follows(value, schema)).length === 1,
  not: (value, schema: Schema) => !follows(value, schema),
};
