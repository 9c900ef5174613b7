/** Gate: so many at a time, in order. */
import { assertEquals, assertRejects } from "@std/assert";
import { Gate } from "../../../../../src/probe/ebpf/pool/gate.ts";

Deno.test("Gate lets so many through at a time, and the others in their order", async () => {
  const gate = new Gate(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = Array.from({ length: 5 }, (_, index) =>
    gate.pass(() => {
      begun.push(index);
      return new Promise<void>((resolve) => ends.push(resolve));
    }));
  await Promise.resolve();
  assertEquals(begun, [0, 1]);
  ends[1]();
  await all[1];
  assertEquals(begun, [0, 1, 2]);
  for (let index = 0; index < 5; index++) {
    while (!ends[index]) await Promise.resolve();
    ends[index]();
  }
  await Promise.all(all);
  assertEquals(begun, [0, 1, 2, 3, 4]);
});

Deno.test("Gate has room again after a failure", async () => {
  const gate = new Gate(1);
  await assertRejects(() => gate.pass(() => Promise.reject(new Error("no"))), Error, "no");
  assertEquals(await gate.pass(() => Promise.resolve(1)), 1);
});
