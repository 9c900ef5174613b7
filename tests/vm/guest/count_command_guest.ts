/** `sb count` on the real module: commands, trees with processes that ended, running programs, deaths of sb. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  count,
  countCommand,
  countTree,
  loadModule,
  moduleStatus,
  SbError,
  unloadModule,
} from "../../../mod.ts";
import { runSb } from "../../control.ts";
import { run } from "../kernel_module.ts";
import { operations, OperationsProgram } from "../operations_program.ts";
import { isLoaded, listing, loadBoth, tracerModule, until } from "../tracer.ts";

const SB = new URL("../../../scripts/sb", import.meta.url).pathname;

/** The figures of the document of `sb count --json` that tests look at. */
interface Counted {
  pid: number | null;
  comm: string;
  root: boolean;
  state: string;
  kmalloc: number;
  kfree: number;
  kmalloc_bytes: number;
  sched: number;
  up: number;
  down: number;
  lock: number;
  unlock: number;
}

function shellWords(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

Deno.test("a command's tree is counted from its exec on, with processes that ended before it", async () => {
  using _modules = loadBoth();
  const script = `${shellWords(operations(100, 50))}; ${shellWords(operations(40, 0))} & wait; exit 7`;
  const { code, stdout } = await runSb(["count", "--json", "-o", "-", "--", "sh", "-c", script]);
  const { processes, total, exit, live, missed, dropped } = JSON.parse(stdout);
  assertEquals([code, exit, live, missed, dropped], [7, 7, 0, 0, 0]);
  // What else of the kernel calls up() or down_interruptible()? Nothing that these programs do.
  assertEquals(processes.map(({ comm, up, down }: Counted) => [comm, up, down]), [
    ["sh", 0, 0],
    ["python3", 100, 100],
    ["python3", 40, 40],
  ]);
  assertEquals([total.up, total.down], [140, 140]);
  const [shell, first] = processes as Counted[];
  assertEquals([shell.root, shell.state, first.root, first.state], [true, "ended", false, "ended"]);
  assertGreaterOrEqual(first.kmalloc, 50);
  assertGreaterOrEqual(first.kmalloc_bytes, 50 * 96);
  assertGreaterOrEqual(first.kfree, 50);
  for (const name of ["kmalloc", "kfree", "sched", "lock", "unlock"] as const) {
    assertEquals(total[name], (processes as Counted[]).reduce((sum, each) => sum + each[name], 0), name);
  }
  assertEquals(isLoaded("tracer") && listing(), []);
});

Deno.test("one program more performs exactly as many operations more", async () => {
  using _modules = loadBoth();
  const upsOf = async (ups: number) => {
    const { reading: { total }, exit } = await countCommand({ command: operations(ups, 0) });
    assertEquals(exit, 0);
    return [total.up, total.down];
  };
  assertEquals([await upsOf(0), await upsOf(1), await upsOf(1000)], [[0, 0], [1, 1], [1000, 1000]]);
});

Deno.test("sb count -- find shows a table, and the command's own answer is untouched", async () => {
  using _modules = loadBoth();
  const { code, stdout, stderr } = await runSb(["count", "--", "find", "/usr", "-maxdepth", "2"]);
  assertEquals(code, 0);
  assertEquals(stdout, run("find", "/usr", "-maxdepth", "2").text);
  console.log(stderr);
  assert(/^sb count find \/usr/.test(stderr), stderr);
  const row = /^ *\d+ +find +ended +([\d,]+) +([\d,]+)/m.exec(stderr);
  assertGreater(Number(row?.[1].replaceAll(",", "")), 10, "find lists folders: the kernel allocates");
});

Deno.test("a running program is counted to the last operation, and reported at intervals", async () => {
  using _modules = loadBoth();
  await using server = await OperationsProgram.start();
  await server.perform(5, 5);
  {
    await using counted = await count({ pid: server.pid });
    const before = counted.read().total;
    assertEquals([before.up, before.down], [0, 0], "what was before the count is not in it");
    await server.perform(64, 32);
    const { total, processes, live } = counted.read();
    assertEquals([total.up, total.down, live, processes[0].comm], [64, 64, 1, "python3"]);
    assertGreaterOrEqual(total.kmallocBytes - before.kmallocBytes, 32 * 96);
    console.log(Deno.readTextFileSync("/proc/tracer"));
    assertEquals(listing().map(([pid, , , , , , up, down]) => [pid, up, down]), [[server.pid, 64, 64]]);
  }
  const reports = await Array.fromAsync(
    countTree({ pid: server.pid, forNs: 300_000_000, intervalNs: 100_000_000 }),
  );
  assertEquals(reports.map(({ ended }) => ended), [...Array(reports.length - 1).fill(null), "time"]);
  assertGreaterOrEqual(reports.length, 2);
  assertEquals([reports[0].comm, listing()], ["python3", []]);
});

Deno.test("the count of a tree ends with its last process, and has all of them", async () => {
  using _modules = loadBoth();
  const script = `sleep 0.3; ${shellWords(operations(9, 0))}; true`;
  await using tree = new Deno.Command("sh", { args: ["-c", script] }).spawn();
  const reports = await Array.fromAsync(countTree({ pid: tree.pid, forNs: null, intervalNs: null }));
  assertEquals(reports.map(({ ended }) => ended), ["exited"]);
  const [{ reading }] = reports;
  assertEquals([reading.live, reading.total.up, reading.missed], [0, 9, 0]);
  assertEquals(reading.processes.map(({ comm }) => comm).includes("python3"), true);
});

Deno.test("four processes at once stand in /proc/tracer, each with its own figures", async () => {
  using _modules = loadBoth();
  await using stack = new AsyncDisposableStack();
  const programs: OperationsProgram[] = [];
  for (let index = 0; index < 4; index++) {
    const program = stack.use(await OperationsProgram.start());
    programs.push(program);
    stack.use(await count({ pid: program.pid }));
    await program.perform(index * 10, 0);
  }
  console.log(Deno.readTextFileSync("/proc/tracer"));
  const ups = listing().map(([pid, , , , , , up]) => [pid, up]).sort(([one], [other]) => one - other);
  const expected = programs.map(({ pid }, index) => [pid, index * 10]).sort(([one], [other]) => one - other);
  assertEquals(ups, expected);
});

Deno.test("who counts is in no count, although its caller is", async () => {
  using _modules = loadBoth();
  await using counted = await count({ pid: Deno.ppid });
  const { processes } = counted.read();
  assertEquals([processes[0].pid, processes.some(({ pid }) => pid === Deno.pid)], [Deno.ppid, false]);
  assertEquals(listing().some(([pid]) => pid === Deno.pid), false);
});

Deno.test("a killed sb leaves nobody watched, and the module can be unloaded and loaded", async () => {
  using _modules = loadBoth();
  await using server = await OperationsProgram.start();
  const args = ["count", "--pid", String(server.pid), "--interval", "10ms", "--json", "-o", "-"];
  const sb = new Deno.Command(SB, { args, stdin: "null", stdout: "piped" }).spawn();
  // Its first report says that it counts.
  const reports = sb.stdout.getReader();
  const { value } = await reports.read();
  const [line] = new TextDecoder().decode(value).split("\n");
  const { ended, comm, total } = JSON.parse(line);
  assertEquals([ended, comm, total.up], [null, "python3", 0]);
  assertEquals(listing().map(([pid]) => pid), [server.pid]);
  const busy = assertThrows(() => unloadModule("tracer"), SbError);
  assertEquals([busy.code, busy.data.errno], ["module.refused", "EAGAIN"]);
  sb.kill("SIGKILL");
  await sb.status;
  await reports.cancel();
  await until("nobody is watched", () => listing().length === 0);
  const { code, stdout } = await runSb(["module", "unload", "tracer"]);
  assertEquals([code, stdout], [0, "unloaded tracer\n"]);
  const missing = await assertRejects(() => count({ pid: server.pid }), SbError);
  assertEquals([missing.code, missing.hint], ["module.not_loaded", "Load it: sudo sb module load tracer"]);
  const loaded = await loadModule("tracer", { file: tracerModule() });
  assertEquals([loaded.module, loaded.wasLoaded], ["tracer", false]);
  const { modules: [, status], sourceVersion } = await moduleStatus();
  assertEquals([status.loaded, status.version, status.processes], [true, sourceVersion, 0]);
});
