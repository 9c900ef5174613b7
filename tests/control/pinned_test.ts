/** Pinned eBPF probes: their layout, their scopes, and what several sb make of them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BpfMap, openPinned, type OwnedFd, readMapInfo } from "../../ffi/mod.ts";
import { type ControlledProbe, parseSpec, planProbes, type ProbePlan, SbError } from "../../mod.ts";
import { PinnedProbes, probeFeatures } from "../../src/probe/mod.ts";
import { scanTree } from "../../src/scope/mod.ts";
import { loadedSbPrograms, runSb, startSb } from "../control.ts";
import { fixture } from "../fixtures/build.ts";
import { armedAt, Folder, Program } from "../vm/program.ts";
import { Verbs } from "./driver.ts";

const ROOT = "/sys/fs/bpf/sb";
const SB = new URL("../../scripts/sb", import.meta.url).pathname;

// A library opened in a test counts as that test's leak: open what sb keeps open before.
loadedSbPrograms();
planProbes([{ target: `${fixture("bench_target")}:f_push`, spec: parseSpec("0") }], { trampoline: false });

/** A program of its own file; what it was probed with is cleared in the end. */
class Rig implements AsyncDisposable {
  readonly verbs = new Verbs("ebpf");
  readonly folder: Folder;
  readonly program: Program;

  private constructor(folder: Folder, program: Program) {
    this.folder = folder;
    this.program = program;
  }

  static async open(): Promise<Rig> {
    const folder = new Folder();
    return new Rig(folder, await Program.start(folder.copy("bench_target")));
  }

  get path(): string {
    return this.program.path;
  }

