/** The processor's levels, for which the dynamic linker prefers libraries in glibc-hwcaps/LEVEL (ld.so(8)). */

/** Flags of /proc/cpuinfo that each level adds (x86-64 psABI, "Micro-Architecture Levels"); lahf and lzcnt as Linux calls them. */
const X86_LEVELS: readonly [name: string, flags: readonly string[]][] = [
  ["x86-64-v2", ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"]],
  ["x86-64-v3", ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]],
  ["x86-64-v4", ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]],
];
const MAX_CPUINFO_BYTES = 2 ** 20;

/** The levels that a processor with these flags has, the highest first; none of a machine without such levels. */
export function hwcapLevels(flags: ReadonlySet<string>): string[] {
  const levels: string[] = [];
  for (const [name, needed] of X86_LEVELS) {
    if (!needed.every((flag) => flags.has(flag))) break;
    levels.unshift(name);
  }
  return levels;
}

let known: readonly string[] | undefined;

/** The levels of this machine's processor, the highest first. */
export function machineLevels(): readonly string[] {
  return known ??= hwcapLevels(readFlags());
}

function readFlags(): Set<string> {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo").slice(0, MAX_CPUINFO_BYTES));
    return new Set(flags?.[1].trim().split(/\s+/));
  } catch {
    return new Set();
  }
}

/** The directories that the dynamic linker looks into for one of a search path: its levels', then itself. */
export function withLevels(directory: string): string[] {
  return [...machineLevels().map((level) => `${directory}/glibc-hwcaps/${level}`), directory];
}
