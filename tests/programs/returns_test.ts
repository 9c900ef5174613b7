/** %return never changes what a program computes, and the counts add up. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runSb } from "../control.ts";
import { fixture } from "../fixtures/build.ts";
import { runReport } from "./report.ts";

async function bare(program: string, args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("C++ exceptions through %return targets: the result is unchanged, hits are the normal returns", async () => {
  const program = fixture("cxx_exceptions");
  const args = ["90", "200"];
  const names = ["inner", "middle", "outer", "recurse"];
  const { report, stdout, code } = await runReport(
    names.map((name) => `${program}:chain::${name}%return=2us`),
    [program, ...args],
  );
  assertEquals(code, 0);
  assertEquals(stdout, await bare(program, args));
  const own = JSON.parse(stdout);
  assertEquals(
    report.probes.map(({ hits, misses }) => [hits, misses]),
    names.map((name) => [own[name][1], 0]),
  );
});

Deno.test("recursion to depth 200 through a %return target returns 201 times", async () => {
  const program = fixture("cxx_exceptions");
  const { report } = await runReport([`${program}:chain::recurse%return=2us`], [program, "1", "200"]);
  assertEquals(report.probes.map(({ hits, misses }) => [hits, misses]), [[201, 0]]);
});

Deno.test("longjmp out of %return targets: the result is unchanged, hits are the normal returns", async () => {
  const program = fixture("setjmp");
  const { report, stdout } = await runReport(
    [`${program}:deep%return=2us`, `${program}:dive%return=2us`],
    [program, "100"],
  );
  assertEquals(stdout, await bare(program, ["100"]));
  const own = JSON.parse(stdout);
  assertEquals(report.probes.map(({ hits }) => hits), [own.deep[1], own.dive[1]]);
});

Deno.test("Go through %return targets: the result is unchanged although stacks move, the counts add up", async () => {
  const program = fixture("go_app");
  const { report, stdout, code } = await runReport(
    [`${program}:main.hot%return=2us`, `${program}:main.grow%return=2us`],
    [program, "100", "4"],
  );
  assertEquals(code, 0);
  assertEquals(stdout, await bare(program, ["100", "4"]));
  const own = JSON.parse(stdout);
  assertEquals(report.probes.map(({ hits, misses }) => [hits, misses]), [[own.hot, 0], [own.grow, 0]]);
});

Deno.test("a trampoline counts what the kernel drops beyond 64 nested returns as misses", async () => {
  const program = fixture("trampoline");
  const { report, stdout } = await runReport([`${program}:nested%return`], [program, "200"], [
    "--return=trampoline",
  ]);
  const [{ hits, misses }] = report.probes;
  assertEquals(JSON.parse(stdout).calls, 201);
  assertEquals(hits + misses, 201);
  assert(misses > 0);
});

Deno.test("a return that needs a trampoline in C++ is refused, with the option that accepts it", async () => {
  const program = fixture("trampoline_cxx");
  const { code, stderr } = await runSb(["run", "--slow", `${program}:nested%return=2us`, "--", program, "1"]);
  assertEquals(code, 3);
  assertStringIncludes(stderr, "--return=trampoline");
});
