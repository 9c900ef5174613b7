/** What the tracer counts against what was done: every case of the course's checker, and more, in some rounds. */
import { assertEquals } from "@std/assert";
import { fixture } from "../../fixtures/build.ts";
import { run } from "../kernel_module.ts";
import { loadBoth, unloadModule } from "../tracer.ts";

const ROUNDS = 20;
/** Lines of a round: 20 cases in a process, read in two ways, and 96 threads. */
const LINES = 20 * 2 + 96;

Deno.test("every figure is exact, and sched at least, in every case of every round", () => {
  using _modules = loadBoth();
  const { code, text } = run("nice", fixture("tracer_cases"), String(ROUNDS));
  const lines = text.trimEnd().split("\n");
  assertEquals(lines.filter((line) => !line.startsWith("ok ")), []);
  assertEquals([code, lines.length], [0, ROUNDS * LINES]);
  assertEquals(Deno.readTextFileSync("/sys/module/tracer/parameters/nmissed"), "0\n");
});

Deno.test("an unloaded tracer leaves neither device nor list, and can be loaded again", () => {
  for (let time = 0; time < 3; time++) {
    using _modules = loadBoth();
    assertEquals(Deno.readTextFileSync("/proc/tracer").split("\n").length, 2);
    const { rdev, mode } = Deno.statSync("/dev/tracer");
    // Major 10, minor 42.
    assertEquals([rdev, (mode ?? 0) & 0o777], [10 << 8 | 42, 0o666]);
    assertEquals(unloadModule("tracer"), "ok");
    for (const path of ["/proc/tracer", "/dev/tracer"]) {
      assertEquals(
        [...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))].some(({ name }) => name === "tracer"),
        false,
      );
    }
  }
});
