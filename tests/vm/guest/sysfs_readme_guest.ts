/** What the interface's first users wrote in their scripts, word for word, and the example script of today. */
import { assertEquals, assertGreaterOrEqual, assertLess, assertMatch } from "@std/assert";
import { fresh, read, ROOT, shell } from "../kernel_module.ts";
import { Folder, Program } from "../program.ts";

const EXAMPLE = new URL("../../../examples/sysfs.sh", import.meta.url).pathname;

Deno.test("an add, an update, a removal and the switches work with echo", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const listed = () => read("targets_list").replace(/ id=.*/g, "");

  shell(`echo "+${path}:f_push" > ${ROOT}/targets`);
  assertEquals(listed(), `${path}:f_push delay_ns=1000000 hits=0\n`);
  shell(`echo "=${path}:f_push 50000" > ${ROOT}/targets`);
  assertEquals(listed(), `${path}:f_push delay_ns=50000 hits=0\n`);
  shell(`echo "+${path}:f_push 1000 pid=${program.pid}" > ${ROOT}/targets`);
  assertEquals(
    listed(),
    `${path}:f_push delay_ns=50000 hits=0\n${path}:f_push delay_ns=1000 hits=0 pid=${program.pid}\n`,
  );
  shell(`echo 1 > ${ROOT}/enabled`);
  await program.send("calls f_push 20");
  assertMatch(listed(), /delay_ns=50000 hits=20\n.* hits=20 pid=\d+\n$/);
  assertMatch(shell(`cat ${ROOT}/stats`), /^enabled: 1\ntargets: 2\ntotal_hits: \d+\ntotal_delay_ns: \d+\n/);
  shell(`echo "-${path}:f_push" > ${ROOT}/targets`);
  assertEquals(listed(), "");
  shell(
    `echo "+${path}:f_push 1000" > ${ROOT}/targets; echo "-*" > ${ROOT}/targets; echo 0 > ${ROOT}/enabled`,
  );
  assertEquals(read("targets_list") + read("enabled"), "0\n");
  shell(`echo 1000000 > ${ROOT}/default_delay_ns`);
});

Deno.test("pid=$$ slows what the shell starts, and nothing else", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using other = await Program.start(path);
  shell(
    `echo "+${path}:f_push 1000 pid=$$" > ${ROOT}/targets; echo 1 > ${ROOT}/enabled; ${path} calls f_push 12`,
  );
  await other.send("calls f_push 100");
  assertMatch(read("targets_list"), / hits=12 pid=\d+ /);
});

Deno.test("examples/sysfs.sh shows a slowed function with echo and cat alone, and leaves nothing", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  const text = shell(`sh ${EXAMPLE} ${path}:f_push 40000000 ${path} calls f_push 100`);
  const [without, slowed, after] = [...text.matchAll(/^(?:without|with|after): (\d+) ms$/gm)]
    .map((match) => Number(match[1]));
  // A hundred delays of 40 ms; without them it is mere starting.
  assertGreaterOrEqual(slowed, 4000, text);
  assertLess(without, 4000, text);
  assertLess(after, 4000, text);
  assertMatch(text, /:f_push delay_ns=40000000 hits=100 pid=\d+ /);
  assertMatch(shell(`sh ${EXAMPLE}`), /libc\.so\.6:nanosleep delay_ns=100000000 hits=5 pid=\d+ /);
  assertEquals(read("targets_list") + read("enabled"), "0\n");
});
