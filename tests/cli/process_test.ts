/** sb as a process: exit codes, streams, and what happens where nobody reads. */
import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/cli/version.ts";

// Of the checkout, or another executable that must do the same.
const SB = Deno.env.get("SB_FILE") ?? new URL("../../scripts/sb", import.meta.url).pathname;

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

async function sb(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return await started(new Deno.Command(SB, { args, env, stdin: "null" }));
}

async function shell(script: string): Promise<Ended> {
  return await started(new Deno.Command("bash", { args: ["-c", script], env: { SB }, stdin: "null" }));
}

async function started(command: Deno.Command): Promise<Ended> {
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("sb --version answers on stdout", async () => {
  for (const word of ["--version", "-V"]) {
    assertEquals(await sb([word]), { code: 0, stdout: `sb ${VERSION}\n`, stderr: "" });
  }
});

Deno.test("help is the same by every way to it", async () => {
  const { stdout } = await sb(["help", "run"]);
  assertStringIncludes(stdout, "EXAMPLES");
  for (const args of [["run", "--help"], ["run", "-h"], ["--help", "run"], ["run", "-q", "--help"]]) {
    assertEquals(await sb(args), { code: 0, stdout, stderr: "" }, args.join(" "));
  }
});

Deno.test("a wrong option is one line on stderr with the nearest name, and exit 2", async () => {
  const { code, stdout, stderr } = await sb(["run", "--evry", "10", "--", "true"]);
  assertEquals([code, stdout], [2, ""]);
  assertEquals(
    stderr,
    'error: Cannot read the option "--evry": sb run has no such option (did you mean --every?)\n',
  );
});

Deno.test("sb alone and an unknown command are usage errors of one line", async () => {
  for (const args of [[], ["rnu"], ["help", "rnu"], ["completions", "csh"]]) {
    const { code, stdout, stderr } = await sb(args);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^error: Cannot [^\n]*\n$/);
  }
});

Deno.test("with --json a failure is a document in the place of the answer", async () => {
  const symbols = await sb(["symbols", "--json", "--evry"]);
  assertEquals([symbols.code, symbols.stderr], [2, ""]);
  assertEquals(JSON.parse(symbols.stdout).error.code, "usage.option");
  const run = await sb(["run", "--json", "--slow", "a:f=5xs", "--", "true"]);
  assertEquals([run.code, run.stdout], [2, ""]);
  assertEquals(JSON.parse(run.stderr).error.code, "usage.time");
});

Deno.test("with --json and -o a failure is in the report's file", async () => {
  const path = await Deno.makeTempFile();
  try {
    const { code, stdout, stderr } = await sb([
      "run",
      "--json",
      "-o",
      path,
      "--slow",
      "a:f=5xs",
      "--",
      "true",
    ]);
    assertEquals([code, stdout, stderr], [2, "", ""]);
    assertEquals(JSON.parse(await Deno.readTextFile(path)).error.code, "usage.time");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a failed run is 125 before the command, and never starts it", async () => {
  const { code, stdout, stderr } = await sb([
    "run",
    "--slow",
    "/nonexistent/file:f=1us",
    "--",
    "echo",
    "started",
  ]);
  assertEquals([code, stdout], [125, ""]);
  assertMatch(stderr, /^error: Cannot /);
});

Deno.test("a report that cannot be written is refused before the command is started", async () => {
  const { code, stdout, stderr } = await sb([
    "run",
    "-o",
    "/nonexistent/r",
    "--slow",
    "libc:malloc",
    "--",
    "echo",
    "x",
  ]);
  assertEquals([code, stdout], [125, ""]);
  assertStringIncludes(stderr, 'error: Cannot write the report to "/nonexistent/r": ');
});

Deno.test("-o &N needs a descriptor that sb was started with", async () => {
  const closed = await shell('"$SB" run -o "&9" --slow libc:malloc -- echo x');
  assertEquals([closed.code, closed.stdout], [125, ""]);
  assertStringIncludes(closed.stderr, "descriptor 9 is not open");
  const open = await shell('"$SB" run --json -o "&9" --slow a:f=5xs -- echo x 9>&1 2>/dev/null');
  assertEquals([open.code, JSON.parse(open.stdout).error.code], [2, "usage.time"]);
});

Deno.test("a closed pipe ends the output quietly", async () => {
  for (const command of ["man", "completions bash", "doctor", "help run"]) {
    const { stderr } = await shell(`"$SB" ${command} | true; sleep 0.1`);
    assertEquals(stderr, "", command);
  }
});

Deno.test("sb doctor exits with 0 exactly when a backend is usable, and says so in JSON too", async () => {
  const text = await sb(["doctor"]);
  const json = await sb(["doctor", "--json"]);
  const { ok, backends, checks, schema } = JSON.parse(json.stdout);
  assertEquals(schema, 1);
  assertEquals([text.code, json.code], ok ? [0, 0] : [3, 3]);
  assertEquals(Object.keys(backends), ["ebpf", "kmod"]);
  for (const check of checks) {
    assertEquals(Object.keys(check), ["check", "verdict", "evidence", "hint"]);
    assert(["ok", "missing", "broken", "unknown"].includes(check.verdict));
    assertStringIncludes(text.stdout, check.check);
  }
  assertFalse(text.stdout.includes("\x1b"));
});

Deno.test("sb doctor without privileges names what is missing, and exits with 3", async () => {
  if (Deno.uid() !== 0) return;
  const { code, stdout } = await shell('setpriv --bounding-set=-all --inh-caps=-all "$SB" doctor --json');
  const { ok, backends, checks } = JSON.parse(stdout);
  assertEquals([code, ok, backends.ebpf.usable], [3, false, false]);
  const capability = checks.find((check: { check: string }) => check.check === "CAP_BPF");
  assertEquals(capability.verdict, "missing");
  assertStringIncludes(capability.hint, "sudo sb doctor");
  assertStringIncludes(backends.ebpf.why, "CAP_BPF");
});

Deno.test("colour comes with --color=always and goes with never", async () => {
  assertStringIncludes((await sb(["doctor", "--color=always"])).stdout, "\x1b[32m");
  assertFalse((await sb(["doctor", "--color=never"])).stdout.includes("\x1b"));
  assertStringIncludes((await sb(["--color=always", "nothing"])).stderr, "error:");
});

Deno.test("man(1) formats the manual page without a complaint, where it is installed", async () => {
  const { code, stderr } = await shell(
    '"$SB" man >/dev/null && { ! command -v groff >/dev/null || "$SB" man | groff -man -Tutf8 -ww >/dev/null; }',
  );
  assertEquals([code, stderr], [0, ""]);
});
