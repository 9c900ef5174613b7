/** The OpenRPC document against the rules of its meta schema (open-rpc/meta-schema, 1.3). */
import { assert, assertEquals } from "@std/assert";
import { METHODS, openRpcDocument } from "../../../../rpc/schema/mod.ts";

type Json = Record<string, unknown>;

const document = openRpcDocument("1.2.3") as Json & { methods: Json[]; components: Record<string, Json> };

interface Rule {
  required: readonly string[];
  /** Member → what it must be: a type name, or a test. */
  members: Readonly<Record<string, string | ((value: unknown, path: string) => void)>>;
  /** Whether members that begin with `x-` may stand there. */
  isOpen: boolean;
}

/** What the meta schema says of an object: what must be there, what may, and nothing else. */
function checkObject(value: unknown, path: string, rule: Rule): void {
  assert(typeof value === "object" && value !== null && !Array.isArray(value), `${path}: no object`);
  for (const name of rule.required) assert(name in value, `${path}.${name} is missing`);
  for (const [name, member] of Object.entries(value)) {
    if (rule.isOpen && name.startsWith("x-")) continue;
    const wanted = rule.members[name];
    assert(wanted !== undefined, `${path}.${name} is not in the meta schema`);
    if (typeof wanted === "function") wanted(member, `${path}.${name}`);
    else assertEquals(Array.isArray(member) ? "array" : typeof member, wanted, `${path}.${name}`);
  }
}

const INFO: Rule = {
  required: ["title", "version"],
  members: { title: "string", description: "string", termsOfService: "string", version: "string" },
  isOpen: true,
};
const ERROR: Rule = {
  required: ["code", "message"],
  members: { code: (value) => assert(Number.isInteger(value)), message: "string", data: () => {} },
  isOpen: false,
};
const REFERENCE: Rule = { required: ["$ref"], members: { $ref: checkReference }, isOpen: false };
const DESCRIPTOR: Rule = {
  required: ["name", "schema"],
  members: {
    name: nonEmpty,
    description: "string",
    summary: "string",
    schema: checkSchema,
    required: "boolean",
    deprecated: "boolean",
  },
  isOpen: true,
};
const METHOD: Rule = {
  required: ["name", "params", "result"],
  members: {
    name: nonEmpty,
    description: "string",
    summary: "string",
    paramStructure: (value) => assert(["by-position", "by-name", "either"].includes(value as string)),
    params: (value, path) => each(value, path, (item, at) => checkObject(item, at, DESCRIPTOR)),
    result: (value, path) => checkObject(value, path, DESCRIPTOR),
    errors: (value, path) => each(value, path, (item, at) => checkObject(item, at, REFERENCE)),
  },
  isOpen: true,
};

function each(value: unknown, path: string, check: (item: unknown, path: string) => void): void {
  assert(Array.isArray(value), path);
  value.forEach((item, index) => check(item, `${path}[${index}]`));
}

function nonEmpty(value: unknown, path: string): void {
  assert(typeof value === "string" && value !== "", path);
}

/** A reference leads to something in the document. */
function checkReference(value: unknown, path: string): void {
  assert(typeof value === "string" && value.startsWith("#/"), path);
  let at: unknown = document;
  for (const part of value.slice(2).split("/")) at = (at as Json | undefined)?.[part];
  assert(at !== undefined, `${path}: ${value} leads nowhere`);
}

/** Keywords of JSON Schema draft 7 that are used, and what they hold. */
const KEYWORDS: Readonly<Record<string, (value: unknown, path: string) => void>> = {
  $ref: checkReference,
  description: nonEmpty,
  type: (value) =>
    assert(["object", "array", "string", "integer", "number", "boolean", "null"].includes(value as string)),
  default: () => {},
  const: () => {},
  enum: (value, path) => each(value, path, nonEmpty),
  minimum: (value) => assert(typeof value === "number"),
  maximum: (value) => assert(typeof value === "number"),
  minLength: (value) => assert(Number.isInteger(value)),
  maxLength: (value) => assert(Number.isInteger(value)),
  pattern: (value) => void new RegExp(value as string, "u"),
  items: checkSchema,
  properties: (value) => Object.entries(value as Json).forEach(([name, schema]) => checkSchema(schema, name)),
  required: (value, path) => each(value, path, nonEmpty),
  additionalProperties: (value) => assertEquals(value, false),
  anyOf: (value, path) => each(value, path, checkSchema),
  oneOf: (value, path) => each(value, path, checkSchema),
  not: checkSchema,
  "x-unit": nonEmpty,
};

function checkSchema(value: unknown, path: string): void {
  assert(typeof value === "object" && value !== null, path);
  for (const [keyword, inner] of Object.entries(value)) {
    assert(keyword in KEYWORDS, `${path}.${keyword} is no keyword`);
    KEYWORDS[keyword](inner, `${path}.${keyword}`);
  }
}

Deno.test("the document follows the meta schema of OpenRPC", () => {
  checkObject(document, "document", {
    required: ["openrpc", "info", "methods"],
    members: {
      openrpc: (value) => assertEquals(value, "1.3.2"),
      info: (value, path) => checkObject(value, path, INFO),
      methods: (value, path) => each(value, path, (item, at) => checkObject(item, at, METHOD)),
      components: "object",
    },
    isOpen: true,
  });
  assertEquals(Object.keys(document.components), ["schemas", "errors"]);
  for (const [name, schema] of Object.entries(document.components.schemas)) checkSchema(schema, name);
  for (const [name, error] of Object.entries(document.components.errors)) checkObject(error, name, ERROR);
});

Deno.test("the document has every method once, with the version that it was asked for", () => {
  assertEquals(document.methods.map(({ name }) => name), Object.keys(METHODS));
  assertEquals((document.info as Json).version, "1.2.3");
});

Deno.test("required parameters stand before optional ones where a method takes both", () => {
  for (const { name, params } of document.methods) {
    const flags = (params as Json[]).map(({ required }) => required);
    assertEquals(flags, flags.toSorted((x, y) => Number(y) - Number(x)), String(name));
  }
});

Deno.test("the document survives JSON", () => {
  assertEquals(JSON.parse(JSON.stringify(document)), document);
});
