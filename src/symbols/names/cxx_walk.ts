/** Walks a mangled C++ name by the grammar of the Itanium C++ ABI, 5.1, as libiberty does, and measures it. */
import { BINARY, CAST, OF_TYPE, UNARY } from "./cxx_operators.ts";
import { Reader, type Size, Unknown } from "./cxx_reader.ts";

/** `std::basic_string<char, std::char_traits<char>, std::allocator<char> >`, and its constructor's name. */
export const STANDARD_BYTES = 120;

/** A walk over one name. @throws Unknown */
export class Walk extends Reader {
  /** What `S_`, `S0_` … stand for, in order. */
  readonly #table: Size[] = [];
  /** How many entries of the table may be too many: whether they are entered differs between versions of libiberty. */
  #uncertain = 0;
  #longestName = 0;
  /** The largest template argument of a function's name: what `T_` can stand for. */
  #argument: Size = { bytes: 0, parameters: 0 };
  #arguments = 1;
  #encodings = 0;

  bound(): number {
    this.#encoding();
    if (!this.ended) throw new Unknown();
    let argument = 0;
    for (let depth = 0; depth < this.#encodings; depth++) {
      argument = this.#argument.bytes + this.#argument.parameters * argument;
    }
    return this.size.bytes + this.size.parameters * argument;
  }

