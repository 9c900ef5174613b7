/** Who accounts for the floor of a site that several probes have. */
import { assertEquals } from "@std/assert";
import { SiteFloors, type SiteProbe } from "../../../../../src/probe/ebpf/pool/site_floors.ts";

interface Probe extends SiteProbe<Probe> {
  name: string;
  scope: string;
  written: number;
}

function probe(name: string, scope: string, siteKey = "site"): Probe {
  return {
    name,
    scope,
    siteKey,
    isEnabled: true,
    payer: null,
    written: 0,
    writeSlots() {
      this.written++;
    },
  };
}

/** A scope holds those whose name it begins: "a" holds "a" and "ab". */
function openFloors(): SiteFloors<Probe> {
  return new SiteFloors((payer, other) => other.scope.startsWith(payer.scope));
}

function payers(...probes: Probe[]): (string | null)[] {
  return probes.map(({ payer }) => payer?.name ?? null);
}

Deno.test("SiteFloors lets the first probe of a site pay for those in the same scope", () => {
  const floors = openFloors();
  const probes = [probe("x", "a"), probe("y", "a"), probe("z", "b"), probe("w", "a", "other site")];
  for (const each of probes) floors.add(each);
  assertEquals(payers(...probes), [null, "x", null, null]);
});

Deno.test("SiteFloors lets a probe pay for a scope within its own, and for none around it", () => {
  const floors = openFloors();
  const [inner, outer, innermost] = [probe("inner", "ab"), probe("outer", "a"), probe("innermost", "abc")];
  for (const each of [inner, outer, innermost]) floors.add(each);
  assertEquals(payers(inner, outer, innermost), [null, null, "inner"]);
});

Deno.test("SiteFloors finds another for those whose payer goes, and tells only them", () => {
  const floors = openFloors();
  const probes = [probe("x", "a"), probe("y", "a"), probe("z", "a"), probe("w", "b")];
  for (const each of probes) floors.add(each);
  floors.delete(probes[0]);
  assertEquals(payers(...probes), [null, null, "y", null]);
  assertEquals(probes.map(({ written }) => written), [0, 1, 1, 0]);
  floors.delete(probes[0]);
  assertEquals(probes.map(({ written }) => written), [0, 1, 1, 0]);
});
