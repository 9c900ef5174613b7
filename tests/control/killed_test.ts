/** sb killed in the middle of a verb: whoever comes next finds a state that it can list, use and clear. */
import { assert, assertEquals } from "@std/assert";
import { parseSpec, planProbes } from "../../mod.ts";
import { type PinnedProbe, PinnedProbes } from "../../src/probe/mod.ts";
import { scanTree } from "../../src/scope/mod.ts";
import { loadedSbPrograms, runSb } from "../control.ts";
import { fixture } from "../fixtures/build.ts";
import { executable, root, skipUnless } from "../skip.ts";
import { armedAt, Folder, Program } from "../vm/program.ts";

const SB = new URL("../../scripts/sb", import.meta.url).pathname;
const STRACE = "/usr/bin/strace";
const PINS = "/sys/fs/bpf/sb";

// A library opened in a test counts as that test's leak: open what sb keeps open before.
loadedSbPrograms();
planProbes([{ target: `${fixture("bench_target")}:f_push`, spec: parseSpec("0") }], { trampoline: false });

/** A verb, what is there before it, and the system calls that are counted. */
interface Case {
  verb: string[];
  /** null: nothing is pinned. */
  probes: number | null;
  enabled: boolean;
  calls: string;
  /** Killed at the first call, and each so many later. */
  every: number;
}

const CASES: Case[] = [
  {
    verb: ["add", "{scope}", "{path}:f_m*", "5us"],
    probes: null,
    enabled: false,
    calls: "mkdir,mkdirat",
    every: 2,
  },
  { verb: ["add", "{scope}", "{path}:f_m*", "5us"], probes: null, enabled: false, calls: "bpf", every: 11 },
  { verb: ["add", "{scope}", "{path}:f_m*", "5us"], probes: 1, enabled: true, calls: "bpf", every: 37 },
  { verb: ["enable"], probes: 2, enabled: false, calls: "bpf", every: 37 },
  { verb: ["update", "e1", "exp:2us"], probes: 2, enabled: true, calls: "bpf", every: 17 },
  { verb: ["disable"], probes: 2, enabled: true, calls: "bpf", every: 29 },
  { verb: ["disable"], probes: 2, enabled: true, calls: "unlink,unlinkat", every: 1 },
  { verb: ["remove", "e2"], probes: 2, enabled: true, calls: "bpf", every: 23 },
  { verb: ["clear"], probes: 2, enabled: true, calls: "unlink,unlinkat,rmdir", every: 3 },
];

/** SB_KILL_EVERY=1 kills at each call, which takes a quarter of an hour. */
const EVERY = Number(Deno.env.get("SB_KILL_EVERY") ?? 0);

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

async function pinned<T>(use: (probes: PinnedProbes) => T | Promise<T>): Promise<T | null> {
  using probes = await PinnedProbes.open({ make: false });
  return probes && await use(probes);
}

/** Puts the state of a case up. */
async function prepare(program: Program, { probes, enabled }: Case): Promise<void> {
  await PinnedProbes.removeAll();
  if (probes === null) return;
  using made = await PinnedProbes.open({ make: true }) as PinnedProbes;
  const places = ["f_push", "f_nop1"].slice(0, probes);
  const requests = places.map((place) => ({ target: `${program.path}:${place}`, spec: parseSpec("5us") }));
  const options = { root: program.pid, scan: scanTree, owner: null, tag: null };
  if (probes > 0) await made.add(planProbes(requests, { trampoline: false }).probes, options);
  if (enabled) assertEquals(await made.setEnabled(true), new Map());
}

/** Runs sb and kills it as it enters its Nth call of those. @returns whether it was killed */
async function runKilled(
  args: readonly string[],
  { calls, at }: { calls: string; at: number },
): Promise<boolean> {
  const { signal, code } = await new Deno.Command(STRACE, {
    args: ["-f", "-o", "/dev/null", "-e", `inject=${calls}:signal=SIGKILL:when=${at}`, SB, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return signal === "SIGKILL" || code === 137;
}

/** What must hold after any death: rows, pins and breakpoints say the same. */
async function assertSound(program: Program): Promise<void> {
  const { code, stderr } = await runSb(["list", "--all"]);
  assertEquals(code, 0, stderr);
  const probes: PinnedProbe[] = await pinned((open) => {
    for (const probe of open.list()) assertEquals(probe.attached, open.enabled, `e${probe.row.id}`);
    return open.list();
  }) ?? [];
  await program.send("calls f_push 3");
  for (const { row, attached } of probes) {
    assertEquals(row.state, "applied");
    const [{ fileOffset }] = row.sites;
    assertEquals(armedAt(program.pid, program.path, fileOffset), attached ? "breakpoint" : "code");
  }
}

for (const [index, scenario] of CASES.entries()) {
  const { verb, calls, probes, enabled } = scenario;
  const before = probes === null ? "nothing" : `${probes} probes, ${enabled ? "enabled" : "disabled"}`;
  const title = `killed at any ${calls} call, sb ${verb[0]} leaves what the next sb mends (${before}; ${
    index + 1
  })`;
  Deno.test({
    ...skipUnless(title, root(), executable(STRACE)),
    async fn() {
      using folder = new Folder();
      await using program = await Program.start(folder.copy("bench_target"));
      const args = verb.map((word) =>
        word.replace("{scope}", `--pid=${program.pid}`).replace("{path}", program.path)
      );
      let deaths = 0;
      for (let at = 1;; at += EVERY || scenario.every) {
        await prepare(program, scenario);
        const wasKilled = await runKilled(args, { calls, at });
        await assertSound(program);
        const { code, stderr } = await runSb(["clear"]);
        assertEquals([code, stderr], [0, ""]);
        assert(!isThere(PINS), `pins are left after call ${at}`);
        if (!wasKilled) break;
        deaths++;
      }
      assert(deaths > 0, "sb was never killed");
      while (loadedSbPrograms().some((name) => name.startsWith("sb_pin"))) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  });
}
