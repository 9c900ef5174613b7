/** What compilers append to names. */
import { assertEquals } from "@std/assert";
import { isCompilerCopy, splitCloneSuffix } from "../../../../src/symbols/names/mod.ts";

const SPLIT: [name: string, base: string, suffix: string][] = [
  ["foo", "foo", ""],
  ["foo.cold", "foo", ".cold"],
  ["foo.constprop.0", "foo", ".constprop.0"],
  ["foo.constprop.0.cold", "foo", ".constprop.0.cold"],
  ["foo.isra.0.part.12", "foo", ".isra.0.part.12"],
  ["main.cold.func1", "main.cold.func1", ""],
  ["foo.7", "foo.7", ""],
  ["foo.v1.cold", "foo.v1", ".cold"],
  [".cold", ".cold", ""],
  ["", "", ""],
];

for (const [name, base, suffix] of SPLIT) {
  Deno.test(`splitCloneSuffix() splits "${name}"`, () => {
    assertEquals(splitCloneSuffix(name), { base, suffix });
  });
}

Deno.test("splitCloneSuffix() goes through a long hostile name once", () => {
  const name = `a${".cold".repeat(200_000)}.x`;
  assertEquals(splitCloneSuffix(name), { base: name, suffix: "" });
});

Deno.test("isCompilerCopy() knows a renamed whole function from a copy or a part", () => {
  for (const name of ["foo.cold", "foo.part.0", "foo.constprop.1", "foo.lto_priv.0.cold"]) {
    assertEquals(isCompilerCopy(name), true, name);
  }
  for (const name of ["foo", "foo.llvm.123", "foo.lto_priv.0", "foo.localalias", "foo.bar"]) {
    assertEquals(isCompilerCopy(name), false, name);
  }
});
