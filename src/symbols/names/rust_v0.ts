/** Rust's v0 mangling (RFC 2603), read whole: paths, types, constants. No hashes are shown. Pure. */
import { BASIC_TYPES, NotRustV0, V0Reader } from "./rust_v0_reader.ts";
import { writeV0Constant } from "./rust_v0_constant.ts";

/** The longest text a name may give. */
const MAX_OUTPUT = 65_536;

/** What a path stands in: expressions write generics as `::<T>`, types as `<T>`. */
type PathUse = "value" | "type";

/** Writes one name. Methods follow the productions of RFC 2603, "Syntax of mangled names". */
export class V0Writer {
  readonly reader: V0Reader;
  #parts: string[] = [];
  #sizeChars = 0;
  #silent = 0;
  /** Lifetimes that binders around the current place bind. */
  #bound = 0;

  constructor(text: string) {
    this.reader = new V0Reader(text);
  }

  get text(): string {
    return this.#parts.join("");
  }

  write(text: string): void {
    if (this.#silent > 0) return;
    this.#sizeChars += text.length;
    if (this.#sizeChars > MAX_OUTPUT) throw new NotRustV0();
    this.#parts.push(text);
  }

  /** Reads without writing. */
  skip(read: () => void): void {
    this.#silent++;
    read();
    this.#silent--;
  }

  /** Items up to `E`. @returns how many */
  list(separator: string, item: () => void): number {
    let count = 0;
    while (!this.reader.eat("E")) {
      if (count++ > 0) this.write(separator);
      item();
    }
    return count;
  }

  path(use: PathUse): void {
    this.reader.nested(() => this.#path(use));
  }

  #path(use: PathUse): void {
    const reader = this.reader;
    switch (reader.take()) {
      case "C":
        reader.tagged62("s");
        return this.write(reader.identifier());
      case "N":
        return this.#nestedPath(use);
      case "M":
        this.#implPath();
        return this.#qualified(false);
      case "X":
        this.#implPath();
        return this.#qualified(true);
      case "Y":
        return this.#qualified(true);
      case "I":
        this.path(use);
        this.write(use === "value" ? "::<" : "<");
        this.list(", ", () => this.#genericArgument());
        return this.write(">");
      case "B":
        return reader.backReference(() => this.path(use));
      default:
        throw new NotRustV0();
    }
  }

  #nestedPath(use: PathUse): void {
    const reader = this.reader;
    const namespace = reader.take();
    if (!/[A-Za-z]/.test(namespace)) throw new NotRustV0();
    this.path(use);
    const disambiguator = reader.tagged62("s");
    const name = reader.identifier();
    if (/[a-z]/.test(namespace)) {
      if (name !== "") this.write(`::${name}`);
      return;
    }
    const kind = namespace === "C" ? "closure" : namespace === "S" ? "shim" : namespace;
    this.write(`::{${kind}${name === "" ? "" : `:${name}`}#${disambiguator}}`);
  }

  /** Where the impl stands, which is not part of what people call it. */
  #implPath(): void {
    this.reader.tagged62("s");
    this.skip(() => this.path("value"));
  }

  /** `<T>` or `<T as Trait>`. */
  #qualified(trait: boolean): void {
    this.write("<");
    this.type();
    if (trait) {
      this.write(" as ");
      this.path("type");
    }
    this.write(">");
  }

