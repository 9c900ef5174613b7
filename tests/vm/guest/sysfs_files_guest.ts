/** The files of the interface: modes, first values, what they take, what they show. */
import { assert, assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import {
  command,
  enable,
  fresh,
  histogram,
  line,
  read,
  ROOT,
  shell,
  target,
  totals,
  write,
} from "../kernel_module.ts";
import { Folder, offsetOf, Program } from "../program.ts";

const MODES = {
  abi: 0o444,
  default_delay_ns: 0o644,
  enabled: 0o644,
  histograms: 0o444,
  scopes: 0o444,
  stats: 0o444,
  targets: 0o200,
  targets_list: 0o444,
};

Deno.test("the folder has the files of the interface and no others, each with its mode, all root's", () => {
  const modes = Object.fromEntries(
    [...Deno.readDirSync(ROOT)].map(({ name }): [string, number] => {
      const { mode, uid, gid } = Deno.statSync(`${ROOT}/${name}`);
      assertEquals([uid, gid], [0, 0], name);
      return [name, (mode ?? 0) & 0o7777];
    }).sort(),
  );
  assertEquals(modes, MODES);
});

Deno.test("a module just loaded is off, has no targets, and says its version", () => {
  shell("rmmod speed_bump && insmod $SB_MODULE");
  assertEquals(
    ["abi", "enabled", "default_delay_ns", "targets_list", "histograms", "scopes"].map(read),
    ["1\n", "0\n", "1000000\n", "", "", ""],
  );
  assertEquals(
    read("stats"),
    "enabled: 0\ntargets: 0\ntotal_hits: 0\ntotal_delay_ns: 0\n" +
      "total_misses: 0\ntotal_cut: 0\ntotal_outside: 0\nuntracked: 0\n",
  );
});

Deno.test("enabled takes 0 and 1, with or without a newline, and nothing else", () => {
  using _module = fresh();
  for (const [text, value] of [["1", "1\n"], ["0\n", "0\n"], ["1\n", "1\n"], ["1", "1\n"], ["0", "0\n"]]) {
    assertEquals(write("enabled", text), "ok", text);
    assertEquals(read("enabled"), value);
  }
  enable(true);
  for (
    const text of [
      "2",
      "-1",
      "y",
      "on",
      "00",
      "01",
      "1 ",
      " 1",
      "1\n\n",
      "\n",
      "1\0",
      "1\n0",
      "0x1",
      "1\n0\n",
    ]
  ) {
    assertEquals(write("enabled", text), "EINVAL", JSON.stringify(text));
    assertEquals(read("enabled"), "1\n");
  }
});

Deno.test("default_delay_ns takes 0 to 10^10", () => {
  using _module = fresh();
  for (const text of ["0", "1\n", "10000000000", "0005"]) {
    assertEquals(write("default_delay_ns", text), "ok", text);
    assertEquals(read("default_delay_ns"), `${Number(text)}\n`);
  }
  for (const text of ["10000000001", "18446744073709551616", "99999999999999999999999999"]) {
    assertEquals(write("default_delay_ns", text), "ERANGE", text);
  }
  for (
    const text of ["", "-1", "+1", "1ms", "1 ", " 1", "0x10", "1\n2", "1\0", "\n", "1e3", "1.5"].slice(1)
  ) {
    assertEquals(write("default_delay_ns", text), "EINVAL", JSON.stringify(text));
  }
  assertEquals(read("default_delay_ns"), "5\n");
});

Deno.test("an add without a delay has the default delay of that moment", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  command(`+${path}:f_push tag=before`);
  assertEquals(write("default_delay_ns", "4321"), "ok");
  command(`+${path}:f_push tag=after`, `+${path}:f_push 7 tag=own`);
  assertEquals(["before", "after", "own"].map((tag) => target(tag).delayNs), [1_000_000, 4321, 7]);
});

Deno.test("files that are only read refuse to be written, and targets to be read, whatever root is allowed", () => {
  for (const file of ["abi", "targets_list", "stats", "histograms", "scopes"]) {
    assert(["EIO", "EACCES", "EPERM", "EINVAL"].includes(write(file, "1")), file);
  }
  assertMatch(shell(`cat ${ROOT}/targets 2>&1 || true`), /error|denied/);
});

