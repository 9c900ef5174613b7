/** The conversation that rpc/transcript.jsonl records: what the client sends, and how much the server says to it. */

/** The process tree of the conversation, by the id that stands in the transcript. */
export const TREE = 4242;

/** What a session is resumed with stands in the transcript as this. */
export const TOKEN = "0123456789abcdef0123456789abcdef";

/** One line of the client. */
export interface Step {
  send: unknown;
  /** Lines of the server that belong to it. */
  lines: number;
  /** What happens to the tree once the answer is there. */
  then?: "end the tree";
}

let ids = 0;

function call(method: string, params?: Record<string, unknown>): Record<string, unknown> {
  return { jsonrpc: "2.0", id: ++ids, method, ...(params && { params }) };
}

function step(method: string, params?: Record<string, unknown>): Step {
  return { send: call(method, params), lines: 1 };
}

const scope = { tree: TREE };
const target = "libc.so.6:getppid";

/** In order; one of each method, and of each way to be refused that a client meets. */
export const STEPS: readonly Step[] = [
  step("server.info"),
  step("probe.plan", { target: "libc.so.6:getp[gp]id", spec: "5us,every=10", scope }),
  step("probe.add", { target, delay_ns: 50_000, scope }),
  step("probe.stats", { probe: "p1" }),
  step("probe.update", { probe: "p1", delay_ns: 100_000 }),
  step("probe.disable", { probe: "p1" }),
  step("probe.enable", { probe: "p1" }),
  step("probe.list"),
  { ...step("stats.subscribe", { interval_ns: 10_000_000 }), lines: 3 },
  step("stats.unsubscribe", { subscription: "s1" }),
  step("symbols.search", { file: "libc.so.6", pattern: "/^getppid$/", limit: 10 }),
  step("count.add"),
  step("count.read", { count: "c1", limit: 10 }),
  step("count.remove", { count: "c1" }),
  {
    send: [
      call("probe.stats", { probe: "p1" }),
      call("probe.stats", { probe: "p9" }),
      call("probe.list"),
    ],
    lines: 1,
  },
  step("probe.ad"),
  step("probe.add", { target, delay_ns: 50_000, evry: 10 }),
  step("probe.add", { target: "libc.so.6:getpppid", delay_ns: 50_000, scope }),
  step("probe.remove", { probe: "p1" }),
  step("probe.add", { target, spec: "exp:100us", scope }),
  step("session.detach", { ttl_ns: 60_000_000_000 }),
  { ...step("session.resume", { token: TOKEN }), lines: 2, then: "end the tree" },
  step("probe.clear"),
];
