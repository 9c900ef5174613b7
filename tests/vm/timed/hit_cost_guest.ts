/** What a hit costs beside its delay: the module's share over a bare uprobe of the kernel, in deterministic time. */
import type { Figure } from "../../bench/figure.ts";
import { enable, fresh } from "../kernel_module.ts";
import { Folder, offsetOf, Program } from "../program.ts";
import { callTimes, measure } from "./calls.ts";
import { check, note } from "./figures.ts";
import { TracefsProbe } from "./tracefs.ts";

const CALLS = 501;

const SITES = [
  { site: "push", name: "f_push" },
  { site: "nop", name: "f_nop1" },
  { site: "5-byte nop", name: "f_nop5" },
  { site: "stepped", name: "f_mov" },
];

/** What a target may do at a hit, beside the add `0`. */
const KINDS = [
  { kind: "counted", add: " 0" },
  { kind: "with an exact count: every=2", add: " 0 every=2" },
  { kind: "below the floor", add: " 1 floor=100000" },
  { kind: "queued: a delay of 1 ns", add: " 1" },
];

for (const { site, name } of SITES) {
  Deno.test(`a hit without delay costs little more than a bare uprobe: ${site}`, async () => {
    using _module = fresh();
    using folder = new Folder();
    enable(true);
    await using program = await Program.start(folder.copy("bench_target"));
    const base = (await callTimes(program, name, CALLS)).p50_ns;
    let bare: number;
    {
      using _probe = new TracefsProbe("bare", program.path, offsetOf(program.path, name));
      bare = (await callTimes(program, name, CALLS)).p50_ns - base;
    }
    note(`${site}: a uprobe of tracefs`, `${bare} ns a hit`);
    const figures: Figure[] = [];
    for (const { kind, add } of KINDS) {
      const { times } = await measure({ program, name, add: name + add, count: CALLS });
      const cost = times.p50_ns - base;
      if (kind === "counted") {
        figures.push({
          name: `${site}: counted, over a uprobe of tracefs`,
          value: cost / bare,
          bound: 1.1,
          unit: "ratio",
          detail: `${cost} ns a hit`,
        });
      } else note(`${site}: ${kind}`, `${cost} ns a hit`);
    }
    check(figures);
  });
}
