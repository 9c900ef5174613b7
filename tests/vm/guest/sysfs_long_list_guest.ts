/** The list with as many targets as there can be, while hits and commands go on. */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { attempt, command, fresh, line, read, ROOT, shell, totals } from "../kernel_module.ts";
import { Folder, offsetOf } from "../program.ts";

const MOST = 4096;
/** Each line is longer than a page holds sixteen of. */
const LABEL = "l".repeat(250);

function figure(text: string, key: string): number {
  return Number(new RegExp(` ${key}=(\\d+)`).exec(text)?.[1]);
}

/** Looks at a list in which the target "come" may stand or not, and "hit" has figures. */
function checkList(text: string): void {
  const lines = text.split("\n").slice(0, -1).filter((each) => !each.includes(" tag=come "));
  assertEquals(lines.length, MOST - 2);
  let last = 0;
  for (const each of lines.slice(0, -1)) {
    const [, n, id, tag] =
      /^\/\S+:l{250}(\d+) delay_ns=\d+ hits=0 id=(\d+) tag=n(\d+) .* overhead_ns=0$/.exec(each) ?? [];
    assertEquals(n, tag, each);
    assertGreater(Number(id), last);
    last = Number(id);
  }
  const hit = lines[lines.length - 1];
  // At most one hit each of two processes is between two figures.
  assertLess(Math.abs(figure(hit, "hits") / 2 - figure(hit, "delayed")), 4);
}

Deno.test("a list of 4,096 long lines is whole and consistent in every read, while hits and commands go on", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  const offset = offsetOf(path, "f_nop1").toString(16);
  // They are not enabled: the list is what matters here.
  for (let n = 0; n < MOST - 3; n++) command(`+${path}:${LABEL}${n} 5 tag=n${n} offset=0x${offset}`);
  command(`+${path}:f_push 2000 owner=${Deno.pid} tag=hit histogram=2 every=2`);

  const go = folder.write("go", "");
  const loop = (text: string) =>
    new Deno.Command("bash", { args: ["-c", `while [ -e ${go} ]; do ${text}; done`], stdin: "null" }).spawn();
  const traffic = [
    loop(`echo "+${path}:f_mov 5 tag=come" > ${ROOT}/targets; echo "=@n7 $RANDOM" > ${ROOT}/targets
      read -rt 0.05 <> <(:); echo "-@come" > ${ROOT}/targets`),
    loop(`${path} calls f_push 500 > /dev/null`),
  ];
  try {
    for (let round = 0; round < 3; round++) checkList(read("targets_list"));
    // Two readers that read by turns have a list each.
    const [a, b] = [`${folder.path}/a`, `${folder.path}/b`];
    shell(`exec 3<${ROOT}/targets_list 4<${ROOT}/targets_list
      for part in 1 2 3; do head -c 300000 <&3 >> ${a}; head -c 200000 <&4 >> ${b}; done
      cat <&3 >> ${a}; cat <&4 >> ${b}`);
    for (const copy of [a, b]) checkList(Deno.readTextFileSync(copy));
  } finally {
    Deno.removeSync(go);
    await Promise.all(traffic.map(({ status }) => status));
  }
  const hit = line("hit");
  assertEquals(figure(hit, "delayed"), Math.floor(figure(hit, "hits") / 2));
  const counts = [...read("histograms").matchAll(/ \d+:(\d+)/g)].map((match) => Number(match[1]));
  assertEquals(counts.reduce((sum, count) => sum + count, 0), figure(hit, "delayed") - figure(hit, "cut"));
  command(`+${path}:f_mov 5`, `+${path}:f_sub 5`);
  assertEquals([totals().targets, attempt(`+${path}:f_go 5`)], [MOST, "ENOSPC"]);
  command("-*");
  assertEquals(totals().targets, 1);
});
