import { assertEquals } from "@std/assert";
import { possibleCpus } from "../../../../src/probe/ebpf/records.ts";

Deno.test("possibleCpus() counts at least the CPUs that are online", () => {
  assertEquals(possibleCpus() >= navigator.hardwareConcurrency, true);
});
