/** Mangled names against lists, against c++filt, against rustc, and mutated at random. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { canDemangleCxx } from "../../../../ffi/mod.ts";
import { demangle } from "../../../../src/symbols/names/mod.ts";

const NAMES: readonly [mangled: string, demangled: string | null][] = [
  ["_ZN3Foo3barEi", "Foo::bar(int)"],
  ["_ZNK3FooltERKS_", "Foo::operator<(Foo const&) const"],
  ["_Z3fooIiEvT_", "void foo<int>(int)"],
  ["i", null],
  ["malloc", null],
  ["_Z", null],
  ["_ZN3Foo", null],
  ["_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt"],
  [
    "_ZN50_$LT$T$u20$as$u20$core..convert..Into$LT$U$GT$$GT$4into17h0123456789abcdefE",
    "<T as core::convert::Into<U>>::into",
  ],
  ["_ZN3foo28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE", "foo::{{closure}}"],
  ["_RNvC6_123foo3bar", "123foo::bar"],
  [
    "_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y",
    "utf8_idents::საჭმელად_გემრიელი_სადილი",
  ],
  ["_RNCNvC1c4main0", "c::main::{closure#0}"],
  ["_RNCNvC1c4mains_0", "c::main::{closure#1}"],
  ["_RNvXs_C1cNtB4_3FooNtB4_3Bar3baz", "<c::Foo as c::Bar>::baz"],
  ["_RINvC1c3fooRSemE", "c::foo::<&[str], u32>"],
  ["_RINvC1c3fooKj1f_E", "c::foo::<31>"],
  ["_RINvC1c3fooKan80_E", "c::foo::<-128>"],
  ["_RINvC1c3fooKb1_E", "c::foo::<true>"],
  ["_RINvC1c3fooKc41_E", "c::foo::<'A'>"],
  ["_RINvC1c3fooKRe616263_E", 'c::foo::<"abc">'],
  ["_RINvC1c3fooAhj4_TmETmlEE", "c::foo::<[u8; 4], (u32,), (u32, i32)>"],
  ["_RINvC1c3fooFUKCmEuE", 'c::foo::<unsafe extern "C" fn(u32)>'],
  ["_RINvC1c3fooFG_RL0_hEhE", "c::foo::<for<'a> fn(&'a u8) -> u8>"],
  ["_RINvC1c3fooDNtC1c2Trp4ItemhEL_E", "c::foo::<dyn c::Tr<Item = u8>>"],
  ["_RNvB_3foo", null],
  ["_RNvC1", null],
  ["_RNvC1c3fooXX", null],
];

// The library stays open for the process's life; opened here, it is no leak of the test that uses it first.
assert(canDemangleCxx());

for (const [mangled, demangled] of NAMES) {
  Deno.test(`demangle() makes ${demangled} of ${mangled}`, () => assertEquals(demangle(mangled), demangled));
}

function run(command: string, args: string[], input = ""): string {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/in`, input);
    // A shell gives the input from a file, so that the call stays synchronous.
    const result = new Deno.Command("sh", {
      args: ["-c", `exec "$@" <"$0"`, `${folder}/in`, command, ...args],
    })
      .outputSync();
    if (!result.success) throw new Error(`${command}: ${new TextDecoder().decode(result.stderr)}`);
    return new TextDecoder().decode(result.stdout);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const RUST = `
use std::collections::HashMap;
use std::fmt::Debug;
pub trait Shape { fn area(&self) -> f64; }
pub struct Square<const N: usize>(pub f64);
impl<const N: usize> Shape for Square<N> { #[inline(never)] fn area(&self) -> f64 { self.0 * N as f64 } }
#[inline(never)] pub fn generic<T: Debug, const C: char, const B: bool>(x: T) -> String { format!("{:?}{}{}", x, C, B) }
#[inline(never)] pub fn takes(f: &dyn Fn(i32) -> i32, g: fn(&str, *const u8) -> usize) -> usize { f(1) as usize + g("a", std::ptr::null()) }
#[inline(never)] pub fn named<T>(_: T) -> usize { std::any::type_name::<T>().len() }
#[inline(never)] fn größe(s: &str, _: *const u8) -> usize { s.len() }
fn main() {
  let mut map: HashMap<String, Vec<[u8; 4]>> = HashMap::new();
  map.insert(generic::<_, 'x', true>((1u8, "a")), vec![[1; 4]]);
  let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Square::<3>(1.5)), Box::new(Square::<4>(2.5))];
  println!("{:?} {}", map, shapes.iter().map(|s| s.area()).sum::<f64>());
  println!("{}", takes(&|x| x + 1, größe) + generic::<u8, 'é', false>(1).len() + named::<fn(&u8)>(|_| ()));
}
`;

/** The function names of a Rust program, in one mangling. */
function rustNames(mangling: "v0" | "legacy"): string[] {
  const folder = Deno.makeTempDirSync();
  try {
    const flags = mangling === "v0" ? ["-Csymbol-mangling-version=v0"] : [];
    Deno.writeTextFileSync(`${folder}/program.rs`, RUST);
    run("/usr/bin/rustc", ["--edition", "2021", ...flags, `${folder}/program.rs`, "-o", `${folder}/program`]);
    const names = run("nm", [`${folder}/program`]).split("\n").map((row) => row.slice(19));
    const wanted = mangling === "v0" ? /^_R/ : /^_ZN.*17h[0-9a-f]{16}E$/;
    return [...new Set(names.filter((name) => wanted.test(name)))];
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** c++filt shows crate hashes, the types of constants, and letters beyond ASCII as numbers. */
function withoutHashes(text: string): string {
  return text.replace(/::h[0-9a-f]{16}$/, "").replace(/\[[0-9a-f]{1,16}\]/g, "")
    .replace(/(\w|'): (?:char|bool|[iu](?:8|16|32|64|128|size))\b/g, "$1")
    .replace(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)));
}

for (const mangling of ["v0", "legacy"] as const) {
  Deno.test(`demangle() agrees with c++filt on every ${mangling} name that rustc makes`, () => {
    const names = rustNames(mangling);
    assertGreater(names.length, 100);
    // -i: otherwise c++filt writes std::string in full, which the library does not.
    const oracle = run("c++filt", ["-i"], names.join("\n")).trimEnd().split("\n").map(withoutHashes);
    const differing = names.map((name) => demangle(name)).map((
      text,
      index,
    ) => [names[index], text, oracle[index]])
      .filter(([name, text, expected]) =>
        text !== expected && expected !== name && !expected?.includes("$u")
      );
    assertEquals(differing.slice(0, 5), []);
    assert(
      names.map((name) => demangle(name)).includes("program::größe"),
      "c++filt does not read letters beyond ASCII",
    );
    assertEquals(names.map((name) => demangle(name)).filter((text) => text === null).length, 0);
  });
}

Deno.test("demangle() agrees with c++filt on the names of libstdc++", () => {
  const path = run("g++", ["-print-file-name=libstdc++.so.6"]).trim();
  const names = [...new Set(run("nm", ["-D", path]).split("\n").map((row) => row.slice(19).split("@")[0]))]
    .filter((name) => name.startsWith("_Z"));
  assertGreater(names.length, 1000);
  // -i: otherwise c++filt writes std::string in full, which the library does not.
  const oracle = run("c++filt", ["-i"], names.join("\n")).trimEnd().split("\n");
  const differing = names.map((name) => demangle(name)).map((
    text,
    index,
  ) => [text ?? names[index], oracle[index]])
    .filter(([text, expected]) => text !== expected);
  assertEquals(differing.slice(0, 5), []);
});

Deno.test("demangle() gives a string or null for mutated names, and never throws", () => {
  let state = 12345;
  const random = (limit: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % limit;
  const alphabet = "_0123456789abcdefghijklmnopqrsRSTUVXYZABCDEFGIKLMNOPQ$.";
  const seeds = NAMES.map(([mangled]) => mangled).filter((name) => name.startsWith("_"));
  let answered = 0;
  for (let round = 0; round < 20_000; round++) {
    const name = Array.from(seeds[random(seeds.length)]);
    for (let edits = 1 + random(3); edits > 0; edits--) {
      name.splice(2 + random(name.length), random(2), alphabet[random(alphabet.length)]);
    }
    if (demangle(name.join("")) !== null) answered++;
  }
  assertGreater(answered, 100);
});

Deno.test("demangle() gives up on hostile Rust names: deep, endless and exponential ones", () => {
  assertEquals(demangle(`_RINvC1c1f${"R".repeat(100_000)}hE`), null);
  assertEquals(demangle("_RINvC1c1fTB7_EE"), null);
  let name = "_RINvC1c1fThE";
  for (let round = 0; round < 40; round++) {
    const last = name.lastIndexOf("T") - 2;
    const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const back = last - 1;
    const reference = `B${back < 62 ? digits[back] : digits[Math.floor(back / 62)] + digits[back % 62]}_`;
    name += `T${reference}${reference}E`;
  }
  assertEquals(demangle(`${name}E`), null);
});
