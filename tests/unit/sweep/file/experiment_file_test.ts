import { assert, assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../../src/core/mod.ts";
import { completeExperiment } from "../../../../src/sweep/experiment.ts";
import { readExperimentFile } from "../../../../src/sweep/file/mod.ts";

const WHOLE = `
version = 1
command = ["python3", "bench.py"]
metric = { regex = "throughput: ([0-9.]+)", better = "higher" }
delays = ["0", "10us", "1us", "2us"]
repeats = { min = 3, max = 30, until = "5%" }
warmups = 2
order = "blocks"
seed = 7
budget = "10m"
[[target]]
name = "getattr"
target = "python3:PyObject_GetAttr"
[[target]]
target = ["libc.so.6:malloc", "libc.so.6:free"]
`;
const SMALL = 'version = 1\ncommand = ["true"]\n[[target]]\ntarget = "libc.so.6:malloc"\n';

function parse(text: string, command: string[] = []) {
  return completeExperiment(readExperimentFile(text, { path: "e.toml", command }));
}

Deno.test("readExperimentFile() reads a whole file", () => {
  assertEquals(parse(WHOLE), {
    command: ["python3", "bench.py"],
    metric: { kind: "regex", pattern: "throughput: ([0-9.]+)", better: "higher" },
    targets: [
      { name: "getattr", targets: ["python3:PyObject_GetAttr"] },
      { name: "malloc", targets: ["libc.so.6:malloc", "libc.so.6:free"] },
    ],
    delaysNs: [0, 1000, 2000, 10_000],
    repeats: { kind: "adaptive", min: 3, max: 30, until: 0.05 },
    warmups: 2,
    seed: 7,
    budgetNs: 600e9,
    maxFailures: 3,
    backend: "auto",
  });
});

Deno.test("readExperimentFile() has a default for all but command and targets", () => {
  assertEquals(parse(SMALL), {
    command: ["true"],
    metric: { kind: "wall" },
    targets: [{ name: "malloc", targets: ["libc.so.6:malloc"] }],
    delaysNs: "auto",
    repeats: { kind: "fixed", count: 10 },
    warmups: 1,
    seed: 1,
    budgetNs: null,
    maxFailures: 3,
    backend: "auto",
  });
});

Deno.test("readExperimentFile() takes the command behind --", () => {
  assertEquals(parse(SMALL.replace('command = ["true"]\n', ""), ["false"]).command, ["false"]);
});

const REFUSED: Record<string, { text: string; names: string }> = {
  "no version": { text: SMALL.replace("version = 1\n", ""), names: '"version"' },
  "another version": { text: SMALL.replace("version = 1", "version = 2"), names: "2 is not a known version" },
  "an unknown key": { text: `repeat = 3\n${SMALL}`, names: '"repeat"' },
  "an unknown key of a target": { text: `${SMALL}delay = "1us"\n`, names: "target[0].delay" },
  "a key of a target above": { text: `name = "x"\n${SMALL}`, names: '"name"' },
  "no command": { text: SMALL.replace('command = ["true"]\n', ""), names: "no command" },
  "a command that is a word": { text: SMALL.replace('["true"]', '"true"'), names: '"command"' },
  "no target": { text: 'version = 1\ncommand = ["true"]\n', names: "no target" },
  "an empty target": { text: SMALL.replace("libc.so.6:malloc", ""), names: "target[0].target" },
  "two targets of a name": { text: `${SMALL}[[target]]\ntarget = "libc.so.6:malloc"\n`, names: '"malloc"' },
  "one delay": { text: SMALL.replace("[[", 'delays = ["0"]\n[['), names: '"delays"' },
  "a malformed delay": { text: SMALL.replace("[[", 'delays = ["0", "1 us"]\n[['), names: '"delays"' },
  "auto among others": { text: SMALL.replace("[[", 'delays = ["auto", "1us"]\n[['), names: '"delays"' },
  "one repeat": { text: SMALL.replace("[[", "repeats = 1\n[["), names: '"repeats"' },
  "max below min": { text: SMALL.replace("[[", "repeats = { min = 9, max = 3 }\n[["), names: '"repeats"' },
  "a share of nothing": { text: SMALL.replace("[[", 'repeats = { until = "0%" }\n[['), names: '"repeats"' },
  "an unknown order": { text: SMALL.replace("[[", 'order = "blocs"\n[['), names: '"order"' },
  "an unknown metric": { text: SMALL.replace("[[", 'metric = "time"\n[['), names: '"metric"' },
  "a metric of two kinds": {
    text: SMALL.replace("[[", 'metric = { json = ".a", regex = "(b)" }\n[['),
    names: '"metric"',
  },
  "a malformed budget": { text: SMALL.replace("[[", 'budget = "10 min"\n[['), names: '"budget"' },
  "negative warm-ups": { text: SMALL.replace("[[", "warmups = -1\n[["), names: "-1 warm-ups" },
  "an unknown backend": { text: SMALL.replace("[[", 'backend = "bpf"\n[['), names: '"backend"' },
  "a text that is not TOML": { text: "version = \n", names: "line 1" },
};
for (const [name, { text, names }] of Object.entries(REFUSED)) {
  Deno.test(`readExperimentFile() refuses ${name}`, () => {
    const error = assertThrows(() => parse(text), SbError);
    assert(error.code === "usage.config" || error.code === "usage.sweep", error.code);
    assert(error.message.includes(names), error.message);
  });
}

Deno.test("readExperimentFile() refuses a command in both places", () => {
  assert(assertThrows(() => parse(SMALL, ["false"]), SbError).message.includes('"command"'));
});