  plans(places: readonly string[], spec: string): ProbePlan[] {
    const requests = places.map((place) => ({ target: `${this.path}:${place}`, spec: parseSpec(spec) }));
    return planProbes(requests, { trampoline: true }).probes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.verbs[Symbol.asyncDispose]();
    await this.program[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

function test(title: string, run: (rig: Rig) => Promise<void>): void {
  Deno.test(title, async () => {
    {
      await using rig = await Rig.open();
      await run(rig);
    }
    assertEquals(pins(), []);
    await untilUnloaded();
  });
}

/** Every path below sb's folder. */
function pins(folder: string = ROOT): string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? pins(`${folder}/${name}`) : [`${folder}/${name}`]
    ).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Programs go once the kernel has taken their breakpoints out. */
async function untilUnloaded(): Promise<void> {
  while (loadedSbPrograms().some((name) => name.startsWith("sb_pin"))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Opens the pins as one sb would, one after the other. */
async function pinned<T>(
  use: (probes: PinnedProbes) => T | Promise<T>,
  options: { perf?: boolean } = {},
): Promise<T> {
  const features = { ...probeFeatures(), ...(options.perf ? { uprobeMulti: false } : {}) };
  using probes = await PinnedProbes.open({ make: true, features }) as PinnedProbes;
  return await use(probes);
}

test("maps, trackers, links and the program are pinned by name; clear leaves nothing", async (rig) => {
  const pid = String(rig.program.pid);
  await rig.verbs.add("--pid", pid, `${rig.path}:f_push`, "5us");
  await rig.verbs.enable();
  const names = pins().map((path) => path.slice(`${ROOT}/v1/`.length));
  assertEquals(names, [
    "links/1",
    "maps/config",
    "maps/owners",
    "maps/probes",
    "maps/records",
    "maps/state",
    "maps/tables",
    "maps/tree",
    "programs/site",
    "trackers/exec",
    "trackers/exit",
    "trackers/fork",
  ]);
  await rig.verbs.disable();
  assertEquals(pins().filter((path) => /links|programs/.test(path)), []);
  assertEquals(await rig.verbs.clear(), 1);
  assertEquals(pins(), []);
});

test("through perf events: attached, counted, cut and taken out as with uprobe_multi", async (rig) => {
  const { program } = rig;
  const plans = rig.plans(["f_push", "f_endbr%return"], "20us");
  const [first, second] = await pinned(
    (probes) => probes.add(plans, { root: program.pid, scan: scanTree, owner: null, tag: null }),
    { perf: true },
  );
  assertEquals(await pinned((probes) => probes.setEnabled(true), { perf: true }), new Map());
  await program.send("calls f_push 50");
  await program.send("fork 2 f_endbr 20");
  const listed = await pinned((probes) => probes.list(), { perf: true });
  assertEquals(listed.map(({ row, statistics }) => [row.id, statistics.hits, statistics.delayed]), [
    [first.row.id, 50, 50],
    [second.row.id, 40, 40],
  ]);
  await pinned((probes) => probes.setEnabled(false), { perf: true });
  await program.send("calls f_push 50");
  assertEquals((await pinned((probes) => probes.list(), { perf: true }))[0].statistics.hits, 50);
});

test("every part of a schedule holds in one program for all: every, times, probability, window, distribution", async (rig) => {
  const { program } = rig;
  const add = (place: string, spec: string) =>
    pinned((probes) =>
      probes.add(rig.plans([place], spec), { root: program.pid, scan: scanTree, owner: null, tag: null })
    );
  await add("f_push", "5us,every=10");
  await add("f_nop1", "5us,every=3,times=5");
  await add("f_nop5", "5us,probability=0");
  await add("f_endbr", "5us,start=1h");
  await add("f_mov", "uniform:20us:60us");
  await add("f_sub", "0");
  await pinned((probes) => probes.setEnabled(true));
  for (const place of ["f_push", "f_nop1", "f_nop5", "f_endbr", "f_mov", "f_sub"]) {
    await program.send(`threads 4 ${place} 100`);
  }
  const listed = await pinned((probes) => probes.list());
  assertEquals(listed.map(({ statistics }) => [statistics.hits, statistics.delayed]), [
    [400, 40],
    [400, 5],
    [400, 0],
    [0, 0],
    [400, 400],
    [400, 0],
  ]);
  const { minNs, maxNs } = listed[4].statistics;
  assert((minNs as number) >= 20_000 && (maxNs as number) >= 50_000, `${minNs} ${maxNs}`);
});

test("a return trampoline counts its misses against the entries", async (rig) => {
  const [plan] = rig.plans(["f_push"], "5us");
  const trampoline: ProbePlan = { ...plan, attach: "trampoline", at: "return" };
  await pinned(async (probes) => {
    await probes.add([trampoline], { root: rig.program.pid, scan: scanTree, owner: null, tag: null });
    assertEquals(await probes.setEnabled(true), new Map());
  });
  await rig.program.send("calls f_push 40");
  const [{ statistics, row }] = await pinned((probes) => probes.list());
  assertEquals([statistics.hits, statistics.misses], [40, 0]);
  assert(row.entrySlot !== null);
});

test("two probes of one site and scope both count, and the floor is subtracted once; it stays so when one goes", async (rig) => {
  const options = { root: rig.program.pid, scan: scanTree, owner: null, tag: null };
  await pinned(async (probes) => {
    await probes.add(rig.plans(["f_push"], "50us"), options);
    await probes.add(rig.plans(["f_push"], "60us"), { ...options, owner: Deno.pid });
    await probes.setEnabled(true);
  });
  await rig.program.send("calls f_push 100");
  const [first, second] = await pinned((probes) => probes.list());
  assertEquals([first.statistics.hits, second.statistics.hits], [100, 100]);
  // The second one has no floor: what it adds is its delay alone.
  assert((second.statistics.minNs as number) >= 60_000);
  await pinned((probes) => probes.remove([first.row.id]));
  await rig.program.send("calls f_push 100");
  const [left] = await pinned((probes) => probes.list());
  assertEquals([left.row.id, left.statistics.hits, left.statistics.cut], [second.row.id, 200, 0]);
});

test("64 trees at the most; a tree without probes gives its bit back", async (rig) => {
  const plan = rig.plans(["f_push"], "0");
  const roots = Array.from(
    { length: 65 },
    () => new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn(),
  );
  try {
    const add = (root: number) =>
      pinned((probes) => probes.add(plan, { root, scan: scanTree, owner: null, tag: null }));
    for (const { pid } of roots.slice(0, 64)) await add(pid);
    const refused = await assertRejects(() => add(roots[64].pid), SbError);
    assertEquals(refused.code, "scope.too_many");
    assertEquals((await pinned((probes) => probes.list())).length, 64);
    await pinned((probes) => probes.remove([10]));
    const [added] = await add(roots[64].pid);
    assertEquals([added.row.scope, added.members], [9, 1]);
  } finally {
    for (const root of roots) {
      root.kill("SIGKILL");
      await root.status;
    }
  }
});

test("a tree that has ended stays listed, with nobody in it, and a later process is not in it", async (rig) => {
  const program = await Program.start(rig.path);
  await rig.verbs.add("--pid", String(program.pid), `${rig.path}:f_push`, "5us");
  await rig.verbs.enable();
  await program.send("calls f_push 3");
  await program[Symbol.asyncDispose]();
  const [{ scope, hits }] = await rig.verbs.list();
  assertEquals([scope.members, hits], [0, 3]);
  await rig.program.send("calls f_push 3");
  assertEquals((await rig.verbs.list())[0].hits, 3);
});

test("every process: -a counts them all, and says who pays", async (rig) => {
  const { code, stderr } = await runSb(["add", "-a", `${rig.path}:f_push`, "5us"]);
  assertEquals(code, 0);
  assert(/warning: every process that runs /.test(stderr), stderr);
  await rig.verbs.enable();
  await rig.program.send("fork 2 f_push 10");
  await using other = await Program.start(rig.path);
  await other.send("calls f_push 5");
  const [{ scope, hits }] = await rig.verbs.list();
  assertEquals([scope.kind, hits], ["all", 25]);
});

test("a tree beside other processes of the file: sb says that they pay", async (rig) => {
  await using other = await Program.start(rig.path);
  void other;
  const { stderr } = await runSb(["add", "--pid", String(rig.program.pid), `${rig.path}:f_push`, "5us"]);
  assert(/note: isolation shared: 1 process out of scope /.test(stderr), stderr);
  assert(/hint: The probes take effect after: sudo sb enable/.test(stderr), stderr);
});

test("sb itself is in no scope: a shell in scope that runs sb is alone in it", async (rig) => {
  const script = `${SB} add -q --pid $$ ${rig.path}:f_push 5us >&2; ${SB} list --json`;
  const { stdout } = await new Deno.Command("bash", { args: ["-c", `${script}; exit 0`], stdin: "null" })
    .output();
  const [probe] = JSON.parse(new TextDecoder().decode(stdout)).probes;
  assertEquals([probe.scope.members, probe.scope.comm], [1, "bash"]);
});

test("several sb at once are taken in turn: every probe is added once, none is lost", async (rig) => {
  const places = ["f_push", "f_nop1", "f_nop5", "f_endbr", "f_mov", "f_sub"];
  const pid = String(rig.program.pid);
  await Promise.all([
    ...places.map((place) => rig.verbs.add("--pid", pid, `${rig.path}:${place}`, "5us")),
    rig.verbs.enable(),
    rig.verbs.list(),
  ]);
  const listed = await rig.verbs.list();
  assertEquals(
    listed.map(({ target }) => target).sort(),
    places.map((place) => `${rig.path}:${place}`).sort(),
  );
  assertEquals(new Set(listed.map(({ id }) => id)).size, places.length);
  assert(listed.every(({ state }) => state === "live"), JSON.stringify(listed.map(({ state }) => state)));
});

test("what another version has pinned is refused with the command that clears it, which works", async (rig) => {
  await rig.verbs.add("-a", `${rig.path}:f_push`, "5us");
  Deno.mkdirSync(`${ROOT}/v0`);
  for (const [verb, ...args] of [["list"], ["status"], ["clear"], ["add", "-a", `${rig.path}:f_mov`]]) {
    const { exit, code, hint } = await rig.verbs.fail(verb, ...args);
    assertEquals([exit, code, hint], [1, "probe.layout", "Take them out: sudo sb clear --all"]);
  }
  await rig.verbs.clear("--all");
  assertEquals(pins(), []);
});

test("list --all shows the probes of a running session, with their figures; list does not", async (rig) => {
  const pid = String(rig.program.pid);
  const sb = startSb(["attach", "--pid", pid, "--slow", `${rig.path}:f_push=5us,every=2`]);
  try {
    const [{ fileOffset }] = rig.plans(["f_push"], "0")[0].sites;
    while (armedAt(rig.program.pid, rig.path, fileOffset) !== "breakpoint") {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await rig.program.send("calls f_push 10");
    const [probe] = await rig.verbs.list("--all");
    assertEquals([probe.id, probe.persistent, probe.backend], [null, false, "ebpf"]);
    assertEquals([probe.target, probe.schedule.every], [`${rig.path}:f_push`, 2]);
    assertEquals([probe.owner?.pid, probe.scope.pid, probe.hits, probe.delayed], [
      sb.pid,
      rig.program.pid,
      10,
      5,
    ]);
    assertEquals(await rig.verbs.list(), []);
  } finally {
    sb.kill("SIGINT");
    await sb.status;
  }
  assertEquals(await rig.verbs.list("--all"), []);
});

test("a second probe of the same place, scope and owner is refused; of another owner it is not", async (rig) => {
  const options = { root: rig.program.pid, scan: scanTree, owner: null, tag: null };
  const plans = rig.plans(["f_push"], "5us");
  await pinned((probes) => probes.add(plans, options));
  const refused = await assertRejects(() => pinned((probes) => probes.add(plans, options)), SbError);
  assertEquals([refused.code, refused.data], ["probe.exists", { id: "e1" }]);
  await pinned((probes) => probes.add(plans, { ...options, owner: Deno.pid }));
  await pinned((probes) => probes.add(plans, { ...options, root: null }));
  const listed: Pick<ControlledProbe, "id">[] = await rig.verbs.list();
  assertEquals(listed.map(({ id }) => id), ["e1", "e2", "e3"]);
});

test("a row that cannot be read is refused, with the command that clears it, which works", async (rig) => {
  await rig.verbs.add("-a", `${rig.path}:f_push`, "5us");
  {
    using fd = openPinned(`${ROOT}/v1/maps/probes`) as OwnedFd;
    const map = new BpfMap("probes", readMapInfo(fd), fd);
    map.update(new Uint8Array(new Uint32Array([1]).buffer), new Uint8Array(map.options.valueBytes).fill(7));
  }
  const { code, message } = await rig.verbs.fail("list");
  assertEquals(code, "probe.layout", message);
  await rig.verbs.clear("--all");
});

test("without CAP_SYS_ADMIN every verb is refused with the way on", async (rig) => {
  for (const args of [["list"], ["clear"], ["add", "-a", `${rig.path}:f_push`]]) {
    const { code, stdout } = await new Deno.Command("setpriv", {
      args: ["--bounding-set=-all", "--inh-caps=-all", SB, ...args, "--json"],
      stdin: "null",
    }).output();
    const { error } = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals([code, error.code], [4, "permission.capability"]);
    assert(error.hint.startsWith(`Run sudo sb ${args[0]}`), error.hint);
  }
});

test("where no bpf file system is mounted, looking needs none, and an add mounts one", async (rig) => {
  // In a mount namespace of its own; what is pinned there goes with it.
  const script = [
    "while grep -q ' /sys/fs/bpf ' /proc/mounts; do umount /sys/fs/bpf; done",
    `${SB} list`,
    "grep -c ' /sys/fs/bpf ' /proc/mounts",
    `${SB} add -q --pid ${rig.program.pid} ${rig.path}:f_push 5us >/dev/null`,
    "grep -c ' /sys/fs/bpf bpf ' /proc/mounts",
    `${SB} list --json`,
    `${SB} clear`,
  ].join("; ");
  const { stdout } = await new Deno.Command("unshare", {
    args: ["--mount", "bash", "-c", `${script}; exit 0`],
    stdin: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.slice(0, 3), ["no probes", "0", "1"]);
  assertEquals(JSON.parse(lines[3]).probes.length, 1);
  assertEquals(lines[4], "1 probe removed");
});

test("an add that is refused pins nothing", async (rig) => {
  assertEquals((await rig.verbs.fail("add", "-a", `${rig.path}:f_pusch`)).code, "probe.symbol_not_found");
  assertEquals(pins(), []);
  const gone = new Deno.Command("true", { stdin: "null" }).spawn();
  await gone.status;
  const options = { root: gone.pid, scan: scanTree, owner: null, tag: null };
  await assertRejects(() => pinned((probes) => probes.add(rig.plans(["f_push"], "5us"), options)), SbError);
  assertEquals(pins(), []);
  const [plan] = rig.plans(["f_push"], "5us");
  const many = Array.from({ length: 4097 }, () => plan);
  const refused = await assertRejects(
    () => pinned((probes) => probes.add(many, { ...options, root: null })),
    SbError,
  );
  assertEquals([refused.code, pins()], ["probe.too_many", []]);
});
