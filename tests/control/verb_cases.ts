/** What the verbs do, on every backend, on programs of the test's own. */
import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { parseSpec, planProbes } from "../../mod.ts";
import { loadedSbPrograms } from "../control.ts";
import { fixture } from "../fixtures/build.ts";
import { armedAt, cpuTicks, Folder, Program } from "../vm/program.ts";
import { type Listed, Verbs } from "./driver.ts";

/** Longer than any test. */
const LONG = "10s";

/** A program of its own file, and the verbs. */
class Rig implements AsyncDisposable {
  readonly verbs: Verbs;
  readonly folder = new Folder();
  readonly path: string;
  readonly program: Program;
  readonly #others: Program[] = [];

  private constructor(verbs: Verbs, folder: Folder, program: Program) {
    this.verbs = verbs;
    this.folder = folder;
    this.program = program;
    this.path = program.path;
  }

  static async open(verbs: Verbs): Promise<Rig> {
    const folder = new Folder();
    return new Rig(verbs, folder, await Program.start(folder.copy("bench_target")));
  }

  /** Another process of the same file. */
  async other(): Promise<Program> {
    const other = await Program.start(this.path);
    this.#others.push(other);
    return other;
  }

  /** Adds a probe to the program's tree. */
  async add(place: string, ...args: string[]): Promise<Listed> {
    const [probe] = await this.verbs.add("--pid", String(this.program.pid), `${this.path}:${place}`, ...args);
    return probe;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.verbs[Symbol.asyncDispose]();
    for (const other of this.#others) await other[Symbol.asyncDispose]();
    await this.program[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

function offset(probe: Listed): number {
  return Number(probe.sites[0].file_offset);
}

/** The calls that a program says it and its children made. */
function calls(answers: unknown): number {
  return (answers as { n: number }[]).reduce((sum, { n }) => sum + n, 0);
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

// A library opened in a test counts as that test's leak: open what sb keeps open before.
loadedSbPrograms();
planProbes([{ target: `${fixture("bench_target")}:f_push`, spec: parseSpec("0") }], { trampoline: false });

/** How the cases are run. */
export interface VerbCaseOptions {
  /** In the process of the test, but for one case: where starting sb takes long. */
  here: boolean;
}

/** Registers the cases of a backend. */
export function verbCases(backend: "ebpf" | "kmod", { here }: VerbCaseOptions = { here: false }): void {
  function test(title: string, run: (rig: Rig) => Promise<void>): void {
    Deno.test(`${backend}: ${title}`, async () => {
      await using rig = await Rig.open(new Verbs(backend, { here }));
      await run(rig);
    });
  }

  if (here) {
    test("sb add, sb enable, sb list and sb remove are processes of their own", async (rig) => {
      const sb = new Verbs(backend);
      const [added] = await sb.add("--pid", String(rig.program.pid), `${rig.path}:f_push`, "50us");
      await sb.enable();
      const made = calls(await rig.program.send("fork 3 f_push 10"));
      const [listed] = await sb.list();
      assertEquals([listed.id, listed.hits, listed.delayed], [added.id, made, made]);
      await sb.remove(added.id as string);
      assertEquals((await sb.fail("remove", added.id as string)).code, "probe.not_found");
      assertEquals(await rig.verbs.list(), []);
    });
  }

  test(
    "probes stay between the verbs that add, enable, list and remove them: hits are the program's own calls",
    async (rig) => {
      const { verbs, program } = rig;
      const added = await rig.add("f_push", "50us");
      assertEquals([added.backend, added.persistent, added.state, added.hits], [
        backend,
        true,
        "disabled",
        0,
      ]);
      assertEquals(added.id, `${backend[0]}${(added.id as string).slice(1)}`);
      assertEquals([added.scope.kind, added.scope.pid], ["tree", program.pid]);
      await program.send("calls f_push 10");
      await verbs.enable();
      let made = 0;
      // Nobody of sb is there while these fork and execute.
      for (
        const line of [
          "calls f_push 100",
          "fork 3 f_push 10",
          "threads 4 f_push 25",
          "daemon f_push 7",
          "spawn f_push 5",
        ]
      ) made += calls(await program.send(line));
      assertEquals(made, 100 + 30 + 100 + 7 + 5);
      // A child of vfork(2) prints nothing.
      await program.send("vfork f_push 3");
      made += 3;
      const [listed] = await verbs.list();
      assertEquals([listed.id, listed.state, listed.hits, listed.delayed, listed.cut], [
        added.id,
        "live",
        made,
        made,
        0,
      ]);
      assertGreaterOrEqual(listed.min_ns as number, 50_000);
      const [last] = await verbs.remove(added.id as string);
      assertEquals([last.hits, last.added_ns], [made, listed.added_ns]);
      assertEquals(await verbs.list(), []);
      const { hits, probes } = await verbs.status();
      assertEquals(probes, 0);
      assertGreaterOrEqual(hits as number, made);
    },
  );

  test("a process out of the tree is neither delayed nor counted", async (rig) => {
    const other = await rig.other();
    const probe = await rig.add("f_push", "10ms");
    await rig.verbs.enable();
    const wallNs = await other.time("calls f_push 100");
    assertLess(wallNs, 100 * 10_000_000);
    const [{ hits, outside }] = await rig.verbs.list();
    assertEquals(hits, 0);
    // eBPF turns them away at each call; the module never traps them.
    assertEquals(outside, backend === "ebpf" ? 100 : 0);
    assertEquals(armedAt(other.pid, rig.path, offset(probe)), backend === "ebpf" ? "breakpoint" : "code");
  });

  test("disable leaves no breakpoint in any process and keeps the figures; enable goes on", async (rig) => {
    const { verbs, program } = rig;
    const probe = await rig.add("f_push", "5us");
    await verbs.enable();
    await program.send("calls f_push 20");
    assertEquals(armedAt(program.pid, rig.path, offset(probe)), "breakpoint");
    await verbs.disable();
    assertEquals(armedAt(program.pid, rig.path, offset(probe)), "code");
    await program.send("calls f_push 20");
    const [off] = await verbs.list();
    assertEquals([off.state, off.hits], ["disabled", 20]);
    await verbs.enable();
    await program.send("calls f_push 3");
    assertEquals((await verbs.list())[0].hits, 23);
  });

  test("disable ends a delay in progress", async (rig) => {
    await rig.add("f_push", LONG);
    await rig.verbs.enable();
    const call = rig.program.send("calls f_push 1");
    await untilSpinning(rig.program);
    await rig.verbs.disable();
    await call;
    assertEquals((await rig.verbs.list())[0].cut, 1);
  });

  test("an update changes its own probe alone: the delay in progress of another goes on", async (rig) => {
    const { verbs, program } = rig;
    const slow = await rig.add("f_push", LONG);
    const other = await rig.add("f_nop1", "5us");
    await verbs.enable();
    const call = program.send("calls f_push 1");
    await untilSpinning(program);
    const [changed] = await verbs.update(other.id as string, "7us", "--every", "3", "--times=2");
    assertEquals([changed.delay_ns, changed.schedule.every, changed.schedule.times], [7000, 3, 2]);
    assert(isIn(program.pid), "the delay in progress was cut");
    await verbs.update(slow.id as string, "1us");
    // The module lets a delay that has begun come to its end.
    if (backend === "kmod") await verbs.disable();
    await call;
    await verbs.enable();
    await program.send("calls f_nop1 30");
    const [first, second] = await verbs.list();
    assertEquals([first.cut, first.delay_ns], [1, 1000]);
    assertEquals([second.hits, second.delayed, second.cut], [30, 2, 0]);
    // What is not named is kept.
    const [again] = await verbs.update(other.id as string, "1us");
    assertEquals([again.schedule.every, again.schedule.times], [3, 2]);
  });

  test("a probe with an owner is live at once, and goes with it, in the middle of a delay", async (rig) => {
    const { verbs, program } = rig;
    const owner = new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn();
    const probe = await rig.add("f_push", LONG, "--owner", String(owner.pid));
    assertEquals([probe.persistent, probe.owner?.pid, probe.state], [false, owner.pid, "live"]);
    assertEquals((await verbs.status()).owned, 1);
    const call = program.send("calls f_push 2");
    await untilSpinning(program);
    assertEquals(await verbs.clear(), 0);
    owner.kill("SIGKILL");
    await owner.status;
    await call;
    assertEquals(await verbs.list(), []);
    // The breakpoint leaves a little after its probe.
    await until(() => armedAt(program.pid, rig.path, offset(probe)) === "code");
  });

  test("ids, tags, targets and patterns name probes", async (rig) => {
    const { verbs } = rig;
    const tagged = await rig.add("f_push", "5us", "--tag", "one.of-us");
    const [first, second] = await verbs.add("--pid", String(rig.program.pid), `${rig.path}:f_mov*`, "1us");
    assertEquals([first.target, second.target], [`${rig.path}:f_mov`, `${rig.path}:f_mov_push`]);
    assertEquals((await verbs.update("@one.of-us", "6us")).map(({ id, delay_ns }) => [id, delay_ns]), [[
      tagged.id,
      6000,
    ]]);
    assertEquals((await verbs.update(`${rig.path}:f_mov*`, "2us")).map(({ id }) => id), [
      first.id,
      second.id,
    ]);
    assertEquals((await verbs.remove(`${rig.path}:f_mov`)).map(({ id }) => id), [first.id]);
    assertEquals(
      new Set((await verbs.remove("@one.of-us", second.id as string)).map(({ id }) => id)).size,
      2,
    );
    assertEquals(await verbs.list(), []);
  });

  test("without a delay it is the default delay, 1 ms at first", async (rig) => {
    assertEquals((await rig.add("f_push")).delay_ns, 1_000_000);
    assertEquals(await rig.verbs.delay("5us"), 5000);
    assertEquals(await rig.verbs.delay(), 5000);
    const { delay_ns, schedule } = await rig.add("f_mov", "--every=4");
    assertEquals([delay_ns, schedule.every], [5000, 4]);
  });

  test("a file that is replaced is shown, and removed like any other", async (rig) => {
    await rig.add("f_push", "5us");
    await rig.verbs.enable();
    const next = rig.folder.copy("bench_target", "next");
    Deno.renameSync(next, rig.path);
    const [probe] = await rig.verbs.list();
    assertEquals(probe.state, "stale");
    assertEquals((await rig.verbs.remove(probe.id as string)).length, 1);
  });

  test("what cannot be is refused, and changes nothing", async (rig) => {
    const { verbs } = rig;
    const pid = String(rig.program.pid);
    const target = `${rig.path}:f_push`;
    const probe = await rig.add("f_push", "5us", "--tag=taken");
    const plain = await rig.add("f_nop1", "6us");
    const thread = [...Deno.readDirSync("/proc/self/task")].map(({ name }) => name)
      .find((name) => name !== String(Deno.pid)) as string;
    const cases: [verb: string, args: string[], exit: number, code: string][] = [
      ["add", [target, "5us"], 2, "usage.option"],
      ["add", ["--pid", pid, "-a", target, "5us"], 2, "usage.option"],
      ["add", ["--pid", "0", target], 2, "usage.option"],
      ["add", ["--pid", "4194303", target, "5us"], 1, "process.not_found"],
      ["add", ["--pid", thread, target, "5us"], 2, "process.not_leader"],
      ["add", ["--pid", pid, "--owner", "4194303", `${rig.path}:f_mov`], 1, "process.not_found"],
      ["add", ["--pid", pid, target, "11s"], 2, "usage.time"],
      ["add", ["--pid", pid, target, "-5"], 2, "usage.option"],
      ["add", ["--pid", pid, target, "5us,every=0"], 2, "usage.delay"],
      ["add", ["--pid", pid, `${rig.path}:f_pusch`, "5us"], 1, "probe.symbol_not_found"],
      ["add", ["--pid", pid, `${rig.path}.gone:f_push`, "5us"], 1, "file.not_found"],
      ["add", ["--pid", pid, `${rig.path}:f_nop1`, "7us"], 1, "probe.exists"],
      ["add", ["--pid", pid, "--tag=taken", `${rig.path}:f_mov`, "7us"], 1, "probe.exists"],
      ["add", ["--pid", pid, "--tag=no space", `${rig.path}:f_mov`], 2, "usage.option"],
      ["add", ["--pid", pid, "--tag=two", `${rig.path}:f_mov*`], 2, "usage.option"],
      ["update", [probe.id as string, "11s"], 2, "usage.time"],
      ["update", [probe.id as string], 2, "usage.option"],
      ["update", [`${backend[0]}99999`, "5us"], 1, "probe.not_found"],
      ["remove", [probe.id as string, "@takn"], 1, "probe.not_found"],
      ["remove", [`${rig.path}:f_mov`], 1, "probe.not_found"],
      ["delay", ["11s"], 2, "usage.time"],
      ["delay", ["-1"], 2, "usage.option"],
    ];
    if (backend === "ebpf") {
      cases.push(["add", ["--pid", pid, `${rig.path}:f_mov`, "5us,how=sleep"], 3, "probe.sleep_unsupported"]);
    }
    for (const [verb, args, exit, code] of cases) {
      const failure = await verbs.fail(verb, ...args);
      assertEquals(
        [failure.exit, failure.code],
        [exit, code],
        `sb ${verb} ${args.join(" ")}: ${failure.message}`,
      );
      assert(failure.message.startsWith("Cannot "), failure.message);
    }
    assertEquals((await verbs.fail("remove", "@takn")).hint, "Did you mean @taken?");
    assertEquals((await verbs.list()).map(({ id, delay_ns }) => [id, delay_ns]), [
      [probe.id, 5000],
      [plain.id, 6000],
    ]);
  });
}

/** Waits until a program has used 50 ms of CPU more: one that only waits for lines does so in a delay alone. */
async function untilSpinning({ pid }: Program): Promise<void> {
  const before = cpuTicks(pid);
  await until(() => cpuTicks(pid) >= before + 5);
}

/** Whether a program that only waits for lines is in a delay: it uses its CPU. */
function isIn(pid: number): boolean {
  return Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").startsWith("R");
}
