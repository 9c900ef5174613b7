/** The tables of docs/kernel_matrix.md, from what tests wrote. */
import { assertEquals } from "@std/assert";
import { matrixOf, tableOf } from "../../../scripts/kernel_matrix.ts";
import { singleResults } from "../../../scripts/testing/test_results.ts";

const OUTPUT = `running 3 tests from ./tests/x_test.ts
ebpf: a delay is as long as asked ... ok (12ms)
ebpf: a | b ... FAILED (1s)
kmod: a delay is as long as asked [skipped: no module] ... ignored (0ms)
something else ... ok (1ms)

ok | 2 passed | 1 failed (1s)
`;

Deno.test("singleResults() reads kernel, file, title and outcome of each test", () => {
  assertEquals(singleResults("6.1 timed tests/x_test.ts", OUTPUT).slice(0, 2), [
    { kernel: "6.1", file: "tests/x_test.ts", title: "ebpf: a delay is as long as asked", outcome: "ok" },
    { kernel: "6.1", file: "tests/x_test.ts", title: "ebpf: a | b", outcome: "failed" },
  ]);
  assertEquals(singleResults("tests/x_test.ts", OUTPUT)[0].kernel, Deno.osRelease().match(/^\d+\.\d+/)?.[0]);
});

Deno.test("the table has a row a feature and a column a kernel and backend; a failure stays one", () => {
  const results = [
    ...singleResults("6.12 tests/x_test.ts", OUTPUT),
    ...singleResults("6.1 tests/x_test.ts", OUTPUT.replace("FAILED", "ok")),
    ...singleResults("6.12 tests/x_test.ts", OUTPUT.replace("FAILED", "ok")),
  ];
  assertEquals(
    tableOf(matrixOf(results, false)),
    "| | 6.1 ebpf | 6.1 kmod | 6.12 ebpf | 6.12 kmod |\n" +
      "|---|---|---|---|---|\n" +
      "| a delay is as long as asked | yes | – | yes | – |\n" +
      "| a \\| b | yes | – | **no** | – |\n",
  );
  assertEquals(matrixOf(results, true).features, []);
});
