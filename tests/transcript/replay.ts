/** A server that answers as rpc/transcript.jsonl says, and refuses what stands not in it. */
import { createServer, type Socket } from "node:net";

type Message = Record<string, unknown>;

/** A line of the transcript. */
export type Line = { client: Message | Message[] } | { server: Message | Message[] };

/** @returns the lines in order */
export function readTranscript(): Line[] {
  const text = Deno.readTextFileSync(new URL("../../rpc/transcript.jsonl", import.meta.url));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** What the client said, and what the server said to it. */
export interface Exchange {
  client: Message | Message[];
  server: (Message | Message[])[];
}

/** The transcript, cut at the lines of the client. */
export function readExchanges(): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const line of readTranscript()) {
    if ("client" in line) exchanges.push({ client: line.client, server: [] });
    else exchanges.at(-1)!.server.push(line.server);
  }
  return exchanges;
}

/** A request as text, without what may differ between clients. */
function essence(message: unknown): string {
  if (Array.isArray(message)) return message.map(essence).join();
  const { id, params, ...rest } = message as Message;
  const parts = { ...rest, isNotification: id === undefined, params: params ?? {} };
  return JSON.stringify(
    parts,
    (_, value) => isPlain(value) ? Object.fromEntries(Object.entries(value).sort()) : value,
  );
}

function isPlain(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The answer with the ids that the client used. */
function withIds(answer: unknown, asked: unknown, given: unknown): unknown {
  const one = (message: Message, index: number) => {
    if (!("id" in message)) return message;
    const [ask, give] = [asked, given].map((side) => (Array.isArray(side) ? side[index] : side) as Message);
    return { ...message, id: ask.id === message.id ? give.id : message.id };
  };
  return Array.isArray(answer) ? answer.map(one) : one(answer as Message, 0);
}

/** Serves the conversation to each client that comes, from its start. */
export interface Replay extends AsyncDisposable {
  /** Differences between what the transcript has and what a client sent; empty when there were none. */
  readonly differences: readonly string[];
  /** Whole conversations that were held to their end. */
  readonly finished: number;
}

export async function openReplay(path: string): Promise<Replay> {
  const differences: string[] = [];
  let finished = 0;
  const exchanges = readExchanges();

  function converse(socket: Socket): void {
    let at = 0;
    let text = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      text += chunk.toString();
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        take(text.slice(0, end));
        text = text.slice(end + 1);
      }
    });

    function take(line: string): void {
      const expected = exchanges.at(at++);
      const given = JSON.parse(line);
      if (expected === undefined || essence(given) !== essence(expected.client)) {
        differences.push(`request ${at}: expected ${JSON.stringify(expected?.client)}, not ${line}`);
        socket.destroy();
        return;
      }
      if (at === exchanges.length) finished++;
      const lines = expected.server.map((answer) => JSON.stringify(withIds(answer, expected.client, given)));
      socket.write(`${lines.join("\n")}\n`);
    }
  }

  const server = createServer(converse);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    differences,
    get finished() {
      return finished;
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