  #genericArgument(): void {
    if (this.reader.eat("L")) this.#lifetime(this.reader.base62());
    else if (this.reader.eat("K")) this.constant({ inValue: false });
    else this.type();
  }

  /** @param index 0 is erased, otherwise a De Bruijn index from 1 */
  #lifetime(index: number): void {
    if (index > this.#bound) throw new NotRustV0();
    const depth = this.#bound - index;
    this.write(index === 0 ? "'_" : depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`);
  }

  #binder(read: () => void): void {
    const count = this.reader.tagged62("G");
    if (count > 1000) throw new NotRustV0();
    if (count > 0) {
      this.write("for<");
      for (let index = 0; index < count; index++) {
        this.#bound++;
        if (index > 0) this.write(", ");
        this.#lifetime(1);
      }
      this.write("> ");
    }
    read();
    this.#bound -= count;
  }

  type(): void {
    this.reader.nested(() => this.#type());
  }

  #type(): void {
    const reader = this.reader;
    const tag = reader.take();
    if (tag in BASIC_TYPES) return this.write(BASIC_TYPES[tag]);
    switch (tag) {
      case "R":
      case "Q":
        this.write("&");
        if (reader.eat("L")) {
          const lifetime = reader.base62();
          if (lifetime !== 0) {
            this.#lifetime(lifetime);
            this.write(" ");
          }
        }
        if (tag === "Q") this.write("mut ");
        return this.type();
      case "P":
      case "O":
        this.write(tag === "P" ? "*const " : "*mut ");
        return this.type();
      case "A":
        this.write("[");
        this.type();
        this.write("; ");
        this.constant({ inValue: true });
        return this.write("]");
      case "S":
        this.write("[");
        this.type();
        return this.write("]");
      case "T": {
        this.write("(");
        const count = this.list(", ", () => this.type());
        return this.write(count === 1 ? ",)" : ")");
      }
      case "F":
        return this.#binder(() => this.#functionType());
      case "D":
        this.write("dyn ");
        this.#binder(() => this.list(" + ", () => this.#dynTrait()));
        return this.#dynLifetime();
      case "B":
        return reader.backReference(() => this.type());
      default:
        reader.at--;
        return this.path("type");
    }
  }

  #functionType(): void {
    const reader = this.reader;
    if (reader.eat("U")) this.write("unsafe ");
    if (reader.eat("K")) {
      const abi = reader.eat("C") ? "C" : reader.identifier().replaceAll("_", "-");
      this.write(`extern "${abi}" `);
    }
    this.write("fn(");
    this.list(", ", () => this.type());
    this.write(")");
    if (reader.eat("u")) return;
    this.write(" -> ");
    this.type();
  }

  #dynLifetime(): void {
    if (!this.reader.eat("L")) throw new NotRustV0();
    const lifetime = this.reader.base62();
    if (lifetime === 0) return;
    this.write(" + ");
    this.#lifetime(lifetime);
  }

  /** A trait with its associated types, which join its generics: `Iterator<Item = u8>`. */
  #dynTrait(): void {
    let open = this.#openTraitPath();
    while (this.reader.eat("p")) {
      this.write(open ? ", " : "<");
      open = true;
      this.write(`${this.reader.identifier()} = `);
      this.type();
    }
    if (open) this.write(">");
  }

  /** @returns whether generics were begun and not closed */
  #openTraitPath(): boolean {
    const reader = this.reader;
    let open = false;
    if (reader.eat("B")) {
      reader.backReference(() => open = this.#openTraitPath());
    } else if (reader.eat("I")) {
      this.path("type");
      this.write("<");
      this.list(", ", () => this.#genericArgument());
      open = true;
    } else {
      this.path("type");
    }
    return open;
  }

  /** @param inValue whether an expression stands around it, so that it needs no braces */
  constant({ inValue }: { inValue: boolean }): void {
    this.reader.nested(() => writeV0Constant(this, { inValue }));
  }
}

/** The path of a v0 name (`_R…`); null when it is none, or is too deep or too long. */
export function demangleRustV0(name: string): string | null {
  // A digit behind `_R` would be a version of the encoding; there is only the one without (RFC 2603).
  if (!/^_R[A-Z][\x21-\x7e]*$/.test(name)) return null;
  const suffixAt = name.search(/[.$]/);
  const writer = new V0Writer(suffixAt < 0 ? name.slice(2) : name.slice(2, suffixAt));
  try {
    writer.path("value");
    if (/[A-Z]/.test(writer.reader.next)) writer.skip(() => writer.path("value"));
  } catch (error) {
    if (error instanceof NotRustV0) return null;
    throw error;
  }
  return writer.reader.next === "" ? writer.text : null;
}
