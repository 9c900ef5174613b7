/** What a service manager and a service say to each other: sd_listen_fds(3), sd_notify(3). */
import type { OwnedFd } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { adoptDescriptor, isListeningUnix, sendDatagram } from "./unix_socket.ts";

/** SD_LISTEN_FDS_START */
const FIRST_DESCRIPTOR = 3;

/**
 * The listening socket that a service manager started this process with; undefined where it passed none. The variables
 * are taken out of the environment, so that no child believes that they are meant for it.
 *
 * @throws SbError `usage.option` when there are several, or it is no Unix stream socket
 */
export function takeActivatedSocket(): OwnedFd | undefined {
  const [pid, count] = [Deno.env.get("LISTEN_PID"), Deno.env.get("LISTEN_FDS")];
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) Deno.env.delete(name);
  if (pid !== String(Deno.pid) || count === undefined || count === "0") return undefined;
  if (count !== "1") {
    throw refuse(
      `the service manager passed ${count} sockets`,
      "Write one ListenStream= in the socket's unit",
    );
  }
  if (!isListeningUnix(FIRST_DESCRIPTOR)) {
    throw refuse(
      "what the service manager passed is no listening Unix stream socket",
      "Write ListenStream= with a path, and Accept=no, in the socket's unit",
    );
  }
  return adoptDescriptor(FIRST_DESCRIPTOR, "the activated socket");
}

function refuse(seen: string, hint: string): SbError {
  return new SbError("usage.option", `Cannot listen at the activated socket: ${seen}`, { hint });
}

/**
 * Tells the service manager; nothing where there is none, or where it does not listen: it is told for its own sake.
 *
 * @param state lines of `NAME=VALUE`: "READY=1"
 */
export function notifyServiceManager(state: string): void {
  const path = Deno.env.get("NOTIFY_SOCKET");
  // Other families (vsock) are for guests' managers.
  if (path === undefined || !/^[/@]./.test(path)) return;
  try {
    sendDatagram(path, state);
  } catch (error) {
    if (!(error instanceof SbError)) throw error;
  }
}
