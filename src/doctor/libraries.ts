/** The shared libraries that sb opens. */
import { findLibrary } from "../../ffi/mod.ts";
import type { DoctorCheck } from "./model.ts";

const LIBRARIES = [
  { check: "libelf", names: ["libelf.so.1"], debianPackage: "libelf1", use: "symbols", required: true },
  {
    check: "libdw",
    names: ["libdw.so.1"],
    debianPackage: "libdw1",
    use: "FILE:source.c:LINE targets",
    required: false,
  },
  {
    check: "libstdc++",
    names: ["libstdc++.so.6"],
    debianPackage: "libstdc++6",
    use: "demangled C++ names",
    required: false,
  },
  {
    check: "liblzma",
    names: ["liblzma.so.5"],
    debianPackage: "liblzma5",
    use: "symbols in .gnu_debugdata",
    required: false,
  },
] as const;

/** One check for each library. */
export function checkLibraries(): DoctorCheck[] {
  return LIBRARIES.map(({ check, names, debianPackage, use, required }) => {
    const found = findLibrary(names);
    return {
      check,
      verdict: found.name === undefined ? "missing" : "ok",
      evidence: found.name === undefined ? `${found.failure} (needed for ${use})` : `${found.name} opens`,
      hint: found.name === undefined ? `Install it: sudo apt-get install ${debianPackage}` : null,
      required,
    };
  });
}
