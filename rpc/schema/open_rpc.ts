/** The answer of rpc.discover: an OpenRPC 1.3 document (spec.open-rpc.org). */
import { type Components, type JsonSchema, jsonSchema } from "./json_schema.ts";
import { type MethodName, type MethodRow, METHODS, NOTIFICATIONS } from "./methods.ts";
import { EVERYWHERE, type NumberName, NUMBERS } from "./numbers.ts";
import { isOptional, type ObjectShape } from "./shape.ts";

/** The version of OpenRPC that the document follows. */
const OPENRPC = "1.3.2";

/** @param version the version of `sb` */
export function openRpcDocument(version: string): Record<string, unknown> {
  const components: Components = new Map();
  const methods = (Object.keys(METHODS) as MethodName[]).map((name) => methodObject(name, components));
  const notifications = Object.entries(NOTIFICATIONS).map(([name, { sentence, params }]) => ({
    name,
    summary: sentence,
    params: descriptors(params, components),
  }));
  return {
    openrpc: OPENRPC,
    info: {
      title: "sb",
      description:
        "Scoped perturbation of native code: JSON-RPC 2.0, one JSON text a line, over a Unix stream socket.",
      version,
    },
    methods,
    // OpenRPC has no place for what a server sends unasked.
    "x-notifications": notifications,
    components: {
      schemas: Object.fromEntries(components),
      errors: Object.fromEntries(
        Object.entries(NUMBERS).map(([name, { code, sentence }]) => [name, { code, message: sentence }]),
      ),
    },
  };
}

function methodObject(name: MethodName, components: Components): Record<string, unknown> {
  const { sentence, details, params, result, errors }: MethodRow = METHODS[name];
  return {
    name,
    summary: sentence,
    ...(details === "" ? {} : { description: details }),
    paramStructure: "by-name",
    params: descriptors(params, components),
    ...rules(params),
    result: { name: "result", schema: jsonSchema(result, components) },
    errors: [...EVERYWHERE, ...errors].map((row: NumberName) => ({ $ref: `#/components/errors/${row}` })),
  };
}

function descriptors(params: ObjectShape, components: Components): JsonSchema[] {
  return Object.entries(params.members).map(([name, shape]) => ({
    name,
    summary: shape.sentence,
    required: !isOptional(shape),
    schema: jsonSchema(shape, components),
  }));
}

/** Rules over several parameters, for which OpenRPC has no place either. */
function rules({ exactlyOne, atMostOne, atLeastOne }: ObjectShape): Record<string, unknown> {
  return {
    ...(exactlyOne.length > 0 ? { "x-exactly-one": exactlyOne } : {}),
    ...(atMostOne.length > 0 ? { "x-at-most-one": atMostOne } : {}),
    ...(atLeastOne.length > 0 ? { "x-at-least-one": atLeastOne } : {}),
  };
}
