/** The server under load: round trips, adding and removing, clients that are killed, memory, idleness. */
import { planFor, programFile, RealProgram } from "../conformance/program.ts";
import { request } from "../conformance/rig.ts";
import { fixture } from "../fixtures/build.ts";
import { LineClient } from "../rpc/line_client.ts";
import { hasBreakpoint } from "../rpc/servant.ts";
import { ServerProcess } from "../rpc/server_process.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";

const INFO = '{"jsonrpc":"2.0","id":1,"method":"server.info"}';
const LOAD_SECONDS = "2";
const LOAD_ROUNDS = 5;
const ADD_ROUNDS = 300;
const SESSIONS = 1000;
const KILLS = 1000;
const IDLE_MS = 5000;
/** What the clients of a killed server, or a killed client's probe, may take. */
const GONE_MS = 100;
const CLOCK_TICKS = 100;

interface Load {
  requests: number;
  wall_ns: number;
  p99_ns: number;
}

async function load(socket: string, connections: number, depth = 1): Promise<Load> {
  const { success, stdout } = await new Deno.Command(fixture("rpc_load"), {
    args: [socket, String(connections), String(depth), LOAD_SECONDS, INFO],
    stdin: "null",
  }).output();
  if (!success) throw new Error("the load was broken off");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The better half of the rounds is what the server can do; the rest is what else the machine did. */
async function* roundTrips(socket: string): AsyncIterable<Figure> {
  for (
    const { connections, bound } of [{ connections: 1, bound: 25_000 }, { connections: 64, bound: 40_000 }]
  ) {
    const rounds: Load[] = [];
    for (let round = 0; round < LOAD_ROUNDS; round++) rounds.push(await load(socket, connections));
    const rates = rounds.map(({ requests, wall_ns }) => requests * 1e9 / wall_ns);
    yield {
      name: `round trips a second, ${connections} connection${
        connections > 1 ? "s" : ""
      }, one request at a time each`,
      value: Math.max(...rates),
      bound,
      atLeast: true,
      unit: "count",
      detail: `rounds ${rates.map((rate) => Math.round(rate)).join(" ")}`,
    };
    const slowest = rounds.map(({ p99_ns }) => p99_ns / 1e6);
    yield {
      name: `99th percentile of a round trip, ${connections} connection${connections > 1 ? "s" : ""}`,
      value: Math.min(...slowest),
      bound: 10,
      unit: "ms",
      detail: `rounds ${slowest.map((ms) => ms.toFixed(2)).join(" ")}`,
    };
  }
  {
    using _ = keepAwake();
    const { requests, wall_ns } = await load(socket, 1);
    yield {
      name: "round trips a second, 1 connection, processors kept awake",
      value: requests * 1e9 / wall_ns,
      bound: 25_000,
      atLeast: true,
      unit: "count",
      detail: "what is missing above is the time in which an idle processor wakes up, twice a round trip",
    };
  }
  for (
    const { connections, bound } of [{ connections: 1, bound: 25_000 }, { connections: 64, bound: 40_000 }]
  ) {
    const { requests, wall_ns } = await load(socket, connections, 16);
    yield {
      name: `requests a second, ${connections} connection${connections > 1 ? "s" : ""}, 16 ahead on each`,
      value: requests * 1e9 / wall_ns,
      bound,
      atLeast: true,
      unit: "count",
      detail: "",
    };
  }
}

/** Gives every processor something to do that anything else comes before, until disposed. */
function keepAwake(): Disposable {
  const spinning = Array.from(
    { length: navigator.hardwareConcurrency },
    () =>
      new Deno.Command("nice", { args: ["-n", "19", "sh", "-c", "while :; do :; done"], stdin: "null" })
        .spawn(),
  );
  return { [Symbol.dispose]: () => spinning.forEach((process) => process.kill("SIGKILL")) };
}

async function* adding(socket: string): AsyncIterable<Figure> {
  await using program = await RealProgram.start();
  using client = await LineClient.connect(socket);
  const asked = { target: "libc.so.6:malloc", delay_ns: 1000, scope: { tree: program.pid } };
  const times: Record<"add" | "remove", number[]> = { add: [], remove: [] };
  for (let round = 0; round < ADD_ROUNDS; round++) {
    const start = performance.now();
    const { probes: [{ id }] } = await client.call("probe.add", asked);
    const added = performance.now();
    await client.call("probe.remove", { probe: id });
    times.add.push(added - start);
    times.remove.push(performance.now() - added);
  }
  for (const [verb, each] of Object.entries(times)) {
    const sorted = each.toSorted((x, y) => x - y);
    yield {
      name: `probe.${verb} of a libc function whose symbols were read before, median`,
      value: median(each),
      bound: 3,
      unit: "ms",
      detail: `least ${sorted[0].toFixed(2)}, 90 % ${
        sorted[Math.floor(sorted.length * 0.9)].toFixed(2)
      }, first ${each[0].toFixed(1)}`,
    };
  }
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]) * 1024;
}

function cpuMs(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / CLOCK_TICKS;
}

