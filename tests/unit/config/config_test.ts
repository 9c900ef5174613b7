/** The configuration file: what it gives, and every refusal with its key, line and way on. */
import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseConfig } from "../../../src/config/mod.ts";
import { SbError } from "../../../src/core/mod.ts";
import { parseSpec } from "../../../src/probe/mod.ts";

const read = (text: string) => parseConfig(text, { path: "p.toml" });

Deno.test("parseConfig() reads options and probes", () => {
  const config = read(`
    version = 1
    backend = "kmod"          # a comment
    isolation = "shared"
    return = "trampoline"
    [[probe]]
    target = "libc.so.6:malloc"
    delay = "5us"
    every = 10
    [[probe]]
    target = "/usr/bin/python3:PyObject_GetAttr%return"
    delay = "exp:2us"
    probability = 1e-3
    times = 9
    start = "5s"
    duration = "30s"
    how = "sleep"
    compensate = false
  `);
  assertEquals(config, {
    backend: "kmod",
    isolation: "shared",
    trampoline: true,
    probes: [
      { target: "libc.so.6:malloc", spec: parseSpec("5us,every=10") },
      {
        target: "/usr/bin/python3:PyObject_GetAttr%return",
        spec: parseSpec(
          "exp:2us,probability=0.001,times=9,start=5s,duration=30s,how=sleep,compensate=no",
        ),
      },
    ],
  });
});

Deno.test("parseConfig() counts only where a probe has no delay, and reads a bare number as nanoseconds", () => {
  const { probes } = read('version = 1\nprobe = [{ target = "a:f" }, { target = "a:g", delay = 5000 }]');
  assertEquals(probes.map((probe) => probe.spec.delay), [{ kind: "fixed", ns: 0 }, {
    kind: "fixed",
    ns: 5000,
  }]);
});

Deno.test("parseConfig() takes the command's defaults where a probe does not set a key", () => {
  const text = 'version = 1\n[[probe]]\ntarget = "a:f"\n[[probe]]\ntarget = "a:g"\nevery = 2';
  const { probes } = parseConfig(text, { path: "p.toml", defaults: { every: 7 } });
  assertEquals(probes.map((probe) => probe.spec.schedule.every), [7, 2]);
});

