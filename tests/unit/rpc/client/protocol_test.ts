/** The generated types of the client against those that follow from the schema. */
import { assertEquals } from "@std/assert";
import type * as client from "../../../../rpc/client/protocol.ts";
import { METHODS, NOTIFICATIONS } from "../../../../rpc/schema/mod.ts";
import type * as schema from "../../../../rpc/schema/mod.ts";

/** true where each value of one type is one of the other. */
type Same<A, B> = [A, B] extends [B, A] ? true : false;

type SameMethods = {
  [M in schema.MethodName]: [
    Same<schema.ParamsOf<M>, client.ParamsOf<M>>,
    Same<schema.ResultOf<M>, client.ResultOf<M>>,
  ];
};

type SameNotifications = {
  [N in schema.NotificationName]: Same<schema.NotificationParamsOf<N>, client.Notifications[N]>;
};

Deno.test("the types of the client are those of the schema, method by method", () => {
  const both: [true, true] = [true, true];
  const methods: SameMethods = {
    "rpc.discover": both,
    "server.info": both,
    "probe.add": both,
    "probe.plan": both,
    "probe.update": both,
    "probe.remove": both,
    "probe.list": both,
    "probe.enable": both,
    "probe.disable": both,
    "probe.clear": both,
    "probe.stats": both,
    "stats.subscribe": both,
    "stats.unsubscribe": both,
    "symbols.search": both,
    "count.add": both,
    "count.remove": both,
    "count.read": both,
    "session.detach": both,
    "session.resume": both,
  };
  const notifications: SameNotifications = { "stats.tick": true, "probe.ended": true };
  assertEquals(Object.keys(methods), Object.keys(METHODS));
  assertEquals(Object.keys(notifications), Object.keys(NOTIFICATIONS));
});

Deno.test("Same tells types apart", () => {
  const differ: [Same<{ a: number }, { a: string }>, Same<{ a: number | null }, { a: number }>] = [
    false,
    false,
  ];
  assertEquals(differ, [false, false]);
});
