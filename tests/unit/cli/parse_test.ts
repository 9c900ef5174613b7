/** The command line: getopt's habits and every refusal, each one line with the nearest name. */
import { assert, assertEquals, assertFalse, assertStrictEquals, assertThrows } from "@std/assert";
import { hasOption, optionValue, parseCommandLine } from "../../../src/cli/parse.ts";
import { SbError } from "../../../src/core/mod.ts";

function read(line: string) {
  return parseCommandLine(line.split(" ").filter((word) => word !== ""));
}

Deno.test("parseCommandLine() reads values behind = and as the next word", () => {
  for (const line of ["run --every=10 ls", "run --every 10 ls", "run --every 3 --every=10 -- ls"]) {
    assertEquals(optionValue(read(line), "every"), "10", line);
  }
});

Deno.test("parseCommandLine() collects options that repeat, in order", () => {
  assertEquals(read("run --slow a=1us -s b=2us -sc ls").options.get("slow"), ["a=1us", "b=2us", "c"]);
});

Deno.test("parseCommandLine() reads bundled short options, the last of which may take a value", () => {
  for (const line of ["run -qofile -- ls", "run -qo file ls", "run -q -o file ls"]) {
    assert(hasOption(read(line), "quiet"));
    assertEquals(optionValue(read(line), "output"), "file");
  }
});

Deno.test("parseCommandLine() leaves the command's own options alone", () => {
  assertEquals(read("run --slow a ls --json -q").operands, ["ls", "--json", "-q"]);
  assertEquals(read("run --slow a -- --weird --json").operands, ["--weird", "--json"]);
  assertEquals(read("run --slow a -- ls -- -x").operands, ["ls", "--", "-x"]);
  assertFalse(hasOption(read("run --slow a ls --json"), "json"));
});

Deno.test("parseCommandLine() takes options between and behind the operands of other commands", () => {
  const invocation = read("symbols libc --json malloc");
  assertEquals(invocation.operands, ["libc", "malloc"]);
  assert(hasOption(invocation, "json"));
  assertEquals(read("symbols -- --odd-file").operands, ["--odd-file"]);
});

Deno.test("parseCommandLine() keeps operands and the command line behind -- apart, where a command has both", () => {
  const invocation = read("sweep e.toml --resume -- ls -- --json x");
  assertEquals([invocation.operands, invocation.behind], [["e.toml"], ["ls", "--", "--json", "x"]]);
  assert(hasOption(invocation, "resume"));
  assertFalse(hasOption(invocation, "json"));
  assertEquals(read("run --slow a -- ls").behind, []);
});

Deno.test("parseCommandLine() takes what holds everywhere before the command too", () => {
  const invocation = read("--json --color never doctor");
  assertEquals(invocation.command?.name, "doctor");
  assert(hasOption(invocation, "json"));
  assertEquals(optionValue(invocation, "color"), "never");
});

Deno.test("parseCommandLine() gives --help whatever else is missing", () => {
  for (const line of ["--help", "run --help", "run -h", "symbols --help", "attach -qh"]) {
    assert(hasOption(read(line), "help"), line);
  }
});

Deno.test("parseCommandLine() takes -5 and - as values, and - as an operand", () => {
  assertEquals(optionValue(read("attach --pid -5"), "pid"), "-5");
  assertEquals(optionValue(read("run -o - ls"), "output"), "-");
  assertEquals(read("symbols -").operands, ["-"]);
});

const REFUSED: [line: string, message: string][] = [
  ["run --evry 10 ls", 'Cannot read the option "--evry": sb run has no such option (did you mean --every?)'],
  ["run --evry=10 ls", 'Cannot read the option "--evry": sb run has no such option (did you mean --every?)'],
  ["run --pid 3 ls", 'Cannot read the option "--pid": sb run has no such option (sb attach has)'],
  ["run --zzzzzzzz ls", 'Cannot read the option "--zzzzzzzz": sb run has no such option'],
  ["--evry", 'Cannot read the option "--evry": sb has no such option'],
  ["--slow a run ls", 'Cannot read the option "--slow": sb has no such option (sb run has)'],
  ["run -x ls", 'Cannot read the option "-x": sb run has no such option'],
  ["run -qx ls", 'Cannot read the option "-x" in "-qx": sb run has no such option'],
  [
    "run -json ls",
    'Cannot read the option "-j" in "-json": sb run has no such option (did you mean --json?)',
  ],
  ["run --slow", 'Cannot read the option "--slow": it needs a value (TARGET=SPEC)'],
  ["run --slow -- ls", 'Cannot read the option "--slow": it needs a value (TARGET=SPEC)'],
  ["run -o", 'Cannot read the option "-o": it needs a value (FILE)'],
  ["run --json=1 ls", 'Cannot read "--json=1": --json takes no value'],
  [
    "run --isolation=privat-file ls",
    'Cannot read "--isolation=privat-file": "privat-file" is not one of auto, private-file, per-process, shared ' +
    "(did you mean private-file?)",
  ],
  [
    "run --backend kmdo ls",
    'Cannot read "--backend=kmdo": "kmdo" is not one of auto, ebpf, kmod (did you mean kmod?)',
  ],
  [
    "run --slow a=1us",
    'Cannot start "sb run": COMMAND is missing (sb run [OPTIONS] --slow TARGET=SPEC [--] COMMAND [ARGUMENT]…)',
  ],
  ["symbols", 'Cannot start "sb symbols": FILE is missing (sb symbols [OPTIONS] FILE [PATTERN])'],
  ["symbols a b c", 'Cannot read "c": sb symbols takes only FILE [PATTERN]'],
  ["doctor now", 'Cannot read "now": sb doctor takes no operands'],
  ["attach --pid 3 ls", 'Cannot read "ls": sb attach takes no operands'],
  ["rnu ls", 'Cannot find the command "rnu": sb has no such command (did you mean run?)'],
  ["flamegraph", 'Cannot find the command "flamegraph": sb has no such command'],
  ["sweep a.toml b.toml", 'Cannot read "b.toml": sb sweep takes only [FILE.toml]'],
  ["--", 'Cannot find the command "--": sb has no such command'],
];

for (const [line, message] of REFUSED) {
  Deno.test(`parseCommandLine() refuses "sb ${line}"`, () => {
    const error = assertThrows(() => read(line), SbError);
    assertStrictEquals(error.message, message);
    assertStrictEquals(error.code, "usage.option");
    assertFalse(error.message.includes("\n"));
    assertEquals(error.hint, undefined);
  });
}
