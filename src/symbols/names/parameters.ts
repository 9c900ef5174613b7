/** Takes demangled C++ names apart: what is before the name, the name, its parameters. Pure. */

/** Longest first, so that `operator<<=` is not `operator<` with something behind it. */
const OPERATOR =
  /operator(?:\(\)|\[\]|<=>|<<=|>>=|->\*|<<|>>|<=|>=|->|&&|\|\||\+\+|--|==|!=|[-+*/%^&|]=|[-+*/%^&|~!<>=,]|"" ?\w+| new\[\]| delete\[\]| new(?!\w)| delete(?!\w)| co_await)/y;
const CONVERSION = /operator (?=[\w:(])/y;
const SCOPE_QUALIFIERS = /(?: const| volatile| &&?)+(?=::)/y;
const CLONE = /(?: \[clone [^\]]*\])+$/;
const AFTER_PARAMETERS = /^(?: const| volatile| noexcept| &&?|\[abi:\w+\])*$/;
/** What libstdc++ writes before the names of things that belong to a function, and are not it. */
const SPECIAL =
  /^(?:(?:(?:non-virtual|virtual|covariant return) )?thunk to|covariant return thunk to|guard variable for|reference temporary #\d+ for|TLS (?:init|wrapper) function for|transaction clone for|non-transaction clone for) /;

/** Where the parts of a name lie, outside of every bracket. */
interface Scan {
  /** Round brackets, in order. */
  groups: { start: number; end: number }[];
  /** Blanks between words. */
  blanks: number[];
  /** Where a conversion operator (`operator int`) begins; −1 without one. */
  conversionAt: number;
}

const CLOSING: Record<string, string> = { "(": ")", "<": ">", "[": "]", "{": "}" };

/** @returns undefined when the brackets do not match */
function scan(text: string): Scan | undefined {
  const found: Scan = { groups: [], blanks: [], conversionAt: -1 };
  const open: { closing: string; at: number }[] = [];
  for (let at = 0; at < text.length;) {
    const character = text[at];
    if (character === "o" && !/\w/.test(text[at - 1] ?? " ")) {
      OPERATOR.lastIndex = CONVERSION.lastIndex = at;
      const end = OPERATOR.test(text) ? OPERATOR.lastIndex : -1;
      if (end > 0) {
        // `operator< <int>`: that blank only keeps the two apart.
        at = text.startsWith(" <", end) ? end + 1 : end;
        continue;
      }
      if (CONVERSION.test(text)) {
        if (open.length === 0) found.conversionAt = at;
        at = CONVERSION.lastIndex;
        continue;
      }
    }
    if (character === "-" && text[at + 1] === ">") {
      at += 2;
      continue;
    }
    if (character in CLOSING) {
      open.push({ closing: CLOSING[character], at });
    } else if (character === ")" || character === ">" || character === "]" || character === "}") {
      const last = open.pop();
      if (last?.closing !== character) return undefined;
      if (open.length === 0 && character === ")") found.groups.push({ start: last.at, end: at + 1 });
      SCOPE_QUALIFIERS.lastIndex = at + 1;
      if (open.length === 0 && character === ")" && SCOPE_QUALIFIERS.test(text)) {
        at = SCOPE_QUALIFIERS.lastIndex;
        continue;
      }
    } else if (character === " " && open.length === 0) {
      found.blanks.push(at);
    }
    at++;
  }
  return open.length === 0 ? found : undefined;
}

/** A demangled name in parts: `int Foo::bar<int>(char) const` has the name `Foo::bar<int>`. */
export interface NameParts {
  /** `Foo::bar`; with the words before it for thunks and guards. */
  name: string;
  /** `(int) const`; empty for names without parameters, and for Rust. */
  parameters: string;
  /** ` [clone .cold]`; empty for the function itself. */
  clone: string;
}

function splitDeclaration(text: string): { name: string; parameters: string } {
  const whole = { name: text, parameters: "" };
  const found = scan(text);
  const last = found?.groups.at(-1);
  if (found === undefined || last === undefined) return whole;
  const tail = text.slice(last.end);
  const inside = text.slice(last.start + 1, last.end - 1);
  const before = found.groups.at(-2);
  const conversion = found.conversionAt >= 0;
  // A function that returns a pointer to a function or to an array: `void (*foo<int>(char))(int)`.
  const declarator = conversion ? undefined : before?.end === last.start ? before : undefined;
  const arrayOf = !conversion && /^(?: ?\[\d*\])+$/.test(tail) ? last : undefined;
  const inner = declarator ?? arrayOf;
  if (inner) {
    const match = /^(?:[\w:<>, ]+::)?[*&]+(?: const| volatile)*\s*(.+)$/s.exec(
      text.slice(inner.start + 1, inner.end - 1),
    );
    if (match) return splitDeclaration(match[1]);
  }
  if (!AFTER_PARAMETERS.test(tail) || inside === "anonymous namespace") return whole;
  const limit = conversion ? found.conversionAt : last.start;
  const blank = found.blanks.findLast((at) => at < limit) ?? -1;
  return { name: text.slice(blank + 1, last.start), parameters: text.slice(last.start) };
}

/** Takes a demangled name apart; the return type, which only templates have, is dropped. */
export function splitParameters(demangled: string): NameParts {
  const clone = CLONE.exec(demangled)?.[0] ?? "";
  const rest = demangled.slice(0, demangled.length - clone.length);
  const special = SPECIAL.exec(rest)?.[0] ?? "";
  const { name, parameters } = splitDeclaration(rest.slice(special.length));
  return { name: special + name, parameters, clone };
}

/** `Foo::bar(int) const` → `Foo::bar`; Rust names, and others without parameters, stay as they are. */
export function withoutParameters(demangled: string): string {
  const { name, clone } = splitParameters(demangled);
  return name + clone;
}
