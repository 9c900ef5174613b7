/**
 * Slows a function of a program that this script starts, and shows the difference.
 *
 *     sudo deno run -A examples/deno_probe.ts
 */
import * as sb from "../mod.ts";

/** For each line of input: 20,000 attributes are read by a name made at run time, and the time of one is printed. */
const PROGRAM = `
import sys, time
class Point: field = 1
point, name = Point(), "".join(["fi", "eld"])
for line in sys.stdin:
    start = time.perf_counter_ns()
    for _ in range(20_000): getattr(point, name)
    sys.stdout.write(f"{(time.perf_counter_ns() - start) / 20_000}\\n")
    sys.stdout.flush()
`;

const child = new Deno.Command("/usr/bin/python3", {
  args: ["-c", PROGRAM],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const input = child.stdin.getWriter();
const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();

/** Asks the program how long a read takes it, nanoseconds. */
async function measure(): Promise<number> {
  await input.write(new TextEncoder().encode("\n"));
  return Number((await output.read()).value);
}

function report(what: string, ns: number): void {
  console.log(`${what.padEnd(8)}${(ns / 1000).toFixed(2).padStart(8)} µs a read`);
}

await measure();
const before = await measure();
report("before", before);
{
  await using probe = await sb.probe({
    target: "/usr/bin/python3:PyObject_GetAttr",
    delay: "5us",
    pid: child.pid,
  });
  const slowed = await measure();
  report("slowed", slowed);
  const { hits, meanNs } = probe.stats().statistics;
  console.log(`${hits} calls were delayed, by ${((meanNs ?? 0) / 1000).toFixed(2)} µs each`);
}
report("after", await measure());

await input.close();
await child.status;
await output.cancel();
