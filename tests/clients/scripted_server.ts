/** A server for tests of a client: it does what the test says, line by line. */
import { createServer, type Socket } from "node:net";

/** A connection as the test sees it. */
export interface Peer {
  /** The next line of the client, parsed. */
  next(): Promise<Record<string, unknown>>;
  /** Sends lines in one write. */
  send(...lines: unknown[]): void;
  /** Sends bytes as they are. */
  write(text: string): void;
  /** Cuts the connection. */
  cut(): void;
  /** How many chunks arrived. */
  readonly chunks: number;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly path: string;
}

/** @param script is run for each connection */
export async function openScriptedServer(script: (peer: Peer) => Promise<void>): Promise<ScriptedServer> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/sb.sock`;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    void script(peerOf(socket));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function peerOf(socket: Socket): Peer {
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let text = "";
  let chunks = 0;
  socket.on("data", (chunk) => {
    chunks++;
    text += chunk.toString();
    const parts = text.split("\n");
    text = parts.pop()!;
    for (const line of parts) {
      const resolve = waiting.shift();
      if (resolve) resolve(line);
      else lines.push(line);
    }
  });
  return {
    next: async () =>
      JSON.parse(lines.shift() ?? await new Promise<string>((resolve) => waiting.push(resolve))),
    send: (...messages) =>
      void socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join("")),
    write: (raw) => void socket.write(raw),
    cut: () => socket.destroy(),
    get chunks() {
      return chunks;
    },
  };
}