/** Sleeps this long. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function* idle(pid: number, when: string): AsyncIterable<Figure> {
  await pause(1000);
  const before = cpuMs(pid);
  await pause(IDLE_MS);
  yield {
    name: `processor time of an idle server in ${IDLE_MS / 1000} s, ${when}`,
    value: cpuMs(pid) - before,
    bound: 10,
    unit: "ms",
    detail: "in steps of 10 ms",
  };
}

/** Ends a session, and waits until it is undone. */
async function hangUp(client: LineClient): Promise<void> {
  await client.endInput();
  while (await client.next() !== undefined);
  client[Symbol.dispose]();
}

async function* memory(socket: string, pid: number): AsyncIterable<Figure> {
  await using program = await RealProgram.start();
  const target = `${programFile()}:f_push`;
  const asked = { target, delay_ns: 1000, scope: { tree: program.pid } };
  const clients: LineClient[] = [];
  const sizes: number[] = [residentBytes(pid)];
  for (let quarter = 0; quarter < 4; quarter++) {
    for (let count = 0; count < SESSIONS / 4; count++) {
      const client = await LineClient.connect(socket);
      clients.push(client);
      await client.call("probe.add", asked);
    }
    sizes.push(residentBytes(pid));
  }
  await program.calls("f_push", 1);
  const grown = sizes.slice(1).map((size, index) => (size - sizes[index]) / (SESSIONS / 4) / 1024);
  yield {
    name: `memory of each of ${SESSIONS} sessions with a probe, KiB`,
    value: (sizes[4] - sizes[0]) / SESSIONS / 1024,
    bound: 64,
    unit: "count",
    detail: `by quarters ${grown.map((kib) => kib.toFixed(0)).join(" ")}; ${
      (sizes[0] / 1e6).toFixed(0)
    } MB before, ${(sizes[4] / 1e6).toFixed(0)} with all`,
  };
  const counted = await Promise.all(
    clients.map(async (client) => (await client.call("probe.stats")).probes[0].hits),
  );
  const hit = counted.filter((hits) => hits === 1).length;
  yield {
    name: `sessions of ${SESSIONS} whose probe counted the call`,
    value: hit,
    bound: SESSIONS,
    atLeast: true,
    unit: "count",
    detail: "",
  };
  for (const client of clients) await hangUp(client);
  // Another thousand must fit into what the one before gave back.
  const peaks: number[] = [];
  for (let round = 0; round < 3; round++) {
    const again: LineClient[] = [];
    for (let count = 0; count < SESSIONS; count++) {
      const client = await LineClient.connect(socket);
      again.push(client);
      await client.call("probe.add", asked);
    }
    peaks.push(residentBytes(pid));
    for (const client of again) await hangUp(client);
  }
  yield {
    name: `memory with the fourth ${SESSIONS} sessions, against the third`,
    value: peaks[2] / peaks[1],
    bound: 1.1,
    unit: "ratio",
    detail: `MB ${peaks.map((bytes) => (bytes / 1e6).toFixed(0)).join(" ")}`,
  };
}

/** The times of rounds, as a detail. */
function spread(times: readonly number[]): string {
  const sorted = times.toSorted((x, y) => x - y);
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)].toFixed(1);
  return `median ${at(0.5)} ms, 99 % ${at(0.99)}, longest ${at(1)}`;
}

async function* kills(server: ServerProcess): AsyncIterable<Figure> {
  await using program = await RealProgram.start();
  const [site] = planFor([request("f_push", 1000)]);
  const asked = { target: site.target, delay_ns: 1000, scope: { tree: program.pid } };
  const { fileOffset } = site.sites[0];
  const undone: number[] = [];
  const left: number[] = [];
  for (let round = 0; round < KILLS; round++) {
    using victim = LineClient.connectBy(server.socket);
    await victim.call("probe.add", asked);
    const seen = server.events.length;
    const start = performance.now();
    victim.process!.kill("SIGKILL");
    await server.event("session.closed", (event) => server.events.indexOf(event) >= seen);
    undone.push(performance.now() - start);
    while (hasBreakpoint(program.pid, site.file.path, fileOffset)) await pause(1);
    left.push(performance.now() - start);
    await victim.process!.status;
  }
  for (
    const [what, times] of [["whose probe was there", undone], ["whose breakpoint was there", left]] as const
  ) {
    yield {
      name: `clients of ${KILLS} killed by SIGKILL ${what} after ${GONE_MS} ms`,
      value: times.filter((ms) => ms > GONE_MS).length,
      bound: what === "whose probe was there" ? 0 : KILLS,
      unit: "count",
      detail: spread(times),
    };
  }
}

async function* run(): AsyncIterable<Figure> {
  {
    await using server = await ServerProcess.start();
    await pause(1000);
    yield {
      name: "memory of a server that nobody has asked, MB",
      value: residentBytes(server.pid) / 1e6,
      bound: 60,
      unit: "count",
      detail: "resident",
    };
    yield* idle(server.pid, "nobody asked");
    yield* roundTrips(server.socket);
  }
  await using server = await ServerProcess.start();
  yield* adding(server.socket);
  yield* idle(server.pid, "its probes gone");
  yield* kills(server);
  yield* memory(server.socket, server.pid);
}

/** `scripts/bench server`. */
export const server: Benchmark = { name: "server", run };
