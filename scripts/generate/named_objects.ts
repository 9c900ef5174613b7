/** The objects of the protocol that have a name, in an order in which each stands after those that it is made of. */
import { METHODS, NOTIFICATIONS, type ObjectShape, type Shape } from "../../rpc/schema/mod.ts";

/** An object with its name. */
export type NamedObject = ObjectShape & { name: string };

/** @returns objects without members left out: nobody holds one */
export function namedObjects(): NamedObject[] {
  const found = new Map<string, NamedObject>();
  function visit(shape: Shape): void {
    if (shape.type === "nullable" || shape.type === "list") visit(shape.of);
    if (shape.type !== "object") return;
    const members: readonly Shape[] = Object.values(shape.members);
    members.forEach(visit);
    if (shape.name !== undefined && members.length > 0 && !found.has(shape.name)) {
      found.set(shape.name, { ...shape, name: shape.name });
    }
  }
  for (const { params, result } of Object.values(METHODS)) {
    visit(params);
    visit(result);
  }
  for (const { params } of Object.values(NOTIFICATIONS)) visit(params);
  return [...found.values()];
}

/** The sentence of a member, with its unit. */
export function sentenceWithUnit(shape: Shape): string {
  const inner = shape.type === "nullable" ? shape.of : shape;
  const isNumber = inner.type === "integer" || inner.type === "number";
  return isNumber ? `${shape.sentence.replace(/\.$/, "")} (${inner.unit}).` : shape.sentence;
}

/** Breaks a text into lines of comment. @param prefix what each line begins with */
export function commentLines(text: string, prefix: string, width = 100): string[] {
  const lines: string[] = [];
  let line = prefix;
  for (const word of text.split(" ")) {
    if (line !== prefix && line.length + 1 + word.length > width) {
      lines.push(line);
      line = prefix;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