const REFUSED: [title: string, text: string, line: number, message: string, hint: string][] = [
  ["no version", "[[probe]]", 1, '"version" in "p.toml", line 1: it is missing', "version = 1"],
  ["another version", "\nversion = 2", 2, "2 is not a known version", "version = 1"],
  [
    "an unknown key",
    'version = 1\nbackendd = "ebpf"',
    2,
    '"backendd" in "p.toml", line 2: there is no such key',
    "Did you mean backend?",
  ],
  [
    "an unknown key of the second probe",
    'version = 1\n[[probe]]\ntarget = "a:f"\n\n[[probe]]\ntarget = "a:g"\n# every\nevry = 3',
    8,
    '"probe[1].evry" in "p.toml", line 8',
    "Did you mean every?",
  ],
  [
    "a quoted unknown key",
    'version = 1\n[[probe]]\ntarget = "a:f"\n"evry" = 3',
    4,
    '"probe[0].evry"',
    "every",
  ],
  [
    "a dotted unknown key",
    'version = 1\n[[probe]]\ntarget = "a:f"\nwindow.start = 3',
    4,
    '"probe[0].window"',
    "Use one of",
  ],
  [
    "an unknown key behind a multi-line text that looks like keys",
    'version = 1\n[[probe]]\ntarget = """a:f\nevry = 1\n"""\nevry = 2',
    6,
    '"probe[0].evry"',
    "every",
  ],
  [
    "an unknown key in an inline table",
    'version = 1\nprobe = [\n  { target = "a:f" },\n  { target = "a:g", evry = 2 },\n]',
    4,
    '"probe[1].evry"',
    "every",
  ],
  ["a key of a probe above it", "version = 1\nevery = 2", 2, '"every"', "below a [[probe]] line"],
  [
    "an option in a probe",
    'version = 1\n[[probe]]\ntarget = "a:f"\nbackend = "ebpf"',
    4,
    '"probe[0].backend"',
    "above the first",
  ],
  [
    "return in a probe",
    'version = 1\n[[probe]]\ntarget = "a:f"\nreturn = true',
    4,
    '"probe[0].return"',
    "%return",
  ],
  [
    "one pair of brackets",
    'version = 1\n[probe]\ntarget = "a:f"',
    2,
    "it is a table, not an array of tables",
    "[[probe]]",
  ],
  [
    "a text for a number",
    'version = 1\n[[probe]]\ntarget = "a:f"\nevery = "3"',
    4,
    "it is a string, not a whole number",
    "",
  ],
  [
    "a fraction for a count",
    'version = 1\n[[probe]]\ntarget = "a:f"\ntimes = 1.5',
    4,
    "it is a number with a fraction, not a whole number",
    "",
  ],
  [
    "a word for a truth value",
    'version = 1\n[[probe]]\ntarget = "a:f"\ncompensate = "no"',
    4,
    "it is a string, not a boolean",
    "",
  ],
  [
    "a number out of range",
    'version = 1\n[[probe]]\ntarget = "a:f"\nevery = 0',
    4,
    '"0": it is less than 1',
    "from 1 to",
  ],
  [
    "a probability above one",
    'version = 1\n[[probe]]\ntarget = "a:f"\nprobability = 2',
    4,
    "it is not within 0 and 1",
    "0.1",
  ],
  [
    "a wrong delay",
    'version = 1\n[[probe]]\ntarget = "a:f"\ndelay = "5xs"',
    4,
    '"probe[0].delay" in "p.toml", line 4: "5xs": "xs" is not a unit',
    "ns, us",
  ],
  [
    "a delay with keys",
    'version = 1\n[[probe]]\ntarget = "a:f"\ndelay = "5us,every=2"',
    4,
    "not a number with a unit",
    "5us",
  ],
  [
    "a start out of range",
    'version = 1\n[[probe]]\ntarget = "a:f"\nstart = "31d"',
    4,
    "it is more than",
    "from 0 to",
  ],
  [
    "no target",
    'version = 1\n[[probe]]\ndelay = "5us"',
    2,
    '"probe[0].target" in "p.toml", line 2: it is missing',
    "FILE:FUNCTION",
  ],
  ["an empty target", 'version = 1\n[[probe]]\ntarget = ""', 3, "it is empty", "FILE:FUNCTION"],
  [
    "an unknown backend",
    'version = 1\nbackend = "ebfp"',
    2,
    '"ebfp" is not one of auto, ebpf, kmod',
    'Did you mean "ebpf"?',
  ],
  ["an unknown isolation", 'version = 1\nisolation = "none"', 2, '"none" is not one of auto', ""],
  ["another way of return", 'version = 1\nreturn = "always"', 2, '"always" is not one of trampoline', ""],
];

for (const [title, text, line, message, hint] of REFUSED) {
  Deno.test(`parseConfig() refuses ${title}`, () => {
    const error = assertThrows(() => read(text), SbError, message);
    assertStrictEquals(error.code, "usage.config");
    assertStrictEquals(error.data.line, line);
    assertStringIncludes(error.hint ?? "", hint);
  });
}

const SYNTAX: [title: string, text: string, line: number][] = [
  ["a value that is missing", "version = 1\nbackend =\n", 2],
  ["a text without its end", 'version = 1\nbackend = "ebpf\n', 2],
  ["a key given twice", "version = 1\n\nversion = 1\n", 3],
];

for (const [title, text, line] of SYNTAX) {
  Deno.test(`parseConfig() names the line of ${title}`, () => {
    const error = assertThrows(() => read(text), SbError, 'Cannot read "p.toml"');
    assertStrictEquals(error.code, "usage.config");
    assertStringIncludes(error.message, `line ${line}`);
  });
}
