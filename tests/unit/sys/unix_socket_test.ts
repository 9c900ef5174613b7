/** Unix sockets: their modes, what a listening one is, hang-ups, datagrams, locks. */
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { isHungUp, isListeningUnix, listenUnix, sendDatagram, tryLockFile } from "../../../src/sys/mod.ts";

// The first call opens libc, which stays open: not in a test.
isHungUp(-1);

function inFolder(body: (folder: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const folder = Deno.makeTempDirSync();
    try {
      await body(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

Deno.test(
  "listenUnix() makes a socket with its mode, whatever the mask, and leaves the mask as it was",
  inFolder((folder) => {
    const mask = Deno.umask(0o777);
    try {
      for (const mode of [0o600, 0o660, 0o666]) {
        using _socket = listenUnix(`${folder}/${mode}`, { mode });
        assertEquals(Deno.statSync(`${folder}/${mode}`).mode! & 0o777, mode);
      }
      assertEquals(Deno.umask(mask), 0o777);
    } finally {
      Deno.umask(mask);
    }
  }),
);

Deno.test(
  "listenUnix() refuses a path where something is, and one that is too long",
  inFolder((folder) => {
    using _first = listenUnix(`${folder}/a`, { mode: 0o600 });
    assertEquals(
      assertThrows(() => listenUnix(`${folder}/a`, { mode: 0o600 }), SbError).code,
      "kernel.refused",
    );
    for (const path of ["", `/${"x".repeat(107)}`]) {
      assertEquals(assertThrows(() => listenUnix(path, { mode: 0o600 }), SbError).code, "usage.option");
    }
    // The longest that fits.
    const name = "y".repeat(107 - folder.length - 1);
    using _long = listenUnix(`${folder}/${name}`, { mode: 0o600 });
  }),
);

Deno.test(
  "isListeningUnix() knows a listening Unix stream socket from anything else",
  inFolder((folder) => {
    using socket = listenUnix(`${folder}/a`, { mode: 0o600 });
    assert(isListeningUnix(socket.fd));
    assertFalse(isListeningUnix(0));
    assertFalse(isListeningUnix(-1));
  }),
);

Deno.test(
  "isHungUp() is false for a file",
  inFolder((folder) => {
    using file = tryLockFile(`${folder}/a`)!;
    assertFalse(isHungUp(file.fd));
  }),
);

Deno.test("sendDatagram() fails where nobody listens", () => {
  const error = assertThrows(() => sendDatagram("/nonexistent/notify", "READY=1"), SbError);
  assertEquals([error.code, error.data.call], ["kernel.refused", "sendto"]);
});

Deno.test(
  "tryLockFile() gives a lock to one at a time, and follows no link",
  inFolder((folder) => {
    const path = `${folder}/lock`;
    {
      using first = tryLockFile(path);
      assert(first !== undefined);
      assertEquals(tryLockFile(path), undefined);
    }
    using again = tryLockFile(path);
    assert(again !== undefined);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    Deno.symlinkSync(path, `${folder}/link`);
    assertThrows(() => tryLockFile(`${folder}/link`), SbError);
  }),
);
