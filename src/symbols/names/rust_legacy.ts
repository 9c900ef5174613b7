/** Rust's first mangling, a disguise of C++'s: `_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE`. Pure. */

/** The escapes of compiler/rustc_symbol_mangling/src/legacy.rs. */
const ESCAPES: Record<string, string> = {
  SP: "@",
  BP: "*",
  RF: "&",
  LT: "<",
  GT: ">",
  LP: "(",
  RP: ")",
  C: ",",
};

function unescapeElement(element: string): string {
  // A leading escape is guarded by an underscore, so that the element is an identifier.
  const text = element.startsWith("_$") ? element.slice(1) : element;
  return text.replace(/\$([A-Z]{1,2}|u[0-9a-f]{1,6})\$|\.\./g, (whole, escape?: string) => {
    if (escape === undefined) return "::";
    if (!escape.startsWith("u")) return ESCAPES[escape] ?? whole;
    const code = parseInt(escape.slice(1), 16);
    const printable = code >= 0x20 && code !== 0x7f && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return printable ? String.fromCodePoint(code) : whole;
  });
}

/** The path of a legacy Rust name without its hash; null when it is none. */
export function demangleRustLegacy(name: string): string | null {
  if (!/17h[0-9a-f]{16}E$/.test(name) || !name.startsWith("_ZN")) return null;
  const end = name.length - 20;
  const elements: string[] = [];
  let at = 3;
  while (at < end) {
    const digits = /^[1-9]\d{0,5}/.exec(name.slice(at, at + 6))?.[0];
    if (digits === undefined) return null;
    at += digits.length;
    const sizeBytes = Number(digits);
    if (at + sizeBytes > end) return null;
    elements.push(unescapeElement(name.slice(at, at + sizeBytes)));
    at += sizeBytes;
  }
  return elements.length === 0 ? null : elements.join("::");
}
