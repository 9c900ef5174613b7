/** Columns, figures, colours and sinks. */
import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { alignColumns, humanCount, humanSize } from "../../../src/cli/output/columns.ts";
import { paintFor } from "../../../src/cli/output/colour.ts";
import { errorJson, errorText } from "../../../src/cli/output/errors.ts";
import { openReport } from "../../../src/cli/output/report_place.ts";
import { VERSION } from "../../../src/cli/version.ts";
import { SbError } from "../../../src/core/mod.ts";
import { isInheritedDescriptor } from "../../../src/sys/mod.ts";

// sb's libraries stay open until the process ends: opened here, they are no leak of a test.
isInheritedDescriptor(0);

Deno.test("VERSION is deno.json's", () => {
  const config = JSON.parse(Deno.readTextFileSync(new URL("../../../deno.json", import.meta.url)));
  assertStrictEquals(VERSION, config.version);
});

Deno.test("alignColumns() counts µ as one column and leaves nothing behind the last cell", () => {
  const columns = [{ title: "T", align: "right" }, { title: "NAME", align: "left" }] as const;
  assertEquals(alignColumns(columns, [["5 µs", "a"], ["1 s", "bb"]]), ["   T  NAME", "5 µs  a", " 1 s  bb"]);
});

Deno.test("humanCount() and humanSize() read well", () => {
  assertEquals([0, 999, 1000, 20361, 1234567].map(humanCount), ["0", "999", "1,000", "20,361", "1,234,567"]);
  assertEquals([512, 2048, 12345678, 5 * 2 ** 30].map(humanSize), ["512 B", "2 KB", "11.8 MB", "5 GB"]);
});

Deno.test("paintFor() colours when told to, or on a terminal without NO_COLOR", () => {
  const before = { colour: Deno.env.get("NO_COLOR"), term: Deno.env.get("TERM") };
  try {
    Deno.env.delete("NO_COLOR");
    Deno.env.set("TERM", "xterm");
    const red = "\x1b[31mx\x1b[39m";
    assertEquals(paintFor("auto", true).bad("x"), red);
    assertEquals(paintFor("auto", false).bad("x"), "x");
    assertEquals(paintFor("never", true).bad("x"), "x");
    Deno.env.set("NO_COLOR", "1");
    assertEquals(paintFor("auto", true).bad("x"), "x");
    assertEquals(paintFor("always", true).bad("x"), red);
    Deno.env.set("NO_COLOR", "");
    assertEquals(paintFor("auto", true).bad("x"), red);
  } finally {
    if (before.colour === undefined) Deno.env.delete("NO_COLOR");
    else Deno.env.set("NO_COLOR", before.colour);
    if (before.term === undefined) Deno.env.delete("TERM");
    else Deno.env.set("TERM", before.term);
  }
});

Deno.test("errors are two lines for people and one document for programs", () => {
  const error = new SbError("usage.time", 'Cannot read the delay "x": it is not a number', {
    hint: "Write 5us",
    data: { at: 1 },
  });
  assertEquals(
    errorText(error, paintFor("never", false)),
    'error: Cannot read the delay "x": it is not a number\nhint: Write 5us\n',
  );
  assertEquals(JSON.parse(errorJson(error)), {
    schema: 1,
    error: {
      code: "usage.time",
      message: 'Cannot read the delay "x": it is not a number',
      hint: "Write 5us",
      data: { at: 1 },
    },
  });
});

Deno.test("openReport() writes a file whole, and empties one that is there", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "x".repeat(100));
    using sink = openReport(path);
    sink.write("a µ\n");
    assertEquals(await Deno.readTextFile(path), "a µ\n");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("openReport() refuses a place that cannot be written", () => {
  const error = assertThrows(() => openReport("/nonexistent/report"), SbError);
  assertStrictEquals(error.code, "output.unwritable");
  assertStringIncludes(error.message, 'Cannot write the report to "/nonexistent/report": ');
});

Deno.test("openReport() refuses a descriptor that sb was not started with, though Deno may have it open", () => {
  const own = [...Deno.readDirSync("/proc/self/fd")].map((entry) => Number(entry.name)).filter((fd) =>
    fd > 2
  );
  for (const fd of [...own, 999]) {
    const flags = /^flags:\s*(\d+)/m.exec(read(`/proc/self/fdinfo/${fd}`))?.[1] ?? "02000000";
    if ((parseInt(flags, 8) & 0o2000000) === 0) continue;
    const error = assertThrows(() => openReport(`&${fd}`), SbError, `descriptor ${fd} is not open`);
    assertStrictEquals(error.hint, `Open it in the shell: sb … -o '&${fd}' ${fd}>FILE`);
  }
});

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
