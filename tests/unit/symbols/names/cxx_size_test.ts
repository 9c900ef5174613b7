/** The bound on demangled C++ names: hostile names stay mangled, real ones do not, and none gets longer than it says. */
import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertLess } from "@std/assert";
import { canDemangleCxx, demangleCxx } from "../../../../ffi/mod.ts";
import { cxxSizeBound, isSurelyShort, MAX_CXX_BYTES } from "../../../../src/symbols/names/cxx_size.ts";
import { demangle } from "../../../../src/symbols/names/mod.ts";
import { executable, skipUnless } from "../../../skip.ts";

// The library stays open for the process's life; opened here, it is no leak of the test that uses it first.
assert(canDemangleCxx());

function reference(index: number): string {
  return index === 0 ? "S_" : `S${(index - 1).toString(36).toUpperCase()}_`;
}

/** `f` of a type that holds the one before it twice, `levels` deep: its text doubles with each. */
function doubling(levels: number): string {
  let name = "_Z1f1x1pI" + "S_S_E";
  for (let level = 0; level < levels; level++) name += `S0_I${reference(level + 2)}${reference(level + 2)}E`;
  return name;
}

/** A template with each parameter twice of the one before, through its arguments. */
function parameters(levels: number): string {
  return `_Z1fI${"1aI".repeat(levels)}i${"E".repeat(levels)}EvT_${"1pIT_T_E".repeat(levels)}`;
}

Deno.test("cxxSizeBound() is no smaller than what libstdc++ writes, for names that double", () => {
  for (let levels = 1; levels <= 12; levels++) {
    for (const name of [doubling(levels), parameters(levels)]) {
      const text = demangleCxx(name);
      assert(text !== null, name);
      assertGreaterOrEqual(cxxSizeBound(name), text.length, name);
    }
  }
  assertGreater(demangleCxx(doubling(12))?.length ?? 0, 20_000, "the control does not expand");
});

Deno.test("demangle() leaves a name mangled that would become too long", () => {
  for (const levels of [16, 20, 30, 60]) {
    assertGreater(cxxSizeBound(doubling(levels)), MAX_CXX_BYTES);
    assertEquals(demangle(doubling(levels)), null);
  }
  assert(demangle(doubling(6)) !== null, "a name that doubles a little is refused too");
});

function shortInTable(name: string): boolean {
  const bytes = new TextEncoder().encode(`\0${name}\0`);
  return isSurelyShort({ bytes, start: 1, end: bytes.length - 1 });
}

Deno.test("isSurelyShort() takes plain names, and none that the walk would refuse", () => {
  for (const name of ["_Z3foov", "_ZNSt6vectorIiSaIiEE9push_backERKi", "_ZN3Foo3barEi"]) {
    assert(shortInTable(name), name);
  }
  for (const levels of [16, 20, 30]) assert(!shortInTable(doubling(levels)));
  assert(!shortInTable("_Z1fIJiiEEvDpT_"));
});

Deno.test("cxxSizeBound() gives Infinity for what it cannot walk, however deep", () => {
  const many = ["ZZZZ", "N", "I", "P", "GA", "Z1fE", "1aI", "X", "DT"].map((part) => part.repeat(3000));
  const references = "S_".repeat(30);
  for (const name of ["S9_S9_S9_S9_", "T_T_T_T_?", "Dp", ...many]) {
    assertEquals(cxxSizeBound(`_Z${name}${references}`), Infinity, name.slice(0, 20));
  }
});

const LIBRARIES = ["libstdc++.so.6", "libelf.so.1", "libLLVM-15.so.1", "libclang-cpp.so.14"]
  .map((file) => `/usr/lib/${Deno.build.arch}-linux-gnu/${file}`)
  .filter((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });

/** The C++ names that the files of LIBRARIES export. */
function realNames(): string[] {
  const found = new Set<string>();
  for (const path of LIBRARIES) {
    const { stdout } = new Deno.Command("nm", { args: ["-D", path], stderr: "null" }).outputSync();
    for (const [, name] of new TextDecoder().decode(stdout).matchAll(/ (_Z\w+)/g)) found.add(name);
  }
  return [...found];
}

Deno.test({
  ...skipUnless("demangle() refuses no real name for its size", executable("/usr/bin/nm")),
  fn: () => {
    const names = realNames();
    assertGreater(names.length, 3_000);
    const texts = names.map((name) => demangle(name));
    names.forEach((name, index) => {
      const plain = demangleCxx(name);
      assertEquals(texts[index], plain, name);
      assertLess(plain?.length ?? 0, cxxSizeBound(name), name);
    });
  },
});

Deno.test({
  ...skipUnless("cxxSizeBound() holds for names put together at random", executable("/usr/bin/nm")),
  fn: () => {
    const names = realNames().filter((name) => name.length < 300).slice(0, 5_000);
    const parts = names.flatMap((name) => name.match(/[SIT][0-9A-Z]*_|I\w{1,12}E|N\w{1,14}E/g) ?? []);
    let state = 2463534242;
    const random = (below: number) => {
      state ^= state << 13, state ^= state >>> 17, state ^= state << 5; // Marsaglia's xorshift32
      return (state >>> 0) % below;
    };
    let demangled = 0;
    for (let round = 0; round < 60_000; round++) {
      let name = names[random(names.length)];
      for (let edits = random(4); edits >= 0; edits--) {
        const at = 2 + random(name.length - 2);
        name = name.slice(0, at) + parts[random(parts.length)] + name.slice(at + (random(3) ? 0 : random(8)));
      }
      const bound = cxxSizeBound(name);
      if (bound > MAX_CXX_BYTES) continue;
      const text = demangleCxx(name);
      if (text === null) continue;
      demangled++;
      assertGreaterOrEqual(bound, text.length, name);
    }
    assertGreater(demangled, 2_000);
  },
});
