import { assert, assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../../src/core/mod.ts";
import { parseSpec, type ProbePlan } from "../../../../src/probe/mod.ts";
import {
  addCommand,
  type AddOptions,
  probabilityPpm,
  removeCommand,
  switchCommand,
  updateCommand,
} from "../../../../src/probe/kmod/command.ts";

function planOf(spec: string, more: Partial<ProbePlan> = {}): ProbePlan {
  return {
    target: "/usr/bin/app:parse",
    symbol: "parse",
    demangled: null,
    aliases: [],
    file: {
      path: "/usr/bin/app",
      openPath: "/usr/bin/app",
      device: 1,
      inode: 2n,
      sizeBytes: 3,
      modifiedNs: 0n,
      buildId: null,
      machine: "x86_64",
      go: false,
    },
    at: "entry",
    functionOffset: 0x1000,
    attach: "sites",
    sites: [{ fileOffset: 0x1004, class: "push", instruction: "push %rbp" }],
    spec: parseSpec(spec),
    ...more,
  };
}
const BARE: AddOptions = { path: "/proc/self/fd/9", floorsNs: [], histogram: 0 };

Deno.test("addCommand() names only what is not the default", () => {
  assertEquals(addCommand(planOf("5us"), BARE), "+/proc/self/fd/9:parse 5000 offset=0x1004");
});

Deno.test("addCommand() names the whole schedule, the scope, the owner and the floors", () => {
  const plan = planOf("5us,every=3,times=9,probability=0.25,start=1s,duration=2s,how=sleep,compensate=no");
  assertEquals(
    addCommand(plan, { ...BARE, pid: 42, owner: 7, tag: "sb.7.0", floorsNs: [640], histogram: 16 }),
    "+/proc/self/fd/9:parse 5000 how=sleep every=3 times=9 probability=250000 start=1000000000 duration=2000000000 " +
      "compensate=0 offset=0x1004 pid=42 owner=7 tag=sb.7.0 floor=640 histogram=16",
  );
});

Deno.test("addCommand() writes distributions in nanoseconds", () => {
  const written = (spec: string) => addCommand(planOf(spec), BARE).split(" ").slice(1, 3);
  assertEquals(written("uniform:1us:5us"), ["0", "dist=uniform:1000:5000"]);
  assertEquals(written("normal:10us:2us"), ["0", "dist=normal:10000:2000"]);
  assertEquals(written("exp:10us"), ["0", "dist=exp:10000"]);
});

Deno.test("addCommand() writes all sites with their conditions, or the function's start for a return trampoline", () => {
  const sites: ProbePlan["sites"] = [
    { fileOffset: 0x10, class: "jcc", instruction: "jne", condition: { mask: 0x40, when: "clear" } },
    { fileOffset: 0x20, class: "jcc", instruction: "jc", condition: { mask: 0x1, when: "set" } },
    { fileOffset: 0x30, class: "stepped", instruction: "ret" },
  ];
  const plan = planOf("1us", { sites, at: "return" });
  assertEquals(
    addCommand(plan, BARE),
    "+/proc/self/fd/9:parse%25return 1000 offset=0x10?40=0,0x20?1=1,0x30",
  );
  assertEquals(
    addCommand({ ...plan, attach: "trampoline" }, BARE),
    "+/proc/self/fd/9:parse%25return 1000 offset=0x1000 at=return",
  );
});

Deno.test("addCommand() writes labels that no list can take for something else", () => {
  const label = (symbol: string) => /:(\S*) /.exec(addCommand(planOf("0", { symbol }), BARE))?.[1];
  assertEquals(label("Foo::bar(int, char)"), "Foo%3A%3Abar(int,%20char)");
  assertEquals(label("main.(*S).né"), "main.(*S).n%C3%A9");
  assertEquals(label("a\nb%"), "a%0Ab%25");
  assertEquals(label("x".repeat(5000))?.length, 1023);
});

Deno.test("addCommand() refuses a function with more sites than a command holds", () => {
  const site = { fileOffset: 0x123456, class: "stepped", instruction: "ret" } as const;
  const many = (count: number) => planOf("1us", { sites: Array(count).fill(site) });
  assert(addCommand(many(400), BARE).length <= 4095);
  const error = assertThrows(() => addCommand(many(500), BARE), SbError);
  assertEquals(error.code, "probe.too_many");
});

Deno.test("probabilityPpm() is exact or refuses", () => {
  for (
    const [probability, ppm] of [[0, 0], [1, 1_000_000], [0.1, 100_000], [0.000001, 1], [0.333333, 333_333]]
  ) {
    assertEquals(probabilityPpm(probability), ppm);
  }
  for (const probability of [1e-7, 1 / 3, 0.1234567, 0.9999999]) {
    const error = assertThrows(() => probabilityPpm(probability), SbError);
    assertEquals(error.code, "usage.delay");
  }
});

Deno.test("updateCommand() names the delay and only what changes", () => {
  assertEquals(updateCommand({ id: 3 }, { kind: "fixed", ns: 5 }), "=#3 5");
  assertEquals(
    updateCommand({ tag: "t" }, { kind: "exp", meanNs: 7 }, { floorsNs: [1, 2], pid: 0 }),
    "=@t 0 dist=exp:7 pid=0 floor=1,2",
  );
  assertEquals(
    updateCommand({ id: 3 }, { kind: "fixed", ns: 5 }, {
      settings: { every: 2, times: null, compensate: true },
    }),
    "=#3 5 every=2 times=9223372036854775807 compensate=1",
  );
});

Deno.test("removeCommand() and switchCommand() name one target, an owner's, or all without an owner", () => {
  assertEquals(removeCommand({ id: 3 }), "-#3");
  assertEquals(removeCommand({ tag: "t" }), "-@t");
  assertEquals(removeCommand({ owner: 9 }), "-* owner=9");
  assertEquals(removeCommand("unowned"), "-*");
  assertEquals(switchCommand(false, 9), "=* on=0 owner=9");
});
