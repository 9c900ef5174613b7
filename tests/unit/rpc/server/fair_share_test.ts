import { assert, assertEquals } from "@std/assert";
import { FairShare } from "../../../../rpc/server/fair_share.ts";

/** Keeps the test busy, as a look at many processes keeps the server. */
function work(): void {
  const until = performance.now() + 5;
  while (performance.now() < until) { /* busy */ }
}

Deno.test("a user who kept the server busy has its turn later, others and root at once", async () => {
  const share = new FairShare();
  const order: string[] = [];
  share.charge(1, work);
  assertEquals([share.isFree(1), share.isFree(2), share.isFree(0)], [false, true, true]);
  const turn = (uid: number) =>
    share.turn(uid, () => {
      order.push(String(uid));
      return Promise.resolve();
    });
  await Promise.all([turn(1), turn(2), turn(0)]);
  assertEquals(order, ["0", "2", "1"]);
  assert(share.isFree(1));
});

Deno.test("root is never charged", () => {
  const share = new FairShare();
  share.charge(0, work);
  assert(share.isFree(0));
});

Deno.test("a user has one turn at a time, and a turn that fails gives way to the next", async () => {
  const share = new FairShare();
  let inside = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      share.turn(1, async () => {
        most = Math.max(most, ++inside);
        await Promise.resolve();
        inside--;
        if (index % 2 === 1) throw new Error("failed");
        return index;
      })),
  );
  assertEquals(most, 1);
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 5);
});