Deno.test("a line names what was asked, leaves defaults out, and has every figure", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const [one, other] = ["f_push", "f_mov"].map((name) => `0x${offsetOf(path, name).toString(16)}`);
  command(`+${path}:f_push 5`);
  assertMatch(
    read("targets_list"),
    new RegExp(
      `^${path}:f_push delay_ns=5 hits=0 id=\\d+ ` +
        "delayed=0 cut=0 clipped=0 misses=0 outside=0 added_ns=0 overhead_ns=0\n$",
    ),
  );
  command(
    `+${path}:f_push 9 histogram=16 compensate=0 floor=700 dist=uniform:10:20 duration=5000000 start=1000 ` +
      `probability=250000 times=12 every=3 offset=${one}?40=1,${other}?40=0 how=sleep at=entry on=0 owner=${Deno.pid} ` +
      `tag=all pid=${program.pid}`,
  );
  assertMatch(
    line("all"),
    new RegExp(
      `^${path}:f_push delay_ns=9 hits=0 pid=${program.pid} id=\\d+ tag=all owner=${Deno.pid} on=0 how=sleep ` +
        `offset=${one}\\?40=1,${other}\\?40=0 sites=2 every=3 times=12 probability=250000 start=1000 ` +
        "duration=5000000 dist=uniform:10:20 floor=700 compensate=0 histogram=16 " +
        "delayed=0 cut=0 clipped=0 misses=0 outside=0 added_ns=0 overhead_ns=0$",
    ),
  );
  command("-@all", `+${path}:f_push 9 at=return how=spin tag=return histogram=0 compensate=1 every=1`);
  assertMatch(line("return"), / id=\d+ tag=return at=return delayed=0 /);
});

Deno.test("figures add up: hits, delayed, added_ns, extremes, histogram, totals", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const before = totals();
  command(`+${path}:f_push 300000 every=4 floor=1000 histogram=2 tag=a`);
  enable(true);
  await program.send("calls f_push 42");
  const row = target("a");
  assertEquals([row.hits, row.delayed, row.cut, row.misses, row.outside, row.sites], [42, 10, 0, 0, 0, 1]);
  assertGreaterOrEqual(row.minNs as number, 300_000);
  assertGreaterOrEqual(row.maxNs as number, row.minNs as number);
  assertGreaterOrEqual(row.addedNs, 10 * (row.minNs as number));
  assertEquals(row.overheadNs, 32 * 1000);
  const counts = histogram(row.id);
  assertEquals(counts?.perOctave, 2);
  assertEquals([...counts?.counts.values() ?? []].reduce((sum, count) => sum + count, 0), 10);
  // A bucket below that of 300,000 ns: floor(log2) is 18, one bit below the highest.
  for (const bucket of counts?.counts.keys() ?? []) assertGreaterOrEqual(bucket, 18 * 2);
  const after = totals();
  assertEquals([after.enabled, after.targets, after.totalHits - before.totalHits], [true, 1, 42]);
  assertEquals(after.totalDelayNs - before.totalDelayNs, row.addedNs);
  command("-@a");
  assertEquals([totals().totalHits, totals().totalDelayNs], [after.totalHits, after.totalDelayNs]);
  assertEquals(read("histograms"), "");
});

Deno.test("scopes names the root, the targets that share it, and the members", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  const child = await program.keep("fork");
  command(
    `+${path}:hot 1 pid=${program.pid} tag=a`,
    `+${path}:hot 1 pid=${program.pid} tag=b`,
    `+${path}:hot 1`,
  );
  const members = [program.pid, child].sort((x, y) => x - y);
  const [scope, ...others] = read("scopes").trim().split("\n");
  assertEquals(others, []);
  const [head, list] = scope.split("members=");
  assertEquals(head, `pid=${program.pid} targets=2 untracked=0 `);
  assertEquals(list.split(",").map(Number).sort((x, y) => x - y), members);
});
