/** Holds the conversation of the transcript with a live server, and makes of it what every run has in common. */
import { createConnection, type Socket } from "node:net";
import { type Step, STEPS, TOKEN, TREE } from "./steps.ts";

type Message = Record<string, unknown>;

/** What stands in the transcript for what differs from run to run. */
const CLIENT = { pid: 4000, comm: "client" };
const SERVER_PID = 77;
const LIBC = "/usr/lib/x86_64-linux-gnu/libc.so.6";

/** Calls getppid() now and then until it is killed. */
const PROGRAM = "import os, time\nwhile True:\n    os.getppid()\n    time.sleep(0.001)";

/** A line of the transcript. */
export type Line = { client: unknown } | { server: unknown };

/** @param socket of a server of root's, used by root @returns the lines, with what differs between runs replaced */
export async function holdConversation(socket: string): Promise<Line[]> {
  const tree = new Deno.Command("/usr/bin/python3", { args: ["-c", PROGRAM] }).spawn();
  try {
    return await converse(await LineConnection.open(socket), tree);
  } finally {
    try {
      tree.kill("SIGKILL");
    } catch { /* the conversation ended it */ }
    await tree.status;
  }
}

async function converse(connection: LineConnection, tree: Deno.ChildProcess): Promise<Line[]> {
  const lines: Line[] = [];
  const known = new Known(tree.pid);
  for (const step of STEPS) {
    lines.push({ client: step.send });
    connection.send(known.toServer(step.send));
    for (const answer of await answersTo(step, connection, tree)) {
      lines.push({ server: known.fromServer(answer) });
    }
  }
  await connection.close();
  return lines;
}

async function answersTo(
  step: Step,
  connection: LineConnection,
  tree: Deno.ChildProcess,
): Promise<Message[]> {
  const answers: Message[] = [];
  while (answers.length < step.lines) {
    const message = await connection.next();
    // Ticks come until they are unsubscribed: the first ones are enough.
    if (answers.length === 0 && message.method === "stats.tick") continue;
    answers.push(message);
    if (answers.length === 1 && step.then === "end the tree") tree.kill("SIGKILL");
  }
  return answers;
}

/** Lines to and from a server. */
class LineConnection {
  readonly #socket: Socket;
  readonly #lines: AsyncGenerator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = linesOf(socket);
  }

  static open(path: string): Promise<LineConnection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path }, () => resolve(new LineConnection(socket)));
      socket.once("error", reject);
    });
  }

  send(message: unknown): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  async next(): Promise<Message> {
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error("Cannot go on: the server ended the connection");
    return JSON.parse(value);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.destroy();
    await closed;
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of socket) {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

/** What one run is known by, for what stands in the transcript. */
class Known {
  readonly #tree: number;
  #token = "";
  #path: string | undefined;

  constructor(tree: number) {
    this.#tree = tree;
  }

  toServer(message: unknown): unknown {
    return mapMembers(message, (name, value) => {
      if (name === "tree" && value === TREE) return this.#tree;
      return name === "token" && value === TOKEN ? this.#token : value;
    });
  }

  fromServer(message: unknown): unknown {
    return mapMembers(message, (name, value, parent) => {
      if (name === "token") {
        this.#token = value as string;
        return TOKEN;
      }
      if (name === "path" && typeof value === "string") this.#path ??= value;
      if (name === "pid") return this.#tellPid(value as number | null);
      if (name === "comm") return this.#tellComm(parent, value);
      return typeof value === "string" && this.#path ? value.replaceAll(this.#path, LIBC) : value;
    });
  }

  #tellPid(pid: number | null): number | null {
    if (pid === this.#tree) return TREE;
    if (pid === null) return null;
    return pid === Deno.pid ? CLIENT.pid : SERVER_PID;
  }

  #tellComm({ pid }: Message, comm: unknown): unknown {
    if (comm === null) return null;
    return pid === this.#tree ? "work" : CLIENT.comm;
  }
}

/** The same JSON value with members replaced, innermost last. */
function mapMembers(
  value: unknown,
  replace: (name: string, value: unknown, parent: Message) => unknown,
): unknown {
  if (Array.isArray(value)) return value.map((item) => mapMembers(item, replace));
  if (typeof value !== "object" || value === null) return value;
  const parent = value as Message;
  return Object.fromEntries(
    Object.entries(parent).map((
      [name, member],
    ) => [name, mapMembers(replace(name, member, parent), replace)]),
  );
}

/** Members whose values are figures of a run, or facts of a machine. */
const VOLATILE: ReadonlySet<string> = new Set([
  ...[
    "version",
    "backends",
    "features",
    "build_id",
    "file_offset",
    "site",
    "sites",
    "instruction",
    "aliases",
  ],
  ...[
    "floor_ns",
    "floor_source",
    "hits",
    "delayed",
    "cut",
    "misses",
    "clipped",
    "outside",
    "added_ns",
    "overhead_ns",
  ],
  ...["min_ns", "mean_ns", "p50_ns", "p90_ns", "p99_ns", "max_ns", "histogram", "at_ns"],
  ...["value", "size_bytes"],
]);

/** What two conversations must have in common, whenever and wherever they were held. */
export function essenceOf(lines: readonly Line[]): unknown[] {
  return lines.map((line) => mapMembers(line, (name, value) => VOLATILE.has(name) ? "…" : value));
}
