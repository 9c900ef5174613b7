/** The parameters of `sb call`, as a person writes them: one JSON object, or words KEY=VALUE. Pure. */
import { SbError } from "../core/mod.ts";

type Params = Record<string, unknown>;

function refuse(word: string, seen: string): SbError {
  return new SbError("usage.option", `Cannot read "${word}": ${seen}`, {
    hint: `Write KEY=VALUE, or one JSON object: '{"target":"libc.so.6:malloc","spec":"5us"}'`,
  });
}

function readObject(text: string): Params {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse(text, (error as Error).message);
  }
}

/** A number, a word of JSON, a list, an object or a string in quotes is that; all else is text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Puts a value where `scope.tree` says. */
function put(params: Params, word: string): void {
  const equals = word.indexOf("=");
  const names = word.slice(0, Math.max(equals, 0)).split(".");
  if (equals < 1 || names.includes("")) throw refuse(word, "it is not KEY=VALUE");
  const last = names.pop()!;
  let object = params;
  for (const name of names) {
    if (!Object.hasOwn(object, name)) object[name] = Object.create(null);
    const inner = object[name];
    if (typeof inner !== "object" || inner === null) throw refuse(word, `${name} has a value already`);
    object = inner as Params;
  }
  if (Object.hasOwn(object, last)) throw refuse(word, `${last} is given twice`);
  object[last] = readValue(word.slice(equals + 1));
}

/** Reads the words behind the method. @throws SbError `usage.option` */
export function readParams(words: readonly string[]): Params {
  if (words[0]?.trimStart().startsWith("{")) {
    if (words.length > 1) throw refuse(words[1], "it stands behind a JSON object");
    return readObject(words[0]);
  }
  const params: Params = Object.create(null);
  for (const word of words) put(params, word);
  return params;
}
