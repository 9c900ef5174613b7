/** Workers: what they may do, what they answer, and that a file ends its own worker only. */
import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import type { ErrorCode } from "../../src/core/mod.ts";
import { SbError } from "../../src/core/mod.ts";
import { root, skipUnless } from "../skip.ts";
import { ALICE, BOB, run, runAs, SharedFolder, UserProcess } from "./users.ts";
import { reader, WorkerRig } from "./worker_rig.ts";

const SOURCE = "int one(int x) { return x + 1; }\nint main(int n, char **v) { return one(n); }\n";

interface Rig {
  rig: WorkerRig;
  folder: SharedFolder;
  /** A process of Alice's. */
  alice: UserProcess;
  program: string;
}

function test(title: string, body: (rig: Rig) => Promise<void>): void {
  Deno.test({
    ...skipUnless(title, root()),
    async fn() {
      using folder = new SharedFolder();
      await using rig = new WorkerRig();
      await using alice = await UserProcess.idle(ALICE);
      await body({ rig, folder, alice, program: folder.compile("program", SOURCE) });
    },
  });
}

function plan({ rig, alice }: Rig, target: string, uid = ALICE) {
  return rig.workers.plan(reader(uid, alice.pid), { target, delay: "1us", scope: { tree: alice.pid } });
}

async function assertRefused(planning: Promise<unknown>, ...codes: ErrorCode[]): Promise<SbError> {
  const error = await assertRejects(() => planning, SbError);
  assert(codes.includes(error.code), `${error.code}: ${error.message}`);
  return error;
}

function status(pid: number): Map<string, string> {
  return new Map(
    Deno.readTextFileSync(`/proc/${pid}/status`).split("\n").map((line) => {
      const [name, value = ""] = line.split(":\t");
      return [name, value.trim()] as const;
    }),
  );
}

/** Makes a program whose symbol table is half a GiB of nothing: longer than a second to read, on most machines. */
function hugeProgram(folder: SharedFolder, program: string): string {
  const path = `${folder.path}/huge`;
  const bytes = Deno.readFileSync(program);
  const view = new DataView(bytes.buffer);
  const headers = Number(view.getBigUint64(40, true));
  for (let index = 0; index < view.getUint16(60, true); index++) {
    const at = headers + 64 * index;
    if (view.getUint32(at + 4, true) !== 2) continue; // SHT_SYMTAB
    view.setBigUint64(at + 24, 0x10000n, true);
    view.setBigUint64(at + 32, 0x20000000n, true);
  }
  Deno.writeFileSync(path, bytes);
  Deno.truncateSync(path, 0x20010000);
  return path;
}

