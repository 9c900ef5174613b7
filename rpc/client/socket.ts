/** Where the server listens, whether it may be trusted, and the connection to it. */
import { stat } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import process from "node:process";
import { ConnectionError } from "./errors.ts";

const START_HINT = "Start a server: sb serve";

/** Faults of one place that let the next be tried. */
const ABSENT: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  ECONNREFUSED: "nobody listens there",
  EACCES: "it may not be used by this user",
  ENOTSOCK: "it is not a socket",
};

/** @param socket the only place; `$SB_SOCKET`, or the two usual places, where it is undefined */
export function socketPlaces(
  socket: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  if (socket !== undefined) return [socket];
  if (environment.SB_SOCKET) return [environment.SB_SOCKET];
  const folder = environment.XDG_RUNTIME_DIR;
  return ["/run/sb/sb.sock", ...(folder ? [`${folder}/sb.sock`] : [])];
}

/**
 * Connects to the first place where a server listens.
 *
 * @param user the own user id, beside 0 the only one that the socket may belong to
 * @throws ConnectionError `server.not_found`, `server.untrusted`; the reason of `signal`
 */
export async function openSocket(
  places: readonly string[],
  { user = process.getuid?.() ?? 0, signal }: { user?: number; signal?: AbortSignal } = {},
): Promise<{ socket: Socket; path: string }> {
  const seen: string[] = [];
  for (const path of places) {
    try {
      await refuseStrangers(path, user);
      return { socket: await connectTo(path, signal), path };
    } catch (error) {
      const why = ABSENT[(error as { code?: string }).code ?? ""];
      if (why === undefined) throw error;
      seen.push(`${path}: ${why}`);
    }
  }
  throw new ConnectionError("server.not_found", `Cannot connect to a server: ${seen.join("; ")}`, {
    hint: START_HINT,
  });
}

/** The owner of the socket's file stands for the server: Node tells nothing of the process at the other end. */
async function refuseStrangers(path: string, user: number): Promise<void> {
  const { uid } = await stat(path);
  if (uid === 0 || uid === user) return;
  throw new ConnectionError(
    "server.untrusted",
    `Cannot connect to "${path}": it belongs to user ${uid}, neither root nor oneself`,
    { hint: "Name the socket of a server of your own, or of root's" },
  );
}

function connectTo(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    function settle(act: () => void): void {
      socket.off("connect", connected).off("error", failed);
      signal?.removeEventListener("abort", aborted);
      act();
    }
    const connected = () => settle(() => resolve(socket));
    const failed = (error: Error) => settle(() => reject(error));
    const aborted = () => {
      settle(() => reject(signal?.reason));
      // What it may still tell is no news.
      socket.on("error", () => {}).destroy();
    };
    socket.on("connect", connected).on("error", failed);
    signal?.addEventListener("abort", aborted);
  });
}