  #enter(size: Size): void {
    this.#table.push({ ...size });
  }

  #encoding(): void {
    this.#encodings++;
    this.measure(() => {
      if (/[TG]/.test(this.peek())) return this.#special();
      this.#name();
      while (!this.ended && this.peek() !== "E") this.#type();
    });
  }

  #special(): void {
    const code = this.take(2);
    if (/^T[VTIS]$/.test(code)) return this.#type();
    if (code === "TC") {
      this.#type();
      this.match(/\d+_/y);
      return this.#type();
    }
    if (/^T[hvc]$/.test(code)) {
      // One offset, or the two of a covariant thunk, each with its kind before it.
      for (let left = code === "Tc" ? 2 : 1; left > 0; left--) {
        const kind = code === "Tc" ? this.take() : code[1];
        this.match(kind === "v" ? /n?\d+_n?\d+_/y : /n?\d+_/y);
      }
      return this.#encoding();
    }
    if (/^(?:TW|TH|GV|GR)$/.test(code)) {
      this.#name();
      if (code === "GR") this.match(/[0-9A-Z]*_/y);
      return;
    }
    if (code === "GA" || code === "GT" && this.match(/[nt]/y)) return this.#encoding();
    throw new Unknown();
  }

  /** A name; returns whether it is nothing but an abbreviation of `std::`, which is not entered as a type. */
  #name(): boolean {
    const next = this.peek();
    if (next === "N") {
      this.#nested();
      return false;
    }
    if (next === "Z") {
      this.measure(() => this.#local());
      return false;
    }
    let abbreviation = false;
    let known = false;
    const size = this.measure(() => {
      if (next === "S" && this.peek(2) !== "St") {
        abbreviation = this.#substitution();
        known = true;
      } else {
        if (next === "S") this.take(2);
        this.#unqualified();
      }
    });
    if (this.peek() !== "I") return abbreviation;
    if (!known) this.#enter(size);
    this.#templateArguments();
    return false;
  }

  #local(): void {
    this.take();
    this.#encoding();
    this.expect("E");
    if (this.takeIf("s")) return this.#discriminator();
    if (this.takeIf("d")) this.match(/\d*_/y);
    this.#name();
    this.#discriminator();
  }

  #discriminator(): void {
    this.match(/__\d+_|_\d/y);
  }

  #nested(): void {
    this.take();
    this.match(/[rVK]*/y);
    this.match(/[RO]/y);
    const prefix: Size = { bytes: 0, parameters: 0 };
    while (this.peek() !== "E") {
      const first = this.peek();
      if (this.takeIf("M")) continue;
      const size = this.measure(() => {
        if (first === "S" && this.peek(2) !== "St") this.#substitution();
        else if (first === "S") this.take(2);
        else if (first === "I") this.#templateArguments();
        else if (first === "T") this.#parameter();
        else if (/^D[tT]/.test(this.peek(2))) this.#decltype();
        else this.#unqualified();
      });
      prefix.bytes += size.bytes;
      prefix.parameters += size.parameters;
      if (first !== "S" && this.peek() !== "E") this.#enter(prefix);
    }
    this.take();
  }

  #unqualified(): void {
    const next = this.peek();
    if (/\d/.test(next)) this.#sourceName();
    else if (next === "L") {
      this.take();
      this.#sourceName();
      this.#discriminator();
    } else if (next === "U") this.#unnamed();
    else if (next === "C" || next === "D") {
      if (this.takeIf("DC")) this.repeat(() => this.#sourceName());
      else if (this.match(/CI[1-5]/y)) this.#type();
      else if (!this.match(/C[1-5]|D[0-5]/y)) throw new Unknown();
      this.size.bytes += this.#longestName + STANDARD_BYTES;
    } else if (this.takeIf("cv")) this.#type();
    else if (this.takeIf("li")) this.#sourceName();
    else if (!this.match(/[a-z][a-zA-Z]/y)) throw new Unknown();
    while (this.takeIf("B")) this.#sourceName();
  }

  #sourceName(): void {
    const length = Number(this.match(/\d{1,5}/y) ?? NaN);
    if (!(length > 0)) throw new Unknown();
    this.take(length);
    this.#longestName = Math.max(this.#longestName, length);
  }

  #unnamed(): void {
    if (this.takeIf("Ul")) {
      // A template parameter of a lambda is written `auto:1`, or as what it is in older versions.
      this.repeat(() => this.#type());
    } else this.expect("Ut");
    this.match(/\d*_/y);
    this.#uncertain++;
    this.#enter(this.size);
  }

  /** Returns whether it is `Ss` or its like, which stand for `std::string`. */
  #substitution(): boolean {
    this.expect("S");
    const code = this.match(/[abiosd]|[0-9A-Z]*_/y);
    if (code === null) throw new Unknown();
    if (!code.endsWith("_")) {
      this.size.bytes += STANDARD_BYTES;
      while (this.takeIf("B")) this.#sourceName();
      return true;
    }
    const index = code === "_" ? 0 : parseInt(code, 36) + 1;
    const [first, last] = [index - this.#uncertain, index + this.#uncertain].map((at) => Math.max(0, at));
    const fitting = this.#table.slice(first, last + 1);
    if (fitting.length === 0) throw new Unknown();
    this.add({
      bytes: Math.max(...fitting.map(({ bytes }) => bytes)),
      parameters: Math.max(...fitting.map(({ parameters }) => parameters)),
    });
    return false;
  }

  #parameter(): void {
    if (!this.match(/T(?:L\d*_)?\d*_/y)) throw new Unknown();
    this.size.parameters++;
  }

  #templateArguments(): void {
    if (!this.takeIf("I")) this.expect("J");
    this.repeat(() => {
      this.#arguments++;
      const size = this.measure(() => this.#templateArgument());
      this.#argument = {
        bytes: Math.max(this.#argument.bytes, size.bytes),
        parameters: Math.max(this.#argument.parameters, size.parameters),
      };
    });
  }

  #templateArgument(): void {
    const next = this.peek();
    if (next === "L") this.#literal();
    else if (next === "I" || next === "J") this.#templateArguments();
    else if (this.takeIf("X")) {
      this.#expression();
      this.expect("E");
    } else this.#type();
  }

  #literal(): void {
    this.expect("L");
    if (this.takeIf("_Z") || this.takeIf("Z")) this.#encoding();
    else {
      this.#type();
      this.match(/[0-9a-zA-DF-Z_.]*/y);
    }
    this.expect("E");
  }

  #decltype(): void {
    this.take(2);
    this.#expression();
    this.expect("E");
  }

  #type(): void {
    let entered = true;
    const size = this.measure(() => entered = this.#typeBody());
    if (entered) this.#enter(size);
  }

  /** Returns whether the type is entered in the table. */
  #typeBody(): boolean {
    if (this.match(/(?:[rVK]|Dx)+/y)) {
      // Qualifiers before a function type belong to it.
      if (this.peek() === "F") this.#functionType();
      else this.#type();
      return true;
    }
    const next = this.peek();
    if (/[\dNZ]/.test(next)) this.#name();
    else if (/[PROCG]/.test(next)) {
      this.take();
      this.#type();
    } else if (next === "F") this.#functionType();
    else if (next === "A") this.#array();
    else if (this.takeIf("M")) {
      this.#type();
      this.#type();
    } else if (next === "T") {
      const parameter = this.measure(() => this.#parameter());
      if (this.peek() === "I") {
        this.#enter(parameter);
        this.#templateArguments();
      }
    } else if (next === "S") return this.#substitutionType();
    else if (this.takeIf("U")) {
      this.#sourceName();
      if (this.peek() === "I") this.#templateArguments();
      this.#type();
    } else if (this.takeIf("u")) {
      this.#sourceName();
      if (this.peek() === "I") this.#templateArguments();
    } else if (next === "D") return this.#extendedType();
    else if (this.match(/[a-z]/y)) return false;
    else throw new Unknown();
    return true;
  }

  #substitutionType(): boolean {
    if (/^S[0-9A-Z_]/.test(this.peek(2))) {
      this.#substitution();
      if (this.peek() !== "I") return false;
      this.#templateArguments();
      return true;
    }
    return !this.#name();
  }

  #functionType(): void {
    this.expect("F");
    this.takeIf("Y");
    while (!this.takeIf("E")) if (!this.match(/[RO](?=E)/y)) this.#type();
  }

  #array(): void {
    this.take();
    if (!this.match(/\d+(?=_)/y) && this.peek() !== "_") this.#expression();
    this.expect("_");
    this.#type();
  }

  #extendedType(): boolean {
    if (/^D[tT]/.test(this.peek(2))) {
      this.#decltype();
      return true;
    }
    if (this.takeIf("Dp")) {
      this.#pack(() => this.#type());
      return true;
    }
    if (this.takeIf("Dv")) {
      if (!this.match(/\d+/y)) {
        this.take();
        this.#expression();
      }
      this.expect("_");
      this.#type();
      return true;
    }
    if (this.match(/D(?:[acnfdehsiu]|F\d+[_xb]?)/y)) return false;
    throw new Unknown();
  }

  /** A pattern that is written once for each argument of a pack. */
  #pack(pattern: () => void): void {
    const size = this.measure(pattern);
    const more = this.#arguments - 1;
    this.add({ bytes: size.bytes * more, parameters: size.parameters * more });
  }

  #expression(): void {
    this.measure(() => this.#expressionBody());
  }

  /** `sr` and a type, or namespaces and classes up to an E, and a name in it. */
  #unresolved(): void {
    const nested = this.takeIf("N");
    const named = /\d/.test(this.peek());
    if (!named) this.#type();
    if (!named && !nested) return this.#baseName();
    while (/\d/.test(this.peek())) {
      const size = this.measure(() => this.#baseName());
      // Versions of libiberty differ in what of it they enter.
      this.#uncertain++;
      this.#enter(size);
    }
    if (/^E(?:\d|on)/.test(this.peek(3))) {
      this.take();
      this.#baseName();
    }
  }

  #baseName(): void {
    this.takeIf("on");
    this.#unqualified();
    if (this.peek() === "I") this.#templateArguments();
  }

  #expressionBody(): void {
    const next = this.peek();
    if (next === "L") return this.#literal();
    if (next === "T") return this.#parameter();
    if (this.takeIf("sr")) return this.#unresolved();
    if (this.takeIf("sp")) return this.#pack(() => this.#expression());
    if (this.takeIf("sZ")) return this.peek() === "T" ? this.#parameter() : this.#expression();
    if (this.match(/f(?:L\d+)?p[rVK]*(?:\d*_|T)/y)) return;
    if (/\d/.test(next) || this.peek(2) === "on") return this.#baseName();
    if (this.takeIf("cl") || this.takeIf("il")) return this.repeat(() => this.#expression());
    if (this.takeIf("tl")) {
      this.#type();
      return this.repeat(() => this.#expression());
    }
    if (this.takeIf("cv")) {
      this.#type();
      if (this.takeIf("_")) this.repeat(() => this.#expression());
      else this.#expression();
      return;
    }
    if (this.takeIf("dt") || this.takeIf("pt")) {
      this.#expression();
      return this.#baseName();
    }
    this.takeIf("gs");
    const code = this.match(/[a-z][a-zA-Z]/y);
    if (code === null) throw new Unknown();
    if (UNARY.has(code)) {
      this.takeIf("_");
      this.#expression();
    } else if (BINARY.has(code)) {
      this.#expression();
      this.#expression();
    } else if (OF_TYPE.has(code)) this.#type();
    else if (CAST.has(code)) {
      this.#type();
      this.#expression();
    } else if (code === "qu") {
      for (let operand = 0; operand < 3; operand++) this.#expression();
    } else if (code !== "tr") throw new Unknown();
  }
}
