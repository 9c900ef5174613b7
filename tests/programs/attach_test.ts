/** `sb attach`: a running tree, with and without others that map the file. */
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { runSb } from "../control.ts";
import { fixture } from "../fixtures/build.ts";
import { LineProcess } from "../line_process.ts";
import type { RunReport } from "./report.ts";

const SB = new URL("../../scripts/sb", import.meta.url).pathname;

interface AttachReport extends RunReport {
  ended: string | null;
  bystanders: { processes: number; hits: number } | null;
}

async function startProgram(): Promise<LineProcess> {
  const program = new LineProcess(fixture("bench_target"), ["wait"]);
  await program.readLine();
  return program;
}

/** `sb attach --json`, its probes live: the first report has come. */
async function attachTo(pid: number, options: string[]): Promise<LineProcess> {
  const target = `${fixture("bench_target")}:f_push=20us`;
  const args = [
    "attach",
    "--json",
    "-o",
    "-",
    "--pid",
    String(pid),
    "--interval",
    "100ms",
    "--slow",
    target,
    ...options,
  ];
  const sb = new LineProcess(SB, args);
  await sb.readLine();
  return sb;
}

/** Ends sb as Ctrl-C does and gives its last report. */
async function finish(sb: LineProcess): Promise<AttachReport> {
  sb.kill("SIGINT");
  return await lastReport(sb);
}

async function lastReport(sb: LineProcess): Promise<AttachReport> {
  let last: unknown;
  for (let report = await sb.readLine(); report !== undefined; report = await sb.readLine()) last = report;
  await sb[Symbol.asyncDispose]();
  return last as AttachReport;
}

/** Whether a program's f_push has a breakpoint in its memory. */
function hasBreakpoint(pid: number, fileOffset: number): boolean {
  const mapping = Deno.readTextFileSync(`/proc/${pid}/maps`).split("\n").find((line) =>
    / r-xp /.test(line) && line.endsWith("/bench_target")
  ) as string;
  const [range, , offset] = mapping.split(" ");
  const start = parseInt(range, 16);
  using memory = Deno.openSync(`/proc/${pid}/mem`);
  memory.seekSync(start + fileOffset - parseInt(offset, 16), Deno.SeekMode.Start);
  const byte = new Uint8Array(1);
  memory.readSync(byte);
  return byte[0] === 0xcc;
}

Deno.test("a program that nobody else runs is attached to exactly, forks included, and goes on after Ctrl-C", async () => {
  await using program = await startProgram();
  const sb = await attachTo(program.pid, []);
  await program.send("calls f_push 100");
  await program.send("fork 3 f_push 10");
  const report = await finish(sb);
  assertEquals([report.isolation, report.ended], ["shared", "interrupted"]);
  assertEquals(report.probes.map(({ hits, delayed }) => [hits, delayed]), [[130, 130]]);
  assertEquals((await program.send("calls f_push 1")).length, 1);
});

Deno.test("beside another process of the same file only the tree gets the breakpoint (per-process)", async () => {
  await using program = await startProgram();
  await using other = await startProgram();
  const sb = await attachTo(program.pid, []);
  await program.send("calls f_push 100");
  await other.send("calls f_push 50");
  const { stdout } = await runSb(["symbols", "--json", fixture("bench_target"), "f_push"]);
  const offset = Number(
    JSON.parse(stdout).symbols.find(({ name }: { name: string }) => name === "f_push").file_offset,
  );
  assertEquals([hasBreakpoint(program.pid, offset), hasBreakpoint(other.pid, offset)], [true, false]);
  const report = await finish(sb);
  assertEquals(report.isolation, "per-process");
  assertEquals(report.probes[0].hits, 100);
});

Deno.test("shared isolation is exact and says what it costs others", async () => {
  await using program = await startProgram();
  await using other = await startProgram();
  const sb = await attachTo(program.pid, ["--isolation=shared"]);
  await program.send("fork 4 f_push 25");
  await other.send("calls f_push 50");
  const report = await finish(sb);
  assertEquals(report.probes[0].hits, 100);
  assertEquals([report.bystanders?.processes, report.bystanders?.hits], [1, 50]);
});

Deno.test("an attachment ends with its tree", async () => {
  const program = await startProgram();
  const sb = await attachTo(program.pid, []);
  await program.send("calls f_push 5");
  await program[Symbol.asyncDispose]();
  const report = await lastReport(sb);
  assertEquals([report.ended, report.probes[0].hits], ["exited", 5]);
});

Deno.test("a thread's id is refused with the name of its leader", async () => {
  // This process has threads of its own.
  const thread = [...Deno.readDirSync("/proc/self/task")].map(({ name }) => Number(name)).find((id) =>
    id !== Deno.pid
  );
  const { code, stderr } = await runSb(["attach", "--pid", String(thread), "--slow", "libc:malloc=1us"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, String(Deno.pid));
});

Deno.test("a process that does not exist, and a name that nobody has, are refused", async () => {
  const pid = await runSb(["attach", "--pid", "4194303", "--slow", "libc:malloc=1us"]);
  assertEquals(pid.code, 1);
  assertStringIncludes(pid.stderr, "4194303");
  const name = await runSb(["attach", "--name", "no-such-name", "--slow", "libc:malloc=1us"]);
  assertEquals(name.code, 1);
  assertStringIncludes(name.stderr, "no-such-name");
});

Deno.test("a running process cannot be given a private file", async () => {
  const { code, stderr } = await runSb([
    "attach",
    "--pid",
    String(Deno.pid),
    "--isolation=private-file",
    "--slow",
    `${fixture("bench_target")}:f_push=1us`,
  ]);
  assertEquals(code, 3);
  assertStringIncludes(stderr, "per-process");
});

Deno.test("intervals report while it goes on", async () => {
  await using program = await startProgram();
  const sb = await attachTo(program.pid, ["--for", "350ms"]);
  const reports: AttachReport[] = [];
  for (let report = await sb.readLine(); report !== undefined; report = await sb.readLine()) {
    reports.push(report as AttachReport);
  }
  await sb[Symbol.asyncDispose]();
  assertGreater(reports.length, 1);
  assert(reports.slice(0, -1).every(({ ended }) => ended === null));
  assertEquals(reports.at(-1)?.ended, "time");
});
