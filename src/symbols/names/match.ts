/** Whether a demangled name is the one that a user wrote. Pure. */
import { splitParameters } from "./parameters.ts";

const ABI_TAG = /\[abi:\w+\]/g;

/** Without the blanks that C++ does not need: those not between two words. */
function compact(text: string): string {
  return text.trim().replace(/\s+/g, " ").replace(/(?<!\w) | (?!\w)/g, "");
}

/**
 * A test for many names at once: with or without parameters, with or without the return type of a template and ABI
 * tags, blanks as one likes. Copies (`[clone .cold]`) match only a name that says so.
 */
export function demangledMatcher(wanted: string): (demangled: string) => boolean {
  const goal = compact(wanted);
  const tagged = goal.includes("[abi:");
  // The longest word of the wanted name stands in every name that matches: most names are turned away by it.
  const word = (goal.match(/\w+/g) ?? []).reduce((best, next) => next.length > best.length ? next : best, "");
  return (demangled) => {
    if (goal === "" || !demangled.includes(word)) return false;
    const text = tagged ? demangled : demangled.replace(ABI_TAG, "");
    if (compact(text) === goal) return true;
    const { name, parameters, clone } = splitParameters(text);
    return compact(name + clone) === goal || compact(name + parameters + clone) === goal;
  };
}

/** Whether `demangled` is what `wanted` means; see {@linkcode demangledMatcher}, which is faster for many names. */
export function matchesDemangled(demangled: string, wanted: string): boolean {
  return demangledMatcher(wanted)(demangled);
}
