/** From an invocation to what the session is asked for. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseCommandLine } from "../../../src/cli/parse.ts";
import { attachRequest, runRequest } from "../../../src/cli/request.ts";
import { parseSpec, SbError } from "../../../mod.ts";

const run = (...argv: string[]) => runRequest(parseCommandLine(["run", ...argv]));
const attach = (...argv: string[]) => attachRequest(parseCommandLine(["attach", ...argv]));

Deno.test("runRequest() makes probes of --slow, and counts where there is no delay", () => {
  assertEquals(run("--slow", "libc:malloc=5us,every=2", "-s", "libc:free", "-u", "nobody", "ls", "-l"), {
    probes: [
      { target: "libc:malloc", spec: parseSpec("5us,every=2") },
      { target: "libc:free", spec: parseSpec("0") },
    ],
    backend: "auto",
    isolation: "auto",
    trampoline: false,
    command: ["ls", "-l"],
    fromOwnArguments: true,
    user: "nobody",
  });
});

Deno.test("runRequest() takes the command's options as defaults of every probe", () => {
  const { probes } = run(
    ...[
      "--every",
      "10",
      "--probability=0.5",
      "--times",
      "3",
      "--start=1s",
      "--duration",
      "2m",
      "--how=sleep",
    ],
    ...["--no-compensate", "--slow", "a:f=1us,every=2", "--slow", "a:g=1us", "ls"],
  );
  const rest = "probability=0.5,times=3,start=1s,duration=2m,how=sleep,compensate=no";
  assertEquals(probes.map((probe) => probe.spec), [
    parseSpec(`1us,every=2,${rest}`),
    parseSpec(`1us,every=10,${rest}`),
  ]);
});

Deno.test("runRequest() reads a configuration file, and lets the options win over it", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(
      path,
      'version = 1\nisolation = "shared"\nreturn = "trampoline"\n[[probe]]\ntarget = "a:f"\ndelay = "1us"\n',
    );
    const request = run("-f", path, "--slow", "a:g=2us", "--times=4", "ls");
    assertEquals(request.probes.map((probe) => [probe.target, probe.spec.schedule.times]), [["a:f", 4], [
      "a:g",
      4,
    ]]);
    assertEquals([request.isolation, request.trampoline], ["shared", true]);
    assertEquals(run("-f", path, "--isolation=private-file", "ls").isolation, "private-file");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("attachRequest() reads the process and the times", () => {
  const request = attach("--pid=42", "--slow", "a:f", "--for", "2m", "--interval=1s");
  assertEquals(
    [request.pid, request.name, request.forNs, request.intervalNs],
    [42, null, 120e9, 1e9],
  );
  assertEquals(attach("-n", "redis", "-sa:f").name, "redis");
});

const REFUSED: [title: string, read: () => unknown, message: string, hint: string][] = [
  ["a run without probes", () => run("ls"), "nothing to slow, no --slow and no -f were given", "Add --slow"],
  [
    "a wrong --every",
    () => run("--every=0", "-sa:f", "ls"),
    'Cannot read every="0": it is less than 1',
    "from 1",
  ],
  ["a wrong delay", () => run("-sa:f=5xs", "ls"), '"xs" is not a unit', "ns, us"],
  [
    "a configuration file that is not there",
    () => run("-f", "/nonexistent.toml", "ls"),
    'Cannot read "/nonexistent.toml": there is no such file',
    "",
  ],
  ["a directory as a configuration file", () => run("-f", "/etc", "ls"), 'Cannot read "/etc": ', ""],
  ["no process", () => attach("-sa:f"), "--pid PID or --name COMM is missing", ""],
  ["two processes", () => attach("-sa:f", "-p1", "-nx"), "--pid and --name are both given", ""],
  [
    "a process id that is none",
    () => attach("-sa:f", "--pid=x"),
    'Cannot read "--pid=x": it is not a process id',
    "",
  ],
  ["a negative process id", () => attach("-sa:f", "--pid", "-5"), "it is not a process id", ""],
  [
    "--for of nothing",
    () => attach("-sa:f", "-p1", "--for=0"),
    'Cannot read the --for "0": it is too short',
    "above 0",
  ],
  [
    "an --interval under 10 ms",
    () => attach("-sa:f", "-p1", "--interval=9ms"),
    "it is too short",
    "10ms or more",
  ],
  [
    "a --for that is no time",
    () => attach("-sa:f", "-p1", "--for=soon"),
    'Cannot read the --for "soon"',
    "5us",
  ],
];

for (const [title, read, message, hint] of REFUSED) {
  Deno.test(`a request refuses ${title}`, () => {
    const error = assertThrows(read, SbError, message);
    assertStringIncludes(error.hint ?? "", hint);
  });
}
