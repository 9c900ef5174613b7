/** The socket that the server listens at: where it is, who may be there, and the lock beside it. */
import { SbError } from "../../src/core/mod.ts";
import { findGroup, listenUnix, type OwnedFd, takeActivatedSocket, tryLockFile } from "../../src/sys/mod.ts";

/** The folder of root's socket, and the group that may connect besides root. */
const SYSTEM_FOLDER = "/run/sb";
const GROUP = "sb";

/** A listening socket. Disposing closes it, and takes its file away where the server made it. */
export interface ListeningSocket extends Disposable {
  readonly socket: OwnedFd;
  /** Where clients connect; null where only the service manager knows. */
  readonly path: string | null;
}

/** Where the server listens when nobody says where. @throws SbError `usage.option` where there is no such place */
export function defaultSocketPath(): string {
  if (Deno.uid() === 0) return `${SYSTEM_FOLDER}/sb.sock`;
  const folder = Deno.env.get("XDG_RUNTIME_DIR");
  if (folder) return `${folder}/sb.sock`;
  throw new SbError("usage.option", "Cannot choose a socket: XDG_RUNTIME_DIR is not set", {
    hint: "Name one: sb serve --socket PATH",
  });
}

/** Makes root's folder: everybody may go in, only root may make anything there. */
function makeSystemFolder(): void {
  Deno.mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
}

/** Takes away the socket of a server that has ended; the lock says that it has. @throws SbError `server.running` */
function removeStale(path: string): void {
  let found: Deno.FileInfo;
  try {
    found = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (!found.isSocket) {
    throw new SbError("server.running", `Cannot listen at "${path}": a file is there that is no socket`, {
      hint: "Choose another path: sb serve --socket PATH",
    });
  }
  Deno.removeSync(path);
}

function listenAt(path: string): ListeningSocket {
  using undo = new DisposableStack();
  const lockPath = `${path}.lock`;
  const lock = undo.use(tryLockFile(lockPath));
  if (!lock) {
    throw new SbError("server.running", `Cannot listen at "${path}": a server listens there already`, {
      hint: `See which: fuser -v ${lockPath}`,
    });
  }
  removeStale(path);
  const isRoot = Deno.uid() === 0;
  const gid = isRoot ? findGroup(GROUP) : null;
  undo.defer(() => removeStale(path));
  const socket = undo.use(
    listenUnix(path, { mode: isRoot ? 0o660 : 0o600, ...(gid === null ? {} : { gid }) }),
  );
  const held = undo.move();
  return { socket, path, [Symbol.dispose]: () => held.dispose() };
}

/**
 * Listens: at the socket that a service manager passed, otherwise at a path.
 *
 * @param path null is the default: root's, or the user's own
 * @throws SbError `server.running`, `usage.option`, `kernel.refused`
 */
export function openListeningSocket(path: string | null): ListeningSocket {
  const activated = takeActivatedSocket();
  if (activated !== undefined) {
    if (path === null) {
      return {
        socket: activated,
        path: null,
        [Symbol.dispose]: () => activated[Symbol.dispose](),
      };
    }
    activated[Symbol.dispose]();
    throw new SbError("usage.option", `Cannot listen at "${path}": the service manager passed a socket`, {
      hint: "Leave --socket out, and name the path in the socket's unit",
    });
  }
  if (path === null && Deno.uid() === 0) makeSystemFolder();
  return listenAt(path ?? defaultSocketPath());
}
