/** What fuzzing starts from: commands of the grammar, small ELF files built on the spot, code, distributions. */
import { ACCEPTED, REFUSED } from "../unit/kmod/command_cases.ts";

const HERE = new URL(".", import.meta.url).pathname;

/** The links of places_one.S and places_two.S: what is added to gcc's command line. */
export const PLACES = {
  library: ["-shared"],
  versions: ["-shared", "-DVERSIONS", `-Wl,--version-script=${HERE}places.map`],
  program: ["-static", "-Wl,-e,function", "-Wl,--unresolved-symbols=ignore-all"],
  /** Text, data and bss in one segment. */
  writable: [
    "-static",
    "-Wl,-N",
    "-Wl,--no-warn-rwx-segments",
    "-Wl,-e,function",
    "-Wl,--unresolved-symbols=ignore-all",
  ],
} satisfies Readonly<Record<string, readonly string[]>>;

function run(program: string, ...args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "piped" })
    .outputSync();
  if (!success) throw new Error(`Cannot run "${program}": ${new TextDecoder().decode(stderr)}`);
}

/** Builds an ELF file whose symbols are of every kind; x86-64 only. @returns its path */
export function buildPlaces(
  folder: string,
  link: keyof typeof PLACES,
  options: { stripped?: boolean } = {},
): string {
  const out = `${folder}/${link}${options.stripped ? "-stripped" : ""}`;
  run(
    "gcc",
    "-nostdlib",
    "-Wl,-z,noseparate-code",
    "-Wl,--build-id=none",
    ...(options.stripped ? ["-s"] : []),
    ...PLACES[link],
    `${HERE}places_one.S`,
    `${HERE}places_two.S`,
    "-o",
    out,
  );
  return out;
}

/** Commands, taken and refused. */
export function commandSeeds(): Uint8Array[] {
  const all = [
    ...ACCEPTED.map((one) => typeof one === "string" ? one : one[0]),
    ...Object.values(REFUSED).flat(),
  ];
  return all.map((text) => new TextEncoder().encode(text));
}

function withTempFolder<T>(use: (folder: string) => T): T {
  const folder = Deno.makeTempDirSync({ prefix: "sb-seeds-" });
  try {
    return use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Files, each behind the byte that chooses the symbol and how reads come back (elf_target.c). */
export function elfSeeds(): Uint8Array[] {
  return withTempFolder((folder) => {
    const links = Object.keys(PLACES) as (keyof typeof PLACES)[];
    const files = links.flatMap((link) =>
      [false, true].map((stripped) => Deno.readFileSync(buildPlaces(folder, link, { stripped })))
    );
    return files.flatMap((file) => {
      const choices = [...Array(16).keys(), 0x40, 0x80, 0xc0];
      return choices.map((choice) => Uint8Array.of(choice, ...file));
    });
  });
}

/** Code as compilers make it. */
export function insnSeeds(): Uint8Array[] {
  return withTempFolder((folder) => {
    const file = Deno.readFileSync(buildPlaces(folder, "library"));
    return Array.from({ length: file.length >> 4 }, (_, index) => file.slice(index << 4, (index << 4) + 16));
  });
}

/** Parameters and random bits: kind, a, b, and what random() gives (draw_target.c). */
export function drawSeeds(): Uint8Array[] {
  const parameters = [[0n, 5n, 10n], [1n, 1_000_000n, 1000n], [2n, 1_000_000n, 0n], [
    1n,
    10_000_000_000n,
    10_000_000_000n,
  ]];
  const bits = [0n, 1n, 1n << 63n, (1n << 64n) - 1n, 0x123456789abcdef0n];
  return parameters.flatMap((words) =>
    bits.map((random) => new Uint8Array(new BigUint64Array([...words, random, random, ...bits]).buffer))
  );
}
