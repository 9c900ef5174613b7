/** Demangled names, taken apart and matched. */
import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  demangle,
  matchesDemangled,
  splitCloneSuffix,
  withoutParameters,
} from "../../../../src/symbols/names/mod.ts";

// The library stays open for the process's life; opened here, it is no leak of the test that uses it first.
demangle("_Z1fv");

const NAMES: readonly [demangled: string, name: string][] = [
  ["main", "main"],
  ["Foo::bar(int) const", "Foo::bar"],
  ["Foo::bar() &&", "Foo::bar"],
  ["Foo::operator()(int) const", "Foo::operator()"],
  ["Foo::operator()", "Foo::operator()"],
  ["bool operator< <int>(Foo<int> const&, Foo<int> const&)", "operator< <int>"],
  ["Foo::operator<(Foo const&) const", "Foo::operator<"],
  ["std::ostream& operator<< <char>(std::ostream&, char)", "operator<< <char>"],
  ["Foo::operator->() const", "Foo::operator->"],
  ["Foo::operator[](unsigned long)", "Foo::operator[]"],
  ["Foo::operator int() const", "Foo::operator int"],
  ["Foo::operator void (*)(int)()", "Foo::operator void (*)(int)"],
  ["Foo::operator unsigned long*()", "Foo::operator unsigned long*"],
  ["operator new(unsigned long)", "operator new"],
  ["Foo::operator delete[](void*)", "Foo::operator delete[]"],
  ['operator"" _km(long double)', 'operator"" _km'],
  ["int foo<int>(int)", "foo<int>"],
  ["unsigned long ns::foo<std::vector<int> >(int)", "ns::foo<std::vector<int> >"],
  ["void (*foo<int>(char))(int)", "foo<int>"],
  ["int (&table<int>())[3]", "table<int>"],
  ["(anonymous namespace)::foo(int)", "(anonymous namespace)::foo"],
  ["(anonymous namespace)::state", "(anonymous namespace)::state"],
  ["foo(int)::{lambda(int)#1}::operator()(int) const", "foo(int)::{lambda(int)#1}::operator()"],
  ["Foo::bar(int) const::{lambda()#1}::operator()() const", "Foo::bar(int) const::{lambda()#1}::operator()"],
  ["foo(int)::counter", "foo(int)::counter"],
  ["foo[abi:cxx11](int)", "foo[abi:cxx11]"],
  ["non-virtual thunk to Foo::bar(int)", "non-virtual thunk to Foo::bar"],
  ["Foo::bar(int) [clone .cold]", "Foo::bar [clone .cold]"],
  ["operators::run(int)", "operators::run"],
  ["Foo::~Foo()", "Foo::~Foo"],
  ["decltype (declval<int>().f()) call<int>(int)", "call<int>"],
  ["void f<(A<(1)>(2))>(int)", "f<(A<(1)>(2))>"],
  ["<T as core::fmt::Debug>::fmt", "<T as core::fmt::Debug>::fmt"],
  ["<fn(i32) -> i32 as core::ops::Fn>::call", "<fn(i32) -> i32 as core::ops::Fn>::call"],
  ["mycrate::main::{{closure}}", "mycrate::main::{{closure}}"],
  ["broken(int", "broken(int"],
  ["broken)>", "broken)>"],
];

for (const [demangled, name] of NAMES) {
  Deno.test(`withoutParameters() makes "${name}" of "${demangled}"`, () => {
    assertEquals(withoutParameters(demangled), name);
  });
}

Deno.test("matchesDemangled() takes a name with or without its parameters, and blanks as one likes", () => {
  assert(matchesDemangled("Foo::bar(int, char)", "Foo::bar"));
  assert(matchesDemangled("Foo::bar(int, char)", "Foo::bar( int,char )"));
  assert(matchesDemangled("Foo::bar(unsigned int)", "Foo::bar(unsigned  int)"));
  assert(matchesDemangled("void foo<std::vector<int> >(int)", "foo<std::vector<int>>"));
  assert(matchesDemangled("void foo<int>(int)", "foo<int>(int)"));
  assert(matchesDemangled("void foo<int>(int)", "void foo<int>(int)"));
  assert(matchesDemangled("foo[abi:cxx11](int)", "foo"));
  assert(matchesDemangled("foo[abi:cxx11](int)", "foo[abi:cxx11](int)"));
  assert(matchesDemangled("<T as core::fmt::Debug>::fmt", "<T as core::fmt::Debug>::fmt"));
});

Deno.test("matchesDemangled() refuses other functions, other parameters and copies", () => {
  assertFalse(matchesDemangled("Foo::bar(int)", "bar"));
  assertFalse(matchesDemangled("Foo::bar(int)", "Foo::bar(long)"));
  assertFalse(matchesDemangled("Foo::bar(unsigned int)", "Foo::bar(unsignedint)"));
  assertFalse(matchesDemangled("Foo::bar(int) [clone .cold]", "Foo::bar"));
  assertFalse(matchesDemangled("non-virtual thunk to Foo::bar(int)", "Foo::bar"));
  assertFalse(matchesDemangled("Foo::bar(int)::{lambda()#1}::operator()() const", "Foo::bar"));
  assertFalse(matchesDemangled("Foo::bar(int)", ""));
  assert(matchesDemangled("Foo::bar(int) [clone .cold]", "Foo::bar [clone .cold]"));
});

Deno.test("splitCloneSuffix() splits what compilers append, and nothing else", () => {
  for (
    const suffix of [
      ".constprop.0",
      ".part.0",
      ".cold",
      ".isra.0",
      ".llvm.123",
      ".lto_priv.0",
      ".isra.0.constprop.1",
    ]
  ) {
    assertEquals(splitCloneSuffix(`foo${suffix}`), { base: "foo", suffix });
  }
  for (const name of ["foo", "foo.bar", ".cold", "main.run", "foo.constprop.x", "foo.coldest"]) {
    assertEquals(splitCloneSuffix(name), { base: name, suffix: "" });
  }
});

Deno.test("demangle() marks a copy, and takes a promoted function as itself", () => {
  assertEquals(demangle("_ZN3Foo3barEi.cold"), "Foo::bar(int) [clone .cold]");
  assertEquals(demangle("_ZN3foo3bar17h0123456789abcdefE.llvm.42"), "foo::bar");
});
