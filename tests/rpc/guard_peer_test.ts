/** Who the other end of a connection is: told by the kernel, or refused. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createServer, type Server, type Socket } from "node:net";
import { openDescriptors } from "../../ffi/mod.ts";
import { readPeer } from "../../rpc/server/peer.ts";
import { SbError } from "../../src/core/mod.ts";
import { root, skipUnless } from "../skip.ts";
import { ALICE, SharedFolder, userOptions } from "./users.ts";

// Opens the library before any test: it stays open.
openDescriptors();
try {
  readPeer(0);
} catch { /* standard input is no socket */ }

const CONNECT = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
`;
/** Connects, and leaves the connection to a child that lives on. */
const LEAVE = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
if os.fork() == 0:
    print("ready", flush=True)
    sys.stdin.readline()
    os._exit(0)
os._exit(0)
`;

function descriptor(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

/** Connects as another process. @param look sees the connection's descriptor and the process that connected */
async function withClient(
  wrapper: string[],
  source: string,
  look: (fd: number, client: Deno.ChildProcess) => void | Promise<void>,
): Promise<void> {
  using folder = new SharedFolder();
  const path = `${folder.path}/socket`;
  const accepted = Promise.withResolvers<Socket>();
  const server: Server = createServer((socket) => accepted.resolve(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  Deno.chmodSync(path, 0o666);
  const [program, ...args] = [...wrapper, "/usr/bin/python3", "-c", source, path];
  const client = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
  const reader = client.stdout.getReader();
  const input = client.stdin.getWriter();
  try {
    await reader.read();
    const socket = await accepted.promise;
    await look(descriptor(socket), client);
    socket.destroy();
  } finally {
    await input.write(new TextEncoder().encode("\n")).catch(() => {});
    await input.close().catch(() => {});
    await reader.cancel();
    await client.status;
    await new Promise((resolve) => server.close(resolve));
  }
}

for (const peerPidfd of [true, false]) {
  const how = peerPidfd ? "" : " on kernels without SO_PEERPIDFD too";
  Deno.test({
    ...skipUnless(`readPeer() knows the ids, the groups and the process of a peer${how}`, root()),
    async fn() {
      const groups = [12005, 12006];
      await withClient(["setpriv", ...userOptions(ALICE, groups)], CONNECT, (fd, client) => {
        using peer = readPeer(fd, { peerPidfd });
        assertEquals([peer.pid, peer.uid, peer.gid, peer.isRoot], [client.pid, ALICE, ALICE, false]);
        assertEquals(peer.groups.toSorted(), groups);
        assertEquals([peer.comm, peer.foreignPids], ["python3", false]);
        assert(peer.process.isAlive);
      });
    },
  });

  Deno.test({
    ...skipUnless(`readPeer() refuses a peer that ended and left its connection to a child${how}`, root()),
    async fn() {
      await withClient(["setpriv", ...userOptions(ALICE)], LEAVE, async (fd, client) => {
        await client.status;
        const error = assertThrows(() => readPeer(fd, { peerPidfd }), SbError);
        assertEquals(error.code, "peer.unknown");
      });
    },
  });
}

Deno.test({
  ...skipUnless("readPeer() tells a peer in another name space of process ids", root()),
  async fn() {
    await withClient(["unshare", "--pid", "--fork"], CONNECT, (fd) => {
      using peer = readPeer(fd);
      assert(peer.foreignPids);
      assertEquals(peer.uid, 0);
    });
  },
});

Deno.test("readPeer() refuses a connection whose descriptor is not known, and what is no connection", () => {
  for (const fd of [undefined, -1, 0]) {
    const error = assertThrows(() => readPeer(fd), SbError);
    assertEquals(error.code, "peer.unknown");
  }
});
