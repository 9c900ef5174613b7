/** timeFunctions() on a program whose functions take as long as they are told to. */
import {
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { monotonicNs, openDescriptors, openFd, OpenFlags } from "../../ffi/mod.ts";
import { SbError } from "../../src/core/mod.ts";
import { type FunctionTime, timeFunctions, type TimeOptions } from "../../src/session/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { root, skipUnless } from "../skip.ts";

const FILE = fixture("timed_functions");

// A library opened in a test counts as that test's leak: open what sb keeps open before.
if (Deno.uid() === 0) await timeFunctions({ command: ["true"], probes: [{ target: `${FILE}:spins` }] });

function test(title: string, fn: () => Promise<void>): void {
  Deno.test({ ...skipUnless(title, root()), fn });
}

/** What a run of the program gave, and how long all of it took. */
interface Timed {
  times: FunctionTime[];
  wholeNs: number;
}

async function time(mode: string, functions: readonly string[], options: TimeOptions = {}): Promise<Timed> {
  const began = monotonicNs();
  const times = await timeFunctions({
    command: [FILE, ...mode.split(" ")],
    probes: functions.map((name) => ({ target: `${FILE}:${name}` })),
  }, options);
  return { times, wholeNs: Number(monotonicNs() - began) };
}

/** A time is at least what the program was told to take, but for what calibration may be wrong by. */
function requireTime({ inclusiveNs }: FunctionTime, leastNs: number): void {
  assertGreaterOrEqual(inclusiveNs ?? -1, 0.9 * leastNs);
}

/** The time of one function; no thread took longer than all of the program. */
function requirePlausible({ times: [time], wholeNs }: Timed, leastNs: number, threads = 1): void {
  requireTime(time, leastNs);
  assertLess(time.inclusiveNs ?? Infinity, threads * wholeNs);
}

test("timeFunctions() tells calls and their time, waiting included", async () => {
  for (
    const [mode, name, calls] of [["spin 20 1000000", "spins", 20], [
      "sleep 10 3000000",
      "sleeps",
      10,
    ]] as const
  ) {
    const timed = await time(mode, [name]);
    const { target, calls: seen, unfinished, notes } = timed.times[0];
    assertEquals([target, seen, unfinished, notes], [`${FILE}:${name}`, calls, 0, []]);
    requirePlausible(timed, name === "spins" ? 20 * 1_000_000 : 10 * 3_000_000);
  }
});

test("timeFunctions() counts a function that calls itself once", async () => {
  // Counted at every depth it would be twenty times what the program took.
  const timed = await time("recurse 5 19 20000000", ["recurses"]);
  assertEquals([timed.times[0].calls, timed.times[0].unfinished], [100, 0]);
  requirePlausible(timed, 5 * 20_000_000);
});

test("timeFunctions() adds up over threads", async () => {
  const timed = await time("threads 8 5 10000000", ["sleeps"]);
  assertEquals([timed.times[0].calls, timed.times[0].unfinished], [40, 0]);
  requirePlausible(timed, 8 * 5 * 10_000_000, 8);
});

test("timeFunctions() is not confused by calls that are left by longjmp(3), and says that their time is missing", async () => {
  const timed = await time("jump 20 1000000", ["jumps"]);
  const [{ calls, unfinished, notes }] = timed.times;
  assertEquals([calls, unfinished, notes], [40, 20, ["20 of 40 calls had no return: their time is missing"]]);
  requirePlausible(timed, 20 * 1_000_000);
});

test("timeFunctions() says where a function ends in another one", async () => {
  const { times: [tails, tailOf] } = await time("tail 20 1000000", ["tails", "tail_of"]);
  assertEquals([tails.calls, tails.unfinished, tailOf.calls], [20, 0, 20]);
  assertStringIncludes(tails.notes[0], "20 of 20 returns led into another function");
  requireTime(tailOf, 20 * 1_000_000);
});

test("timeFunctions() times functions apart, or together as a group, in which one within another counts once", async () => {
  const leastNs = 10 * 2 * 2_000_000;
  const apart = await time("nest 10 2000000", ["nests", "spins"]);
  for (const [index, calls] of [10, 20].entries()) {
    assertEquals(apart.times[index].calls, calls);
    requireTime(apart.times[index], leastNs);
  }
  const together = await time("nest 10 2000000", ["nests", "spins"], { groups: ["both", "both"] });
  assertEquals(together.times.map(({ target, calls }) => [target, calls]), [["both", 30]]);
  requirePlausible(together, leastNs);
});

test("timeFunctions() takes a pattern for a group", async () => {
  const { times } = await time("nest 10 100000", ["/^(nests|spins)$/"]);
  assertEquals(times.map(({ calls }) => calls), [30]);
});

test("timeFunctions() tells of a call in which the program ended, and of functions that are never called", async () => {
  const { times: [exits, spins] } = await time("exit 1000", ["exits", "spins"]);
  assertEquals([exits.calls, exits.unfinished, exits.inclusiveNs], [1, 1, 0]);
  assertEquals([spins.calls, spins.unfinished, spins.inclusiveNs, spins.notes], [0, 0, 0, []]);
});

test("timeFunctions() gives the command's output to whom it is asked to", async () => {
  const path = await Deno.makeTempFile();
  try {
    using written = openFd(path, OpenFlags.rdwr);
    await time("spin 1 1", ["spins"], { stdout: written.fd });
    assertGreaterOrEqual(JSON.parse(await Deno.readTextFile(path)).ns, 1);
  } finally {
    await Deno.remove(path);
  }
});

test("timeFunctions() times where the probe would be at the return, and for whoever runs the file", async () => {
  const command = [FILE, "spin", "10", "1000000"];
  for (const isolation of ["private-file", "shared"] as const) {
    const [time] = await timeFunctions({
      command,
      isolation,
      probes: [{ target: `${FILE}:spins%return` }],
    });
    assertEquals(time.calls, 10);
    requireTime(time, 10 * 1_000_000);
  }
});

test("timeFunctions() uses a return trampoline where ways out cannot be decoded, and otherwise says why not", async () => {
  const file = fixture("trampoline");
  const cxx = fixture("trampoline_cxx");
  // The kernel drops trampolines that are nested deeper than 64.
  for (const [depth, unfinished] of [[5, 0], [99, 36]]) {
    const probes = [{ target: `${file}:nested` }];
    const [nested] = await timeFunctions({ command: [file, String(depth)], probes });
    assertEquals([nested.calls, nested.unfinished], [depth + 1, unfinished]);
  }
  const asked = { command: [cxx], probes: [{ target: `${cxx}:nested` }] };
  const [refused] = await timeFunctions(asked);
  assertEquals([refused.inclusiveNs, refused.calls], [null, 0]);
  assertStringIncludes(refused.notes[0], '"nested" is not timed: Cannot probe the return');
});

test("timeFunctions() refuses the kernel module, groups that do not fit, and what run() refuses", async () => {
  const asked = { command: [FILE, "spin", "1", "1"], probes: [{ target: `${FILE}:spins` }] };
  const refusal = async (act: () => Promise<unknown>) => (await assertRejects(act, SbError)).code;
  assertEquals(await refusal(() => timeFunctions(asked, { groups: [] })), "usage.option");
  assertEquals(
    await refusal(() => timeFunctions({ ...asked, isolation: "per-process" })),
    "isolation.unavailable",
  );
  assertEquals(
    await refusal(() => timeFunctions({ ...asked, probes: [{ target: `${FILE}:no_such` }] })),
    "probe.symbol_not_found",
  );
  assertEquals(
    await refusal(() => timeFunctions({ ...asked, command: ["sb-no-such-command"] })),
    "command.not_found",
  );
});

test("a signal ends the timing and the command; nothing stays open", async () => {
  const before = openDescriptors().size;
  const asked = { command: [FILE, "sleep", "1", "60000000000"], probes: [{ target: `${FILE}:sleeps` }] };
  await assertRejects(() => timeFunctions(asked, { signal: AbortSignal.timeout(300) }), DOMException);
  assertEquals(openDescriptors().size, before);
});
