/** Faults and storms: nothing is lost in silence, and nothing stays behind. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadedSbPrograms, runSb, startSb } from "../control.ts";
import { fixture } from "../fixtures/build.ts";
import { runReport } from "./report.ts";

const KILLS = 100;

// A library opened in a test counts as that test's leak: open it before.
loadedSbPrograms();

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until the kernel holds nothing of sb's. @returns what is left after five seconds */
async function settle(): Promise<string[]> {
  for (let turn = 0; turn < 100; turn++) {
    if (loadedSbPrograms().length === 0) return [];
    await sleep(50);
  }
  return loadedSbPrograms();
}

Deno.test("SIGKILL of sb at 100 random moments leaves no probe, and the command goes on", async () => {
  const program = fixture("bench_target");
  const marker = crypto.randomUUID();
  const script = 'exec "$0" loop f_push 100 "$1"';
  let wentOn = 0;
  for (let round = 0; round < KILLS; round++) {
    const sb = startSb([
      "run",
      "--slow",
      `${program}:f_push=200us`,
      "--",
      "/bin/sh",
      "-c",
      script,
      program,
      marker,
    ]);
    await sleep(Math.random() * 300);
    sb.kill("SIGKILL");
    await sb.status;
    wentOn += endCommands(marker);
  }
  // What was being started when its sb was killed may have come since.
  await sleep(300);
  wentOn += endCommands(marker);
  assert(wentOn > 0);
  assertEquals(await settle(), []);
});

/** Ends the commands whose command line holds the marker. @returns how many there were */
function endCommands(marker: string): number {
  let ended = 0;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (!Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(marker)) continue;
      Deno.kill(Number(name), "SIGKILL");
      ended++;
    } catch { /* it has ended */ }
  }
  return ended;
}

for (const isolation of ["private-file", "shared"]) {
  Deno.test(`a fork bomb of 10,000 short processes (${isolation}): every hit is counted or reported as missed`, async () => {
    const program = fixture("forkbomb");
    const { report, stdout } = await runReport(
      [`${program}:hot`],
      [program, "10000", "3", "16"],
      [`--isolation=${isolation}`],
    );
    const own = JSON.parse(stdout);
    const [{ hits, misses }] = report.probes;
    assertEquals(own.calls, 30_000);
    assertEquals(report.isolation, isolation);
    assertEquals(hits + misses, own.calls);
  });
}

Deno.test("a command that cannot be started: 127 and 126 as a shell, nothing left attached", async () => {
  const program = fixture("bench_target");
  const missing = await runSb(["run", "--slow", `${program}:f_push=1us`, "--", "/nonexistent/program"]);
  assertEquals(missing.code, 127);
  assertStringIncludes(missing.stderr, "/nonexistent/program");
  const folder = await runSb(["run", "--slow", `${program}:f_push=1us`, "--", "/usr"]);
  assertEquals(folder.code, 126);
  assertEquals(await settle(), []);
});

Deno.test("a file that is replaced during the run is said in the result", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/program`;
    await Deno.copyFile(fixture("bench_target"), program);
    const { report } = await runReport(
      [`${program}:f_push=1us`],
      ["/bin/sh", "-c", `"$0" calls f_push 5; cp "$0" "$0.new" && mv -f "$0.new" "$0"`, program],
      ["--isolation=shared"],
    );
    const [probe] = report.probes;
    assertEquals(probe.hits, 5);
    assertEquals(probe.file.replaced, true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("without its capabilities sb names them and the way on, exit 4", async () => {
  const sb = new URL("../../scripts/sb", import.meta.url).pathname;
  const target = `${fixture("bench_target")}:f_push=1us`;
  const { code, stderr } = await new Deno.Command("setpriv", {
    args: [
      "--bounding-set=-bpf,-perfmon,-sys_admin",
      "--inh-caps=-all",
      sb,
      "run",
      "--slow",
      target,
      "--",
      "true",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assertEquals(code, 4);
  assertStringIncludes(new TextDecoder().decode(stderr), "CAP_BPF");
  assertStringIncludes(new TextDecoder().decode(stderr), "sudo sb");
});

Deno.test("per-process isolation of a run holds the command at its exec: no call is lost", async () => {
  const program = fixture("bench_target");
  const { report } = await runReport([`${program}:f_push=1us`], [program, "calls", "f_push", "500"], [
    "--isolation=per-process",
  ]);
  assertEquals(report.isolation, "per-process");
  assertEquals(report.probes[0].hits, 500);
  assert(report.exit === 0);
});

Deno.test("arguments that are not UTF-8 reach the command byte by byte", async () => {
  const program = fixture("bench_target");
  const sb = new URL("../../scripts/sb", import.meta.url).pathname;
  const script =
    `exec "$0" run -q -o /dev/null --slow "$1:f_push=1us" -- /usr/bin/printf '%s' "$(printf 'a\\377b')"`;
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", script, sb, program],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  assertEquals([...stdout], [0x61, 0xff, 0x62]);
});

Deno.test("without the kernel's type information: exit 3, with what sb doctor found", async () => {
  const sb = new URL("../../scripts/sb", import.meta.url).pathname;
  const script = 'mount -t tmpfs none /sys/kernel/btf && exec "$0" run --json --slow "$1:f_push=1us" -- true';
  const { code, stderr } = await new Deno.Command("unshare", {
    args: ["--mount", "/bin/sh", "-c", script, sb, fixture("bench_target")],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assertEquals(code, 3);
  const { error } = JSON.parse(new TextDecoder().decode(stderr));
  assertEquals(error.code, "backend.unavailable");
  assertStringIncludes(error.message, "btf");
  assertEquals(error.data.doctor.map(({ check }: { check: string }) => check), ["btf"]);
});
