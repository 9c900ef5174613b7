/** Constants in Rust v0 names: integers, `bool`, `char`, strings, references, arrays, tuples, structures. Pure. */
import type { V0Writer } from "./rust_v0.ts";
import { NotRustV0 } from "./rust_v0_reader.ts";

const ESCAPES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\\": "\\\\" };

/** A literal as Rust writes it. @param quote the quotation mark around it */
function quoteLiteral(text: string, quote: "'" | '"'): string {
  const body = Array.from(text, (character) => {
    if (character === quote) return `\\${quote}`;
    const code = character.codePointAt(0) as number;
    if (ESCAPES[character] !== undefined) return ESCAPES[character];
    return code < 0x20 || code === 0x7f ? `\\u{${code.toString(16)}}` : character;
  });
  return quote + body.join("") + quote;
}

function characterOf(hex: string): string {
  const code = hex === "" ? 0 : parseInt(hex, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new NotRustV0();
  return String.fromCodePoint(code);
}

function textOf(hex: string): string {
  if (hex.length % 2 !== 0) throw new NotRustV0();
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotRustV0();
  }
}

/** The constants that are written as they are, by their type. @returns undefined for the others */
function literal(writer: V0Writer, tag: string): string | undefined {
  const { reader } = writer;
  switch (tag) {
    case "p":
      return "_";
    case "a":
    case "s":
    case "l":
    case "x":
    case "n":
    case "i": {
      const sign = reader.eat("n") ? "-" : "";
      return `${sign}${BigInt(`0x0${reader.hexDigits()}`)}`;
    }
    case "h":
    case "t":
    case "m":
    case "y":
    case "o":
    case "j":
      return `${BigInt(`0x0${reader.hexDigits()}`)}`;
    case "b": {
      const digits = reader.hexDigits();
      if (digits !== "0" && digits !== "1") throw new NotRustV0();
      return digits === "1" ? "true" : "false";
    }
    case "c":
      return quoteLiteral(characterOf(reader.hexDigits()), "'");
    default:
      return undefined;
  }
}

/** `Name`, `Name(1, 2)` or `Name { field: 1 }`. */
function writeStructure(writer: V0Writer): void {
  const { reader } = writer;
  writer.path("value");
  const tag = reader.take();
  if (tag === "U") return;
  if (tag === "T") {
    writer.write("(");
    writer.list(", ", () => writer.constant({ inValue: true }));
    writer.write(")");
  } else if (tag === "S") {
    writer.write(" { ");
    writer.list(", ", () => {
      reader.tagged62("s");
      writer.write(`${reader.identifier()}: `);
      writer.constant({ inValue: true });
    });
    writer.write(" }");
  } else {
    throw new NotRustV0();
  }
}

function writeCompound(writer: V0Writer, tag: string): void {
  const { reader } = writer;
  switch (tag) {
    case "e":
      // A bare `str` is a place that a string literal points to.
      return writer.write(`*${quoteLiteral(textOf(reader.hexDigits()), '"')}`);
    case "R":
      if (reader.eat("e")) return writer.write(quoteLiteral(textOf(reader.hexDigits()), '"'));
      writer.write("&");
      return writer.constant({ inValue: true });
    case "Q":
      writer.write("&mut ");
      return writer.constant({ inValue: true });
    case "A":
      writer.write("[");
      writer.list(", ", () => writer.constant({ inValue: true }));
      return writer.write("]");
    case "T": {
      writer.write("(");
      const count = writer.list(", ", () => writer.constant({ inValue: true }));
      return writer.write(count === 1 ? ",)" : ")");
    }
    case "V":
      return writeStructure(writer);
    default:
      throw new NotRustV0();
  }
}

/** Reads and writes one constant: its type's tag and its data. */
export function writeV0Constant(writer: V0Writer, { inValue }: { inValue: boolean }): void {
  const tag = writer.reader.take();
  if (tag === "B") return writer.reader.backReference(() => writer.constant({ inValue }));
  const text = literal(writer, tag);
  if (text !== undefined) return writer.write(text);
  const braces = !inValue && !(tag === "R" && writer.reader.next === "e");
  if (braces) writer.write("{");
  writeCompound(writer, tag);
  if (braces) writer.write("}");
}
