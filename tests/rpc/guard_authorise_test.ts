/** Whom a peer may slow: trees of its own processes, and of these only what the kernel would let it read. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { authorisePid, authoriseScope, type ScopeParams } from "../../rpc/server/authorise.ts";
import type { PoolScope } from "../../mod.ts";
import type { ErrorCode } from "../../src/core/mod.ts";
import { SbError } from "../../src/core/mod.ts";
import { root, skipUnless } from "../skip.ts";
import { ALICE, BOB, run, SharedFolder, UserProcess } from "./users.ts";
import { peerOf, WorkerRig } from "./worker_rig.ts";

interface Rig {
  rig: WorkerRig;
  alice: UserProcess;
  bob: UserProcess;
}

function test(title: string, body: (rig: Rig) => Promise<void>): void {
  Deno.test({
    ...skipUnless(title, root()),
    async fn() {
      await using rig = new WorkerRig();
      await using alice = await UserProcess.idle(ALICE);
      await using bob = await UserProcess.idle(BOB);
      await body({ rig, alice, bob });
    },
  });
}

/** What Alice gets when she asks for a scope. */
async function ask({ rig, alice }: Rig, asked?: ScopeParams, uid = ALICE): Promise<PoolScope> {
  using peer = peerOf(uid, alice.pid);
  return await authoriseScope(peer, asked, rig.workers);
}

async function assertRefused(asking: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await assertRejects(() => asking, SbError);
  assertEquals(error.code, code, error.message);
}

function scan(scope: PoolScope): readonly number[] {
  assert(scope.kind === "tree");
  return scope.scan();
}

/** Kills processes that outlive the one that started them. */
function killed(pids: readonly number[]): Disposable {
  return { [Symbol.dispose]: () => pids.forEach((pid) => Deno.kill(pid, "SIGKILL")) };
}

/** A program that a user may run as root, and that then waits; it tells its id first. */
const SET_ID = `
#include <stdio.h>
#include <unistd.h>
int main(void) { printf("%d\\n", getpid()); fflush(stdout); for (;;) pause(); }`;
/** A program of a user's own that hides itself. */
const HIDDEN = `
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(void) { prctl(PR_SET_DUMPABLE, 0); puts("ready"); fflush(stdout); for (;;) pause(); }`;

test("a peer that names no scope gets its own tree, guarded; root's is not", async (rig) => {
  const own = await ask(rig);
  assert(own.kind === "tree");
  assertEquals([own.pid, own.guarded, scan(own)], [rig.alice.pid, true, [rig.alice.pid]]);
  const roots = await ask(rig, { tree: rig.bob.pid }, 0);
  assert(roots.kind === "tree");
  assertEquals([roots.pid, roots.guarded, scan(roots)], [rig.bob.pid, false, [rig.bob.pid]]);
});

test("processes of other users, and of root, are refused", async (rig) => {
  await assertRefused(ask(rig, { tree: rig.bob.pid }), "permission.process");
  await assertRefused(ask(rig, { tree: Deno.pid }), "permission.process");
  await assertRefused(ask(rig, { tree: 2 }), "permission.process");
  await assertRefused(ask(rig, { tree: 1 }), "permission.scope");
  await assertRefused(ask(rig, { tree: 0x7fff_fff0 }), "process.not_found");
});

test("a cgroup and every process are root's alone", async (rig) => {
  await assertRefused(ask(rig, { cgroup: "/sys/fs/cgroup" }), "permission.scope");
  await assertRefused(ask(rig, { system: true }), "permission.scope");
  assertEquals(await ask(rig, { system: true }, 0), { kind: "all" });
});

test("a thread that is no process is told so", async (rig) => {
  const threads = `
import threading
started = threading.Event()
def stay():
    print(threading.get_native_id(), flush=True)
    threading.Event().wait()
threading.Thread(target=stay).start()`;
  // The line that start() waits for is the thread's id.
  await using process = await UserProcess.start(ALICE, ["/usr/bin/python3", "-c", threads]);
  const thread = [...Deno.readDirSync(`/proc/${process.pid}/task`)].map(({ name }) => Number(name))
    .find((id) => id !== process.pid)!;
  await assertRefused(ask(rig, { tree: thread }), "process.not_leader");
});

