/** The lists with as many targets as there can be, while hits and commands go on. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { attempt, command, fresh, read, ROOT, shell, target, targets } from "../kernel_module.ts";
import { parseTargets } from "../../../src/probe/kmod/rows.ts";
import { Folder, offsetOf, Program } from "../program.ts";

const MOST = 4096;

Deno.test("a list of 4,096 long lines is whole and consistent in every read, while hits and commands go on", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const offset = offsetOf(path, "f_nop1").toString(16);
  const label = "l".repeat(900);
  // They are not enabled: the list is what matters here.
  const lines = Array.from(
    { length: MOST - 3 },
    (_, n) => `+${path}:${label}${n} 5 tag=n${n} offset=0x${offset}`,
  );
  command(...lines);
  const histograms = "histogram=2 every=2";
  command(`+${path}:f_push 2000 owner=${Deno.pid} tag=hit ${histograms}`);
  assertEquals(targets().length, MOST - 2);

  const go = folder.write("go", "");
  const traffic = [
    new Deno.Command("bash", {
      args: [
        "-c",
        `while [ -e ${go} ]; do echo "+${path}:f_mov 5 tag=come" > ${ROOT}/targets; echo "-@come" > ${ROOT}/targets
         echo "=@n7 $RANDOM" > ${ROOT}/targets; done`,
      ],
      stdin: "null",
    }).spawn(),
    new Deno.Command("bash", {
      args: ["-c", `while [ -e ${go} ]; do ${path} calls f_push 50 >/dev/null; done`],
      stdin: "null",
    })
      .spawn(),
  ];
  try {
    for (let round = 0; round < 4; round++) {
      const text = read("targets_list");
      assert(text.length > MOST * label.length);
      const rows = parseTargets(text).filter(({ tag }) => tag !== "come");
      assertEquals(rows.length, MOST - 2);
      assertEquals(rows.map(({ id }) => id), rows.map(({ id }) => id).toSorted((x, y) => x - y));
      assertEquals(rows.slice(0, -1).every(({ tag, symbol }) => symbol === `${label}${tag?.slice(1)}`), true);
      const { hits, delayed } = rows[rows.length - 1];
      // Two processes at most are between a hit and its delay.
      assertLess(Math.abs(hits / 2 - delayed), 4);
    }
    // Two readers that read by turns have a list each.
    assertEquals(
      shell(`exec 3<${ROOT}/targets_list 4<${ROOT}/targets_list
      while dd bs=4096 count=64 status=none <&3 >> ${folder.path}/a; dd bs=4096 count=64 status=none <&4 >> ${folder.path}/b
        [ $(stat -c %s ${folder.path}/a) != "$size" ]; do size=$(stat -c %s ${folder.path}/a); done
      grep -vc tag=come ${folder.path}/a; grep -vc tag=come ${folder.path}/b`),
      `${MOST - 2}\n${MOST - 2}\n`,
    );
  } finally {
    Deno.removeSync(go);
    await Promise.all(traffic.map(({ status }) => status));
  }
  await program.send("calls f_push 1");
  const { hits, delayed, id } = target("hit");
  assertEquals(delayed, Math.floor(hits / 2));
  const counts = read("histograms").split("\n").find((each) => each.startsWith(`id=${id} `)) ?? "";
  assertEquals([...counts.matchAll(/\d+:(\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0), delayed);
  command(`+${path}:f_mov 5`, `+${path}:f_sub 5`);
  assertEquals(attempt(`+${path}:f_go 5`), "ENOSPC");
  command("-*");
  assertEquals(targets().map(({ tag }) => tag), ["hit"]);
});
