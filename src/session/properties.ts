/** Checks of the objects that the library is called with: names and types of their properties. Pure. */
import { nearestNames, SbError } from "../core/mod.ts";

/** What a property may be. */
export type PropertyType = "string" | "number" | "boolean" | "object" | "list";

/** Properties by name; several types where several are taken, `null` among them where that says something. */
export type Properties = Readonly<Record<string, readonly (PropertyType | "null")[]>>;

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
}

function withArticle(type: string): string {
  return type === "null" ? type : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/**
 * Makes sure that a value is an object whose properties are known and of their types; what is `undefined` is not there.
 *
 * @param what the object, as errors name it: `the probe`
 * @throws SbError `usage.option`, with the nearest name
 */
export function checkProperties(value: unknown, properties: Properties, what: string): void {
  if (typeOf(value) !== "object") {
    throw new SbError(
      "usage.option",
      `Cannot use ${what}: it is ${withArticle(typeOf(value))}, not an object`,
    );
  }
  for (const [name, property] of Object.entries(value as object)) {
    if (!Object.hasOwn(properties, name)) {
      const [nearest] = nearestNames(name, Object.keys(properties), 1);
      throw new SbError("usage.option", `Cannot use "${name}" of ${what}: there is no such property`, {
        hint: nearest ? `Did you mean ${nearest}?` : `Use one of ${Object.keys(properties).join(", ")}`,
      });
    }
    const types: readonly string[] = properties[name];
    if (property !== undefined && !types.includes(typeOf(property))) {
      throw new SbError(
        "usage.option",
        `Cannot use "${name}" of ${what}: it is ${withArticle(typeOf(property))}, not ${
          types.map(withArticle).join(" or ")
        }`,
      );
    }
  }
}

/** Makes sure that a word is one of several. @throws SbError `usage.option` */
export function checkWord(
  word: string | undefined,
  words: readonly string[],
  { name, what }: { name: string; what: string },
): void {
  if (word === undefined || words.includes(word)) return;
  const [nearest] = nearestNames(word, words, 1);
  throw new SbError(
    "usage.option",
    `Cannot use ${what}: ${name} is "${word}", which is not one of ${words.join(", ")}`,
    nearest ? { hint: `Did you mean ${nearest}?` } : {},
  );
}
