/** Leases: what a process owns goes when it ends, in whatever way, and nothing else does. */
import { assertEquals } from "@std/assert";
import { attempt, command, enable, fresh, refuse, ROOT, shell, targets, until } from "../kernel_module.ts";
import { armed, endProcess, Folder, Program } from "../program.ts";

class Owner implements AsyncDisposable {
  readonly #process = new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn();

  get pid(): number {
    return this.#process.pid;
  }

  async end(): Promise<void> {
    endProcess(this.pid);
    await this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

const tags = () => targets().map(({ tag }) => tag);

Deno.test("a client that is killed leaves no target and no breakpoint; other targets stay", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  await using other = new Owner();
  const client = new Owner();
  command(
    ...["f_push", "f_nop1", "f_mov"].map((symbol) =>
      `+${path}:${symbol} 0 owner=${client.pid} tag=${symbol}`
    ),
    `+${path}:f_sub 0 owner=${other.pid} tag=other`,
    `+${path}:f_go 0 tag=nobody`,
  );
  assertEquals(armed(program.pid, path, "f_push"), "breakpoint");
  await client.end();
  await until("its targets are gone", () => targets().length === 2);
  assertEquals(tags(), ["other", "nobody"]);
  await until("its breakpoint is out", () => armed(program.pid, path, "f_push") === "code");
  assertEquals(armed(program.pid, path, "f_sub"), "breakpoint");
  refuse({ ENOENT: ["-@f_push", "=@f_mov 5"] });
});

Deno.test("an owner that exits, execs or ends while it adds: its targets go with it, whichever comes first", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  shell(`echo "+${path}:f_push 0 owner=$$ tag=exit" > ${ROOT}/targets`);
  await until("the target of the shell is gone", () => targets().length === 0);
  // An exec is no end.
  const listed = shell(
    `echo "+${path}:f_push 0 owner=$$ tag=exec" > ${ROOT}/targets; exec cat ${ROOT}/targets_list`,
  );
  assertEquals(/ tag=exec /.test(listed), true);
  for (let round = 0; round < 6; round++) {
    const owner = new Owner();
    const adding = new Deno.Command("bash", {
      args: [
        "-c",
        `for n in 1 2 3 4 5 6 7 8; do echo "+${path}:f_push 0 owner=${owner.pid} tag=$n" > ${ROOT}/targets; done`,
      ],
      stdin: "null",
      stderr: "null",
    }).spawn();
    await new Promise((resolve) => setTimeout(resolve, round * 10));
    await owner.end();
    await adding.status;
    await until("all are gone", () => targets().length === 0);
  }
});

Deno.test("an owner that has ended owns nothing: ENOENT, also before it is waited for", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  const ended = new Owner();
  await ended.end();
  refuse({ ENOENT: [`+${path}:f_push 5 owner=${ended.pid}`] });
  // It ends as a child of sleep, which waits for nobody, as bash would.
  const child = "until read -r name </proc/$$/comm && [ $name = sleep ]; do :; done";
  const parent = new Deno.Command("bash", {
    args: ["-c", `${child} & echo $!; exec sleep 1000`],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = parent.stdout.getReader();
  const zombie = Number(new TextDecoder().decode((await reader.read()).value));
  await until("it has ended", () => / Z /.test(Deno.readTextFileSync(`/proc/${zombie}/stat`)));
  refuse({ ENOENT: [`+${path}:f_push 5 owner=${zombie}`, `+${path}:f_push 5 pid=${zombie}`] });
  parent.kill("SIGKILL");
  await parent.status;
  await reader.cancel();
  assertEquals(targets(), []);
});

Deno.test("one thread's end is not the owner's", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  command(`+${path}:hot 0 owner=${program.pid} tag=t`);
  await program.send("once thread 10");
  await program.send("once fork 10");
  await program.send("once vfork 10");
  assertEquals(targets().map(({ hits }) => hits), [30]);
  program.kill();
  await program.ended;
  await until("the target is gone", () => targets().length === 0);
});

Deno.test("-* removes what nobody owns, -* owner=N what N owns, =* switches what N owns", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using one = new Owner();
  await using two = new Owner();
  const add = () => {
    command(`+${path}:f_push 1 owner=${one.pid} tag=one`, `+${path}:f_push 1 owner=${two.pid} tag=two`);
    command(`+${path}:f_push 1 tag=free`, `+${path}:f_push 1 pid=${one.pid} tag=scoped`);
  };
  add();
  command("-*");
  assertEquals(tags(), ["one", "two"]);
  command(`-* owner=${one.pid}`);
  assertEquals(tags(), ["two"]);
  command(`-* owner=${two.pid}`);
  add();
  command(`=* on=0 owner=${one.pid}`);
  assertEquals(targets().map(({ tag, isOn }) => [tag, isOn]), [
    ["one", false],
    ["two", true],
    ["free", null],
    ["scoped", null],
  ]);
  // By name it is those without an owner, in every scope.
  command(`=${path}:f_push 7`);
  assertEquals(targets().map(({ delayNs }) => delayNs), [1, 1, 7, 7]);
  command(`-${path}:f_push`);
  assertEquals(tags(), ["one", "two"]);
  refuse({ ENOENT: [`-${path}:f_push`], EINVAL: ["=@free"] });
  command("=@one 3", "-@two");
  assertEquals(targets().map(({ tag, delayNs, isOn }) => [tag, delayNs, isOn]), [["one", 3, false]]);
});

Deno.test("on= is the switch of a target with an owner; one without has none", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  command(`+${path}:f_push 5 tag=t`);
  refuse({ EINVAL: ["=@t 5 on=0", "=@t 5 on=1", `=${path}:f_push 5 on=1`, `+${path}:f_nop1 5 on=1`] });
});

Deno.test("sixty owners that end at once leave nothing", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  enable(true);
  const owners = Array.from({ length: 60 }, () => new Owner());
  for (const { pid } of owners) {
    for (const symbol of ["f_push", "f_nop1"]) {
      assertEquals(attempt(`+${path}:${symbol} 0 owner=${pid}`), "ok");
    }
  }
  assertEquals(targets().length, 120);
  await Promise.all(owners.map((owner) => owner.end()));
  await until("all are gone", () => targets().length === 0);
});
