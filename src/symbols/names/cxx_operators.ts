/** Operators in mangled C++ expressions, by how many operands follow (Itanium C++ ABI, 5.1.5). Data only. */

function codes(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** One expression follows. */
export const UNARY = codes("ng ps ad de co pp mm nt sz az nx tw te aw");
/** Two expressions follow. */
export const BINARY = codes(
  "pl mi ml dv rm an or eo aS pL mI mL dV rM aN oR eO ls rs lS rS eq ne lt gt le ge ss aa oo cm pm ix",
);
/** A type follows. */
export const OF_TYPE = codes("st at ti");
/** A type and an expression follow. */
export const CAST = codes("sc dc cc rc");
