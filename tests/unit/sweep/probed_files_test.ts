/** Files of a sweep: by their build IDs, by size and time where there is none. */
import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { type ProbedFile, probedFiles, requireSameFiles } from "../../../src/sweep/probed_files.ts";

const BUILT: ProbedFile = {
  path: "/usr/bin/program",
  buildId: "abc0",
  sizeBytes: 16_000,
  modified: "2026-11-02T09:12:44.000Z",
};
const PLAIN: ProbedFile = { ...BUILT, buildId: null };

Deno.test("probedFiles() tells each file once, by path", () => {
  const file = {
    path: "/usr/lib/libc.so.6",
    openPath: "/usr/lib/libc.so.6",
    device: 1,
    inode: 2n,
    sizeBytes: 1_900_000,
    modifiedNs: 1_793_610_764_123_456_789n,
    buildId: "abc1",
    machine: "x86_64",
    go: false,
  } as const;
  assertEquals(probedFiles([{ file }, { file: { ...file, path: "/bin/program" } }, { file }]), [
    { path: "/bin/program", buildId: "abc1", sizeBytes: 1_900_000, modified: "2026-11-02T09:12:44.123Z" },
    {
      path: "/usr/lib/libc.so.6",
      buildId: "abc1",
      sizeBytes: 1_900_000,
      modified: "2026-11-02T09:12:44.123Z",
    },
  ]);
});

Deno.test("a file is the same by its build ID, whenever it was written, and without one by size and time", () => {
  const later = "2026-11-02T10:00:00.000Z";
  const same: [ProbedFile[], ProbedFile[]][] = [
    [[], [BUILT]],
    [[BUILT], []],
    [[BUILT], [{ ...BUILT, modified: later, sizeBytes: 16_008 }]],
    [[PLAIN], [{ ...PLAIN }]],
    [[BUILT], [{ ...BUILT, path: "/usr/bin/other", buildId: "abc9" }]],
  ];
  for (const [before, now] of same) requireSameFiles(before, now, { journal: "x.cells.ndjson" });
  const changed: [ProbedFile, ProbedFile][] = [
    [BUILT, { ...BUILT, buildId: "abc9" }],
    [BUILT, PLAIN],
    [PLAIN, BUILT],
    [PLAIN, { ...PLAIN, modified: later }],
    [PLAIN, { ...PLAIN, sizeBytes: 16_008 }],
  ];
  for (const [before, now] of changed) {
    const error = assertThrows(
      () => requireSameFiles([before], [now], { journal: "x.cells.ndjson" }),
      SbError,
      'Cannot go on with "x.cells.ndjson": "/usr/bin/program" was built anew since its cells ran',
    );
    assertEquals([error.code, error.data], ["sweep.journal", { path: "/usr/bin/program" }]);
  }
});
