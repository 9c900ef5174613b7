/** Guests as scripts/vm runs them: status, output, files, complaints of the kernel, death, time. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { skipUnless } from "../skip.ts";
import { FAULT, guestNeeds, ROOT, runVm, runWithFaults } from "./harness_guest.ts";

function test(title: string, fn: () => Promise<void>): void {
  Deno.test({ ...skipUnless(title, ...guestNeeds()), fn });
}

test("arguments arrive as they are, outputs apart, and the exit status comes back", async () => {
  const script = 'printf "%s|" "$0" "$@"; echo told >&2; echo again >/dev/stdout; exit 7';
  const words = ["it's", 'a "b" $HOME `x`', "two\nlines", "", "-- *"];
  const run = await runVm(["--", "sh", "-c", script, ...words]);
  assertEquals(run, { code: 7, stdout: `${words.join("|")}|again\n`, stderr: "told\n" });
});

test("a command that is not there gives 127", async () => {
  assertEquals((await runVm(["--", "no-such-command"])).code, 127);
});

test("a folder of /tmp is there when the command runs in it, and writes stay in the guest", async () => {
  const folder = Deno.makeTempDirSync({ dir: "/tmp" });
  const other = Deno.makeTempDirSync({ dir: "/tmp" });
  try {
    Deno.writeTextFileSync(`${folder}/file`, "mine\n");
    const script = `pwd; cat file; echo changed >file; cat file; ls ${other} 2>&1; ls -d /run/host${other}`;
    const { stdout } = await runVm(["--", "sh", "-c", script], { cwd: folder });
    assertMatch(stdout, new RegExp(`^${folder}\nmine\nchanged\n.*No such file.*\n/run/host${other}\n$`));
    assertEquals(Deno.readTextFileSync(`${folder}/file`), "mine\n");
  } finally {
    for (const path of [folder, other]) Deno.removeSync(path, { recursive: true });
  }
});

test("output comes while the command runs, and a job folder is shared both ways", async () => {
  const job = Deno.makeTempDirSync();
  const script = "echo first; until [ -e /run/job/go ]; do sleep 0.1; done; cat /run/job/go >/run/job/back";
  const child = new Deno.Command(`${ROOT}/scripts/vm`, {
    args: ["--job", job, "--", "sh", "-c", script],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "first\n");
  Deno.writeTextFileSync(`${job}/go`, "gone");
  assert((await reader.read()).done);
  assertEquals((await child.status).code, 0);
  assertEquals(Deno.readTextFileSync(`${job}/back`), "gone");
  Deno.removeSync(job, { recursive: true });
});

test("a WARN makes a command that succeeded fail with 98, and is shown", async () => {
  const run = await runWithFaults(`echo warn >${FAULT}`);
  assertEquals(run.code, 98);
  assertStringIncludes(run.stderr, "WARNING: ");
  assertStringIncludes(run.stderr, "fault_set");
});

test("a WARN is let pass when the caller says so, and a command that failed keeps its status", async () => {
  assertEquals(await runWithFaults(`echo warn >${FAULT}`, "--allow-warn"), {
    code: 0,
    stdout: "",
    stderr: "",
  });
  assertEquals((await runWithFaults(`echo warn >${FAULT}; exit 5`)).code, 5);
});

test("a module is loaded before the command and unloaded after it; one that stays gives 98", async () => {
  const listed = await runWithFaults("cut -d ' ' -f 1 /proc/modules | head -n 1");
  assertEquals(listed, { code: 0, stdout: "fault_module\n", stderr: "" });
  const pinned = await runWithFaults(`echo pin >${FAULT}`);
  assertEquals(pinned.code, 98);
  assertStringIncludes(pinned.stderr, "the module cannot be unloaded");
});

test("a guest that dies gives 99, with what it printed and the end of its console", async () => {
  const run = await runWithFaults(`echo before; echo bug >${FAULT}; echo after`);
  assertEquals([run.code, run.stdout], [99, "before\n"]);
  assertStringIncludes(run.stderr, "kernel BUG at");
  assertStringIncludes(run.stderr, "the guest died");
});

test("a guest whose time is over gives 124, with what it printed", async () => {
  const run = await runVm(["--timeout", "30", "--", "sh", "-c", "echo before; sleep 1000"]);
  assertEquals([run.code, run.stdout], [124, "before\n"]);
});

test("SIGTERM ends the guest, and nothing of it stays", async () => {
  const folder = Deno.makeTempDirSync();
  const leftovers = () => [...Deno.readDirSync(folder)].length;
  const child = new Deno.Command(`${ROOT}/scripts/vm`, {
    args: ["--", "sh", "-c", "echo up; sleep 1000"],
    env: { TMPDIR: folder },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  assertEquals(leftovers(), 1);
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 143);
  await reader.cancel();
  assertEquals(leftovers(), 0);
  Deno.removeSync(folder);
});

/** A loop of a million turns, six times; the shortest was not interrupted by a tick. */
const LOOP = `
#include <stdio.h>
#include <time.h>
int main(void)
{
	long least = 1L << 62;
	for (int round = 0; round < 6; round++) {
		struct timespec start, end;
		clock_gettime(CLOCK_MONOTONIC, &start);
		for (volatile int turn = 0; turn < 1000000; turn++)
			;
		clock_gettime(CLOCK_MONOTONIC, &end);
		long ns = (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
		least = ns < least ? ns : least;
	}
	printf("%ld\\n", least);
	return 0;
}
`;

/** Two runs differ by where ticks fall: by less than a microsecond in six milliseconds. */
const TOLERANCE_NS = 1000;

test("deterministic time: a loop takes the same time in two guests", async () => {
  const folder = Deno.makeTempDirSync({ dir: "/tmp" });
  try {
    Deno.writeTextFileSync(`${folder}/loop.c`, LOOP);
    const compile = { args: ["-O1", "-static", "loop.c", "-o", "loop"], cwd: folder };
    assert(new Deno.Command("gcc", compile).outputSync().success);
    const times: number[] = [];
    for (let run = 0; run < 2; run++) {
      const { stdout } = await runVm(["--timed", "--", "sh", "-c", "cp loop /dev/shm && /dev/shm/loop"], {
        cwd: folder,
      });
      times.push(Number(stdout));
    }
    assert(times[0] > 1_000_000, `${times}`);
    assert(Math.abs(times[0] - times[1]) <= TOLERANCE_NS, `${times}`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
