/** What `sb sweep` shows beside its answer: the design of `--dry-run`, the line of progress, failures. */
import { assertEquals } from "@std/assert";
import { paintFor } from "../../src/cli/output/colour.ts";
import type { Sink } from "../../src/cli/output/sink.ts";
import { designJson, designText } from "../../src/cli/output/sweep_design.ts";
import { progressLine, roughTime, SweepProgress } from "../../src/cli/output/sweep_progress.ts";
import { completeExperiment, type SweepDesign } from "../../src/sweep/mod.ts";
import { assertGolden } from "./golden.ts";

const DESIGN: SweepDesign = {
  experiment: completeExperiment({
    command: ["python3", "bench.py", "a b"],
    targets: [{ name: "getattr", targets: ["python3:PyObject_GetAttr"] }, {
      name: "dict",
      targets: ["python3:PyDict_*"],
    }],
    delaysNs: [0, 1000, 5000, 20_000],
    budgetNs: 600e9,
  }),
  backend: "ebpf",
  targets: [
    { name: "getattr", functions: ["/usr/bin/python3.11:PyObject_GetAttr"], isolation: "private-file" },
    {
      name: "dict",
      functions: ["Clear", "Copy", "GetItem", "SetItem"].map((name) => `/usr/bin/python3.11:PyDict_${name}`),
      isolation: "private-file",
    },
  ],
  cells: 80,
  done: 12,
  warmups: 2,
  timings: 2,
  expectedNs: 71e9,
  notes: ['2 of 40 functions of "python3:PyDict_*" were left out'],
};

Deno.test("sb sweep --dry-run is the golden text", () => {
  assertGolden("sweep_design.txt", designText(DESIGN, paintFor("never", false)));
});

Deno.test("sb sweep --dry-run --json is the golden document", () => {
  const document = JSON.parse(designJson({ ...DESIGN, experiment: { ...DESIGN.experiment } }));
  document.kernel = "6.18.0";
  assertGolden("sweep_design.json", JSON.stringify(document, null, 2) + "\n");
});

Deno.test("sb sweep --dry-run says what cannot be known before: chosen delays, the command's own time", () => {
  const text = designText(
    {
      ...DESIGN,
      experiment: { ...DESIGN.experiment, delaysNs: "auto", budgetNs: null },
      done: 0,
      expectedNs: null,
    },
    paintFor("never", false),
  );
  assertEquals(text.split("\n").filter((line) => /^(delays|runs|time)/.test(line)), [
    "delays   chosen for each target",
    "runs     at most 80 measured, 2 to warm up, 2 or more to time the functions",
    "time     84 times the command's own, and the delays",
  ]);
});

const CELL = { id: "2.malloc.5000", block: 2, target: "malloc", delayNs: 5000 };

Deno.test("progressLine() tells block, cell, share and what is left", () => {
  const progress = { block: 3, blocks: 10, cell: CELL, done: 41, planned: 120, leftNs: 130e9 };
  assertEquals(
    progressLine(progress),
    "block 3 of 10  malloc with 5us  41 of 120 runs (34 %)  about 2m 10s left",
  );
  assertEquals(
    progressLine({ ...progress, cell: { ...CELL, delayNs: 0 }, leftNs: 0 }),
    "block 3 of 10  malloc with no delay  41 of 120 runs (34 %)",
  );
});

for (
  const [ns, text] of [[1, "1s"], [59e9, "59s"], [60e9, "1m 0s"], [3599e9, "59m 59s"], [
    7500e9,
    "2h 5m",
  ]] as const
) {
  Deno.test(`roughTime() writes ${text}`, () => assertEquals(roughTime(ns), text));
}

/** What a sink got. */
function recorded(terminal: boolean): Sink & { text: string } {
  return {
    text: "",
    terminal,
    write(text) {
      this.text += text;
      return true;
    },
    writeBytes: () => true,
    [Symbol.dispose]() {},
  };
}

function followed(terminal: boolean, options: { quiet?: boolean; shows?: boolean } = {}): string {
  const sink = recorded(terminal);
  const progress = new SweepProgress(sink, { quiet: false, shows: true, maxFailures: 3, ...options });
  progress.stage("timing the functions");
  progress.failed({ cell: CELL, why: "exit 3", errors: "no\n\nroom\n" });
  progress.tell("giving up the run in progress");
  progress[Symbol.dispose]();
  return sink.text;
}

const FAILURE = "warning: run 3 of malloc with 5us failed (1 of 3): exit 3\n  no\n  room\n";

Deno.test("SweepProgress writes over one line on a terminal, and failures above it", () => {
  const paint = Deno.env.get("NO_COLOR");
  Deno.env.set("NO_COLOR", "1");
  try {
    const line = "timing the functions";
    assertEquals(
      followed(true),
      `\r\x1b[K${line}\r\x1b[K${FAILURE}${line}\r\x1b[Kgiving up the run in progress\n${line}\r\x1b[K`,
    );
  } finally {
    if (paint === undefined) Deno.env.delete("NO_COLOR");
    else Deno.env.set("NO_COLOR", paint);
  }
});

Deno.test("SweepProgress writes failures alone elsewhere, and nothing at all where it is to be quiet", () => {
  assertEquals(followed(false), FAILURE);
  assertEquals(followed(true, { quiet: true }), "");
});