test("a worker has the ids of its user, no capability, few system calls, and nothing open to write", async (given) => {
  (await plan(given, `${given.program}:one`))[Symbol.dispose]();
  const [pid] = given.rig.started(ALICE);
  const seen = status(pid);
  const ids = [ALICE, ALICE, ALICE, ALICE].join("\t");
  assertEquals([seen.get("Uid"), seen.get("Gid"), seen.get("Groups")], [ids, ids, ""]);
  for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb"]) assertEquals(Number(seen.get(set)), 0, set);
  assertEquals([seen.get("NoNewPrivs"), seen.get("Seccomp")], ["1", "2"]);
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const thread = new Map(
      Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`).split("\n").map((line) => {
        const [key, value = ""] = line.split(":\t");
        return [key, value] as const;
      }),
    );
    assertEquals(
      [thread.get("Uid"), thread.get("CapPrm"), thread.get("NoNewPrivs"), thread.get("Seccomp")],
      [ids, "0000000000000000", "1", "2"],
      `thread ${name}`,
    );
  }
  // What is not dumpable is root's: its user may not trace it.
  assertEquals(Deno.lstatSync(`/proc/${pid}/maps`).uid, 0);
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    const info = Deno.readTextFileSync(`/proc/${pid}/fdinfo/${name}`);
    const mode = Number.parseInt(/flags:\s*(\d+)/.exec(info)![1], 8) & 3;
    const link = Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
    assert(mode === 0 || !link.startsWith("/") || link === "/dev/null", `${name} → ${link}`);
  }
  assert(!/^\S+ .w.s .* \//m.test(Deno.readTextFileSync(`/proc/${pid}/maps`)));
});

test("a user cannot trace a worker of its own, which speaks for it", async (given) => {
  (await plan(given, `${given.program}:one`))[Symbol.dispose]();
  const [pid] = given.rig.started(ALICE);
  const attach = `
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4
print(libc.ptrace(16, int(sys.argv[1]), 0, 0), ctypes.get_errno())`;
  assertEquals(runAs(ALICE, "/usr/bin/python3", "-c", attach, String(pid)).trim(), "-1 1");
});

test("a plan leads to the file that was read, whatever comes to be at its path", async (given) => {
  const { program, folder } = given;
  using planned = await plan(given, `${program}:one`);
  const inode = Deno.statSync(program).ino;
  const other = folder.compile("other", SOURCE.replace("+ 1", "+ 2"));
  Deno.renameSync(other, program);
  const [path] = planned.paths.values();
  assertEquals([Deno.statSync(path).ino, Number(planned.plans[0].file.inode)], [inode, inode]);
  using next = await plan(given, `${program}:one`);
  assertEquals(Number(next.plans[0].file.inode), Deno.statSync(program).ino);
});

test("files that a user may not read are refused, whichever way they are named", async (given) => {
  const { folder, program } = given;
  const secret = `${folder.path}/secret`;
  Deno.copyFileSync(program, secret);
  Deno.chmodSync(secret, 0o711);
  await assertRefused(plan(given, `${secret}:one`), "file.unreadable");
  Deno.mkdirSync(`${folder.path}/closed`, { mode: 0o700 });
  Deno.copyFileSync(program, `${folder.path}/closed/program`);
  await assertRefused(plan(given, `${folder.path}/closed/program:one`), "file.not_found");
  const own = folder.of(ALICE);
  Deno.symlinkSync(secret, `${own}/link`);
  await assertRefused(plan(given, `${own}/link:one`), "file.unreadable");
  await assertRefused(plan(given, `/proc/1/root${program}:one`), "file.not_found");
  await assertRefused(plan(given, `/proc/${Deno.pid}/exe:main`), "file.not_found", "file.unreadable");
  const symbols = given.rig.workers.symbols(reader(ALICE, given.alice.pid), { file: secret, limit: 10 });
  await assertRefused(symbols, "file.unreadable");
  using asRoot = await plan(given, `${secret}:one`, 0);
  assertEquals(asRoot.plans.length, 1);
});

test("what is no regular file is refused without being opened", async (given) => {
  const { folder } = given;
  run("mkfifo", "-m", "666", `${folder.path}/fifo`);
  for (const file of [`${folder.path}/fifo`, folder.path, "/dev/zero"]) {
    await assertRefused(plan(given, `${file}:one`), "file.not_elf");
  }
  await assertRefused(plan(given, `/proc/${given.alice.pid}/maps:one`), "file.not_elf", "file.unreadable");
  assertEquals(given.rig.ended(ALICE), []);
});

test("files on an overlay that a user mounted are refused, and of such a user's own root otherwise not", async (given) => {
  const { folder, program, rig } = given;
  const own = folder.of(ALICE);
  for (const name of ["lower", "upper", "work", "merged"]) runAs(ALICE, "mkdir", `${own}/${name}`);
  Deno.copyFileSync(program, `${own}/lower/program`);
  const mount =
    `mount -t overlay overlay ${own}/merged -o userxattr,lowerdir=${own}/lower,upperdir=${own}/upper,workdir=${own}/work && echo ready && read line`;
  await using contained = await UserProcess.start(ALICE, ["unshare", "-Urm", "sh", "-c", mount]);
  const ask = (target: string, uid: number) =>
    rig.workers.plan(reader(uid, contained.pid), { target, delay: "1us", scope: { tree: contained.pid } });
  await assertRefused(ask(`${own}/merged/program:one`, ALICE), "file.unreadable");
  using below = await ask(`${own}/lower/program:one`, ALICE);
  assertEquals(below.plans.length, 1);
  using asRoot = await ask(`${own}/merged/program:one`, 0);
  assertEquals(asRoot.plans.length, 1);
});

test("a link that is swapped all the time never leads to a file that the user may not read", async (given) => {
  const { folder, program } = given;
  const secret = `${folder.path}/secret`;
  Deno.copyFileSync(program, secret);
  Deno.chmodSync(secret, 0o700);
  const own = folder.of(ALICE);
  const swap = `
import os, sys
print("ready", flush=True)
while True:
    for to in sys.argv[1:]:
        os.symlink(to, "${own}/next")
        os.rename("${own}/next", "${own}/link")`;
  await using _swapper = await UserProcess.start(ALICE, ["/usr/bin/python3", "-c", swap, program, secret]);
  const allowed = Deno.statSync(program).ino;
  const seen = { planned: 0, refused: 0 };
  for (let round = 0; round < 300; round++) {
    try {
      using planned = await plan(given, `${own}/link:one`);
      const [path] = planned.paths.values();
      assertEquals([Number(planned.plans[0].file.inode), Deno.statSync(path).ino], [allowed, allowed]);
      seen.planned++;
    } catch (error) {
      if (!(error instanceof SbError)) throw error;
      assert(["file.unreadable", "file.not_found"].includes(error.code), error.message);
      seen.refused++;
    }
  }
  assertGreater(Math.min(seen.planned, seen.refused), 0, JSON.stringify(seen));
});

test("a worker that stands still ends alone, and nobody else waits for it", async (given) => {
  const { rig, program } = given;
  await using bob = await UserProcess.idle(BOB);
  const bobs = () => rig.workers.symbols(reader(BOB, bob.pid), { file: program, limit: 10 });
  await bobs();
  (await plan(given, `${program}:one`))[Symbol.dispose]();
  (await plan(given, `${program}:one`, 0))[Symbol.dispose]();
  runAs(ALICE, "kill", "-STOP", String(rig.started(ALICE)[0]));
  const order: string[] = [];
  const stalled = assertRefused(
    plan(given, `${program}:main`).finally(() => order.push("stalled")),
    "file.timeout",
  );
  const behind = plan(given, `${program}:one`).finally(() => order.push("behind"));
  await bobs();
  order.push("bob");
  using asRoot = await plan(given, `${program}:one`, 0);
  assertEquals(asRoot.plans.length, 1);
  order.push("root");
  await stalled;
  using next = await behind;
  assertEquals(next.plans.length, 1);
  assertEquals(order, ["bob", "root", "stalled", "behind"]);
  assertEquals([rig.ended(ALICE), rig.ended(BOB)], [["timeout"], []]);
});

test("a file system that never answers holds up nobody but who asked", async (given) => {
  const { rig, folder, program } = given;
  const mount = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
if libc.mount(b"silent", sys.argv[1].encode(), b"fuse", 0, options) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print("ready", flush=True)
sys.stdin.readline()`;
  const silent = `${folder.path}/silent`;
  Deno.mkdirSync(silent);
  (await plan(given, `${program}:one`))[Symbol.dispose]();
  {
    await using _server = await UserProcess.start(0, ["/usr/bin/python3", "-c", mount, silent]);
    const stalled = assertRefused(plan(given, `${silent}/program:one`), "file.timeout");
    using asRoot = await plan(given, `${program}:one`, 0);
    assertEquals(asRoot.plans.length, 1);
    await stalled;
    using next = await plan(given, `${program}:one`);
    assertEquals(next.plans.length, 1);
  }
  run("umount", "--lazy", silent);
  assertEquals(rig.ended(ALICE), ["timeout"]);
});

test("a worker that is killed fails the request that it had, and no other", async (given) => {
  const { rig, program } = given;
  (await plan(given, `${program}:one`))[Symbol.dispose]();
  const [pid] = rig.started(ALICE);
  runAs(ALICE, "kill", "-STOP", String(pid));
  const had = assertRefused(plan(given, `${program}:main`), "file.parser");
  const behind = plan(given, `${program}:one`);
  runAs(ALICE, "kill", "-KILL", String(pid));
  await had;
  using next = await behind;
  assertEquals(next.plans.length, 1);
  assertEquals(rig.ended(ALICE), ["crashed"]);
});

test("a file that takes long to read ends its own worker only", async (given) => {
  const { rig, folder, program } = given;
  const huge = hugeProgram(folder, program);
  for (const place of ["one", "one*"]) {
    await assertRefused(
      plan(given, `${huge}:${place}`),
      "file.timeout",
      "file.parser",
      "probe.symbol_not_found",
    );
    using next = await plan(given, `${program}:one`);
    assertEquals(next.plans.length, 1);
  }
  assertEquals(rig.ended(0), []);
});

test("a worker of the server's own user has its rights, and neither starts nor changes anything", async (given) => {
  const { rig, program } = given;
  (await plan(given, `${program}:one`, 0))[Symbol.dispose]();
  const seen = status(rig.started(0)[0]);
  assertEquals([seen.get("NoNewPrivs"), seen.get("Seccomp"), seen.get("Uid")], ["1", "2", "0\t0\t0\t0"]);
});

test("admit() names those that the kernel lets the user read", async ({ rig, alice }) => {
  await using bob = await UserProcess.idle(BOB);
  const asked = [alice.pid, bob.pid, Deno.pid, 1, 2];
  assertEquals(await rig.workers.admit(reader(ALICE), asked), [alice.pid]);
  assertEquals(await rig.workers.admit(reader(BOB), asked), [bob.pid]);
});

test("workers of a user with ever other groups stay few", async ({ rig, alice }) => {
  for (let group = 1; group <= 8; group++) {
    await rig.workers.admit({ ...reader(ALICE), groups: [20_000 + group] }, [alice.pid]);
  }
  assertEquals(rig.started(ALICE).length, 8);
  const alive = () =>
    rig.started(ALICE).filter((pid) => {
      try {
        return status(pid).get("State")?.startsWith("Z") === false;
      } catch {
        return false;
      }
    });
  while (alive().length > 4) await new Promise((resolve) => setTimeout(resolve, 10));
});
