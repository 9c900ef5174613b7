/**
 * Resolves targets in damaged copies of an ELF file; run as a process of its own by fuzz_test.ts, since a damaged file
 * may crash a native library. Arguments: the ELF file, a folder to write in, the first seed, how many, and names of
 * functions. Prints each seed before it is tried, `seed: error` for what is not an SbError, and what came of them all.
 */
import { SbError } from "../../../src/core/mod.ts";
import { listSymbols, planSites, resolveTarget } from "../../../src/symbols/mod.ts";

/** mulberry32: a small generator whose whole state is the seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff];

/** Where damage tells: the header, the tables that it leads to, and anywhere. */
function positionIn(bytes: Uint8Array, random: (below: number) => number): number {
  const view = new DataView(bytes.buffer);
  const sections = Number(view.getBigUint64(40, true));
  const places = [64, 64 + 56 * view.getUint16(56, true)];
  switch (random(4)) {
    case 0:
      return random(places[0]);
    case 1:
      return random(places[1]);
    case 2:
      return Math.min(bytes.length - 1, sections + random(64 * view.getUint16(60, true) || 1));
    default:
      return random(bytes.length);
  }
}

/** A damaged copy: bytes flipped or set to extremes, words overflowing, or the end missing. */
function mutant(original: Uint8Array, seed: number): Uint8Array {
  const random = generator(seed);
  const bytes = original.slice();
  if (random(16) === 0) return bytes.subarray(0, random(bytes.length));
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = positionIn(original, random);
    const kind = random(3);
    if (kind === 0) bytes[at] ^= 1 << random(8);
    else if (kind === 1) bytes[at] = EXTREMES[random(EXTREMES.length)];
    else bytes.fill(random(2) * 0xff, at, at + 8);
  }
  return bytes;
}

const counts = { resolved: 0, refused: 0 };

function attempt(seed: number, action: () => void): void {
  try {
    action();
    counts.resolved++;
  } catch (error) {
    if (error instanceof SbError && error.code !== "internal" && error.code !== "library.missing") {
      counts.refused++;
    } else console.log(`${seed}: ${error instanceof Error ? error.stack : error}`);
  }
}

const [source, folder, first, count, ...names] = Deno.args;
const original = Deno.readFileSync(source);
const path = `${folder}/mutant`;
const places = [...names, "*", "/f.*/", "nothing_of_the_kind", "mutated.c:2", "0x1100"];
const PLACES_EACH = 3;
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  console.log(seed);
  Deno.writeFileSync(path, mutant(original, seed));
  for (let each = 0; each < PLACES_EACH; each++) {
    const place = places[(seed * PLACES_EACH + each) % places.length];
    attempt(seed, () => {
      for (const found of resolveTarget(`${path}:${place}`, { command: [path] }).slice(0, 4)) {
        planSites(found);
      }
    });
  }
  attempt(seed, () => {
    for (const row of listSymbols(path, { kinds: ["function", "ifunc", "import", "data"] })) {
      if (row.name.length > original.length) throw new Error(`a name of ${row.name.length} characters`);
    }
  });
}
console.log(`done: ${counts.resolved} resolved, ${counts.refused} refused`);
