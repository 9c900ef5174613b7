/** The programs that time functions, in every way in which kernels let them be attached. */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { openDescriptors, openFd, OpenFlags } from "../../ffi/mod.ts";
import { startCommand } from "../../src/command/mod.ts";
import { probeFeatures, type TimedFunction, TimingSession } from "../../src/probe/mod.ts";
import { planSites, resolveTarget } from "../../src/symbols/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { root, skipUnless } from "../skip.ts";

const FILE = fixture("timed_functions");

function timed(name: string, group: number): TimedFunction {
  const [found] = resolveTarget(`${FILE}:${name}`);
  return {
    file: found.file,
    group,
    entries: planSites(found).sites,
    returns: planSites({ ...found, at: "return" }).sites,
  };
}

/** Times a run of the program, for whoever runs its file; only the command's tree counts. */
async function run(
  args: string[],
  options: { uprobeMulti: boolean; functions: TimedFunction[]; groups: number },
) {
  using nothing = openFd("/dev/null", OpenFlags.rdwr);
  const streams = { stdin: nothing.fd, stdout: nothing.fd, stderr: nothing.fd };
  const { functions, groups, uprobeMulti } = options;
  await using session = new TimingSession(functions, {
    groups,
    filter: true,
    features: { ...probeFeatures(), uprobeMulti },
  });
  session.attach(new Map());
  const { call, args: callArgs, descriptors } = session.entryCall;
  using stranger = startCommand({ command: [FILE, ...args], streams });
  using command = startCommand({
    command: [FILE, ...args],
    streams,
    extraCalls: [{ call, args: callArgs }],
    descriptors,
  });
  await Promise.all([command.wait(), stranger.wait()]);
  session.recalibrate();
  session.cancel();
  return session.times();
}

// A library opened in a test counts as that test's leak: open what sb keeps open before.
if (Deno.uid() === 0) {
  await run(["spin", "1", "1"], { uprobeMulti: true, functions: [timed("spins", 0)], groups: 1 });
}

for (const uprobeMulti of [true, false]) {
  const way = uprobeMulti ? "one link a file" : "a perf event a site";
  Deno.test({
    ...skipUnless(`a command's calls are timed, those of others are not (${way})`, root()),
    async fn() {
      const before = openDescriptors().size;
      const functions = [timed("nests", 0), timed("spins", 1), timed("sleeps", 2)];
      const [nests, spins, sleeps] = await run(["nest", "10", "1000000"], {
        uprobeMulti,
        functions,
        groups: 3,
      });
      const counts = [nests, spins, sleeps].map((
        { calls, returns, opened, finished },
      ) => [calls, returns, opened, finished]);
      assertEquals(counts, [[10, 10, 10, 10], [20, 20, 20, 20], [0, 0, 0, 0]]);
      for (const { inclusiveNs, grossNs } of [nests, spins]) {
        assertGreaterOrEqual(grossNs, 20_000_000);
        assertGreaterOrEqual(inclusiveNs, 0.9 * 20_000_000);
      }
      assertEquals([sleeps.inclusiveNs, sleeps.grossNs, sleeps.nestedNs], [0, 0, 0]);
      assertEquals(openDescriptors().size, before);
    },
  });
}

Deno.test({
  ...skipUnless("a function in two groups is timed in both", root()),
  async fn() {
    const functions = [timed("spins", 0), timed("spins", 1), timed("spins", 1)];
    const times = await run(["spin", "10", "1000000"], { uprobeMulti: true, functions, groups: 2 });
    assertEquals(times.map(({ calls, finished }) => [calls, finished]), [[10, 10], [10, 10]]);
    for (const { inclusiveNs } of times) assertGreaterOrEqual(inclusiveNs, 0.9 * 10_000_000);
  },
});
