/** Where TARGET=SPEC is split: names that hold `=`, pairs that hold `=`, and what is refused. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { splitSlow } from "../../../src/probe/mod.ts";

const SPLIT: [text: string, target: string, spec: string | null][] = [
  ["libc:malloc=5us", "libc:malloc", "5us"],
  ["libc:malloc=5us,every=10", "libc:malloc", "5us,every=10"],
  ["libc:malloc=0,probability=0.1,times=3", "libc:malloc", "0,probability=0.1,times=3"],
  ["libc:malloc", "libc:malloc", null],
  ["libc:malloc%return=exp:2us", "libc:malloc%return", "exp:2us"],
  ["a.out:Foo::operator==(Foo const&)=5us", "a.out:Foo::operator==(Foo const&)", "5us"],
  ["a.out:Foo::operator==(Foo const&)", "a.out:Foo::operator==(Foo const&)", null],
  ["a.out:Foo::operator=", "a.out:Foo::operator=", null],
  ["a.out:Foo::operator==", "a.out:Foo::operator==", null],
  ["a.out:Foo::operator<=", "a.out:Foo::operator<=", null],
  ["a.out:Foo::operator==5us", "a.out:Foo::operator=", "5us"],
  ["a.out:Foo::operator===5us,every=2", "a.out:Foo::operator==", "5us,every=2"],
  ["a.out:<It as Iterator<Item=u8>>::next", "a.out:<It as Iterator<Item=u8>>::next", null],
  ["a.out:/a=b/", "a.out:/a=b/", null],
  ["a.out:/a=b/=1ms", "a.out:/a=b/", "1ms"],
  ["dir/a=1.so:f=2us", "dir/a=1.so:f", "2us"],
  ["dir/a=1.so:f", "dir/a=1.so:f", null],
  ["a,b=5us", "a,b", "5us"],
  ["python3:f@@V_1=5µs", "python3:f@@V_1", "5µs"],
];

for (const [text, target, spec] of SPLIT) {
  Deno.test(`splitSlow() splits "${text}"`, () => assertEquals(splitSlow(text), { target, spec }));
}

const REFUSED: [text: string, message: string, hint: string][] = [
  ["libc:malloc=", "it is empty", "5us"],
  ["libc:malloc=5xs", '"xs" is not a unit', "ns, us, ms, s"],
  ["libc:malloc=5us,evry=10", 'the key "evry"', "Did you mean every?"],
  ["libc:malloc=5 us", "not a number with a unit", "5us"],
  ["libc:malloc=20s", "more than 10s", "10s"],
  ["libc:malloc=5us%return", "%return stands behind the delay", "Write libc:malloc%return=5us"],
  ["=5us", "Cannot read the target: it is empty", "FILE:FUNCTION=DELAY"],
  ["", "Cannot read the target: it is empty", "FILE:FUNCTION=DELAY"],
];

for (const [text, message, hint] of REFUSED) {
  Deno.test(`splitSlow() refuses "${text}"`, () => {
    const error = assertThrows(() => splitSlow(text), SbError, message);
    assertStringIncludes(error.hint ?? "", hint);
  });
}