test("a set-id program and a hidden one are refused, and stay out of a tree that they are in", async (rig) => {
  using folder = new SharedFolder();
  const setId = folder.compile("set_id", SET_ID);
  Deno.chmodSync(setId, 0o4755);
  const hidden = folder.compile("hidden", HIDDEN);
  const script = `${setId} & ${hidden} & sleep 300 & echo ready; wait`;
  await using shell = await UserProcess.start(ALICE, ["sh", "-c", script]);
  const names = new Map<string, number>();
  const isHidden = (name: string) =>
    names.has(name) && Deno.lstatSync(`/proc/${names.get(name)}/maps`).uid === 0;
  while (names.size < 3 || !names.has("sleep") || !isHidden("set_id") || !isHidden("hidden")) {
    names.clear();
    for (const pid of run("pgrep", "-P", String(shell.pid)).trim().split("\n").map(Number)) {
      names.set(Deno.readTextFileSync(`/proc/${pid}/comm`).trim(), pid);
    }
  }
  const children = [...names.values()];
  using _ = killed(children);
  for (const name of ["set_id", "hidden"]) {
    await assertRefused(ask(rig, { tree: names.get(name)! }), "permission.process");
  }
  const scope = await ask(rig, { tree: shell.pid });
  assertEquals(scan(scope).toSorted(), [shell.pid, names.get("sleep")!].toSorted());
  const roots = await ask(rig, { tree: shell.pid }, 0);
  assertEquals(scan(roots).toSorted(), [shell.pid, ...children].toSorted());
});

test("a process that becomes root's after it was admitted leaves the tree at the next look", async (rig) => {
  using folder = new SharedFolder();
  const setId = folder.compile("set_id", SET_ID);
  Deno.chmodSync(setId, 0o4755);
  await using process = await UserProcess.start(ALICE, ["sh", "-c", `echo ready; read line; exec ${setId}`]);
  const scope = await ask(rig, { tree: process.pid });
  assertEquals(scan(scope), [process.pid]);
  await process.write("go\n");
  await process.line();
  assertEquals(scan(scope), []);
});

test("a child that is forked after the looks is in the tree", async (rig) => {
  await using shell = await UserProcess.start(ALICE, [
    "sh",
    "-c",
    "echo ready; read line; sleep 300 & echo $!; wait",
  ]);
  const scope = await ask(rig, { tree: shell.pid });
  await shell.write("go\n");
  const child = Number(await shell.line());
  using _ = killed([child]);
  assertEquals(scan(scope).toSorted(), [shell.pid, child].toSorted());
});

test("an id that comes to mean another process is of no use", async (rig) => {
  let scope: PoolScope;
  let pid: number;
  {
    await using first = await UserProcess.idle(ALICE);
    pid = first.pid;
    scope = await ask(rig, { tree: pid });
    assertEquals(scan(scope), [pid]);
  }
  assertEquals(scan(scope), []);
  for (let tries = 0; tries < 200; tries++) {
    Deno.writeTextFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1));
    await using next = await UserProcess.idle(ALICE);
    if (next.pid !== pid) continue;
    assertEquals(scan(scope), []);
    return;
  }
  throw new Error("the id was not given again");
});

test("names are looked up in the eyes of processes that the peer may read only", async (rig) => {
  using peer = peerOf(ALICE, rig.alice.pid);
  assertEquals(await authorisePid(peer, undefined, rig.rig.workers), rig.alice.pid);
  await assertRefused(authorisePid(peer, rig.bob.pid, rig.rig.workers), "permission.process");
  using asRoot = peerOf(0, rig.alice.pid);
  assertEquals(await authorisePid(asRoot, rig.bob.pid, rig.rig.workers), rig.bob.pid);
});

test("a peer in another name space of process ids may leave the id out, not name one", async ({ rig, alice }) => {
  for (const uid of [ALICE, 0]) {
    using peer = { ...peerOf(uid, alice.pid), foreignPids: true };
    assertEquals((await authoriseScope(peer, undefined, rig.workers)).kind, "tree");
    await assertRefused(authoriseScope(peer, { tree: alice.pid }, rig.workers), "peer.pid_namespace");
    await assertRefused(authorisePid(peer, alice.pid, rig.workers), "peer.pid_namespace");
  }
});

test("a worker that lies about whom it may read is not believed", async (rig) => {
  using peer = peerOf(ALICE, rig.alice.pid);
  const liar = {
    share: rig.rig.workers.share,
    admit: (_: unknown, pids: readonly number[]) => Promise.resolve([...pids]),
  };
  await assertRefused(authoriseScope(peer, { tree: rig.bob.pid }, liar), "permission.process");
  await assertRefused(authoriseScope(peer, { tree: Deno.pid }, liar), "permission.process");
});

test("what a user's own name space of users holds is the user's; what another's holds is not", async (rig) => {
  const unshare = ["unshare", "--user", "--map-root-user", "sh", "-c", "echo ready; read line"];
  await using contained = await UserProcess.start(ALICE, unshare);
  assertEquals(scan(await ask(rig, { tree: contained.pid })), [contained.pid]);
  await using bobs = await UserProcess.start(BOB, unshare);
  await assertRefused(ask(rig, { tree: bobs.pid }), "permission.process");
});
