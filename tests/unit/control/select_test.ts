/** Which probes an operand means. */
import { assertEquals, assertThrows } from "@std/assert";
import { type ControlledProbe, parseSpec, SbError } from "../../../mod.ts";
import { selectProbes } from "../../../src/control/select.ts";
import { sampleStatistics } from "../../cli/samples.ts";

function probe(id: string, target: string, changes: Partial<ControlledProbe> = {}): ControlledProbe {
  return {
    id,
    backend: id.startsWith("k") ? "kmod" : "ebpf",
    isolation: "shared",
    persistent: true,
    owner: null,
    scope: { kind: "all" },
    tag: null,
    target,
    file: { path: target.replace(/:.*$/, ""), buildId: null },
    sites: [],
    state: "live",
    spec: parseSpec("1us"),
    floor: { ns: 0, source: "unknown" },
    statistics: sampleStatistics(),
    outside: 0,
    ...changes,
  };
}

const PROBES = [
  probe("k1", "/nowhere/app:parse", { tag: "slow" }),
  probe("e1", "/nowhere/app:parse"),
  probe("e2", "/nowhere/app:print"),
  probe("e3", "/nowhere/app:owned", { owner: { pid: 1, comm: "init" }, persistent: false }),
];

function select(operand: string): (string | null)[] {
  return selectProbes(operand, PROBES).map(({ id }) => id);
}

function refusal(operand: string): SbError {
  return assertThrows(() => select(operand), SbError);
}

// A library opened in a test counts as that test's leak: open what sb keeps open before.
refusal("/nowhere/app:prin");

Deno.test("an id and a tag mean one probe, of any owner", () => {
  assertEquals(select("k1"), ["k1"]);
  assertEquals(select("e3"), ["e3"]);
  assertEquals(select("@slow"), ["k1"]);
});

Deno.test("a target means the probes of that name without an owner, over the backends, though its file is gone", () => {
  assertEquals(select("/nowhere/app:parse"), ["k1", "e1"]);
});

Deno.test("what is not there is refused with the nearest names", () => {
  for (
    const [operand, hint] of [
      ["e7", "Did you mean e1, e2, e3?"],
      ["@slw", "Did you mean @slow?"],
      ["/nowhere/app:prin", "Did you mean /nowhere/app:print, /nowhere/app:parse?"],
      ["nothing alike", "List the probes: sb list"],
    ]
  ) {
    const error = refusal(operand);
    assertEquals([error.code, error.hint], ["probe.not_found", hint], operand);
  }
});

Deno.test("a target of owned probes alone is refused with their ids", () => {
  assertEquals(refusal("/nowhere/app:owned").hint, "Name an owned probe by its id: e3");
});
