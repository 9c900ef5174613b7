/** Trees: who is followed, rows that outlive their processes, rows that give way, and the end of a descriptor. */
import { assert, assertEquals } from "@std/assert";
import { Request, RowFlag } from "../../../src/count/interface.ts";
import { ask, listing, loadTracer, open, readAll, type Row, until } from "../tracer.ts";

/** A shell that runs a line for each that it is sent. */
class Shell implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly pid: number;

  constructor() {
    this.#process = new Deno.Command("sh", { stdin: "piped", stdout: "null", stderr: "null" }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.pid = this.#process.pid;
  }

  async send(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
  }

  async end(): Promise<void> {
    await this.#writer.close();
    await this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.#process.status;
    await this.#writer.abort().catch(() => {});
  }
}

/** The names of all processes below one. */
function descendants(pid: number): string[] {
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  return children.filter((child) => child !== "").flatMap((child) => [
    Deno.readTextFileSync(`/proc/${child}/comm`),
    ...descendants(Number(child)),
  ]);
}

function isEnded({ flags }: Row): boolean {
  return (flags & RowFlag.ended) !== 0;
}

function name({ comm, comm_rest }: Row): string {
  const bytes = new Uint8Array(new BigUint64Array([comm, comm_rest]).buffer);
  return new TextDecoder().decode(bytes).replace(/\0.*$/s, "");
}

/** How many there are of each name and state. */
function summary(rows: readonly Row[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) {
    const key = `${name(row)}${isEnded(row) ? " ended" : ""}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

Deno.test("descendants have rows from their fork on, which stay after their end", async () => {
  using _module = loadTracer();
  using device = open();
  await using shell = new Shell();
  // Those of before, too, one with a session of its own.
  await shell.send("sleep 1000 & (sleep 1000 & setsid sleep 1000 & wait) &");
  await until("they run", () => descendants(shell.pid).filter((name) => name === "sleep\n").length === 3);
  assertEquals(ask(device, Request.addTree, shell.pid), "ok");
  assertEquals(summary(readAll(device).rows), { sh: 2, sleep: 3 });
  await shell.send("true; /bin/true; /bin/true; ls -l /proc >/dev/null");
  for (const row of readAll(device).rows) if (name(row) === "sleep") Deno.kill(row.pid, "SIGKILL");
  await until("all have ended", () => {
    const rows = readAll(device).rows;
    return rows.some((row) => name(row) === "ls" && isEnded(row)) &&
      rows.filter((row) => !isEnded(row)).length === 1;
  });
  const { head, rows } = readAll(device, 2);
  assertEquals(rows.map(({ flags }) => flags & RowFlag.root), [1, ...Array(rows.length - 1).fill(0)]);
  const of = summary(rows);
  assertEquals([of["sh"], of["sleep ended"], of["true ended"], of["ls ended"]], [1, 3, 2, 1]);
  const ls = rows.find((row) => name(row) === "ls");
  assert(ls && ls.kmalloc > 0n && ls.kfree > 0n && ls.sched > 0n && ls.lock > 0n, JSON.stringify(of));
  assert(ls.end_ns > ls.start_ns && head.now_ns > ls.end_ns);
  assertEquals([Number(head.processes), Number(head.live), Number(head.missed)], [rows.length, 1, 0]);
  assert(head.sched >= rows.reduce((sum, row) => sum + row.sched, 0n) - 50n);
  // Removed, ended ones too.
  assertEquals(ask(device, Request.removeProcess, ls.pid), "ok");
  assertEquals(readAll(device).rows.length, rows.length - 1);
  assertEquals(ask(device, Request.removeProcess, shell.pid), "ok");
  await shell.send("/bin/true");
  await shell.end();
  assertEquals(readAll(device).rows.length, rows.length - 2, "nobody follows what was removed");
});

Deno.test("the rows of a descriptor go with it, those of another stay", async () => {
  using _module = loadTracer();
  await using shell = new Shell();
  using other = open();
  {
    using device = open();
    assertEquals(ask(device, Request.addTree, shell.pid), "ok");
    assertEquals(ask(other, Request.addTree, shell.pid), "ok");
    assertEquals(listing().map(([pid]) => pid), [shell.pid]);
  }
  assertEquals(readAll(other).rows.length, 1);
  other[Symbol.dispose]();
  assertEquals(listing(), []);
});

Deno.test("two who watch a process each count from their own beginning", async () => {
  using _module = loadTracer();
  using first = open();
  using second = open();
  await using shell = new Shell();
  assertEquals(ask(first, Request.addTree, shell.pid), "ok");
  await shell.send("for i in 1 2 3 4 5; do /bin/true; done; sleep 1000 &");
  await until("the last has begun", () => readAll(first).rows.some((row) => name(row) === "sleep"));
  assertEquals(ask(second, Request.addTree, shell.pid), "ok");
  const [before] = readAll(second).rows;
  const [earlier] = readAll(first).rows;
  assert(earlier.kmalloc > before.kmalloc, `${earlier.kmalloc} ${before.kmalloc}`);
  assertEquals(summary(readAll(second).rows), { sh: 1, sleep: 1 });
  for (const row of readAll(first).rows) {
    if (name(row) === "sleep" && !isEnded(row)) Deno.kill(row.pid, "SIGKILL");
  }
});

Deno.test("at the limit of rows those that ended first give way, and the totals keep them", async () => {
  using _module = loadTracer("max_rows=8");
  using device = open();
  await using shell = new Shell();
  assertEquals(ask(device, Request.addTree, shell.pid), "ok");
  await shell.send("for i in $(seq 40); do /bin/true; done; exec sleep 1000");
  await until("all have run", () => name(readAll(device).rows[0]) === "sleep");
  const { head, rows } = readAll(device);
  assertEquals([rows.length, Number(head.dropped), Number(head.missed)], [8, 34, 0]);
  const sum = rows.reduce((total, row) => total + row.kmalloc, 0n);
  assert(head.kmalloc > 4n * (sum - rows[0].kmalloc), `${head.kmalloc} ${sum}`);
  Deno.kill(shell.pid, "SIGKILL");
});

Deno.test("a set-user-id program that a user's process executes leaves the user's rows", async () => {
  using _module = loadTracer();
  const script = `
import ctypes, fcntl, os, struct, subprocess, sys
fd = os.open("/dev/tracer", os.O_RDONLY)
child = subprocess.Popen(["sh", "-c", "read line; exec " + sys.argv[1] + " 1000"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
fcntl.ioctl(fd, 0x4004012c, child.pid)
child.stdin.write(b"go\\n"); child.stdin.flush()
import time
for _ in range(2000):
    rows = ctypes.create_string_buffer(128)
    read = bytearray(192)
    struct.pack_into("=IIQ", read, 0, 1, 1, ctypes.addressof(rows))
    fcntl.ioctl(fd, 0xc0c0012d, read)
    if rows.raw[32:37] == b"sleep": break
    time.sleep(0.01)
print(struct.unpack_from("=I", rows.raw, 12)[0], child.pid)`;
  const folder = Deno.makeTempDirSync();
  try {
    Deno.chmodSync(folder, 0o755);
    for (const [file, mode] of [["plain", 0o755], ["raised", 0o4755]] as const) {
      const path = `${folder}/${file}/sleep`;
      Deno.mkdirSync(`${folder}/${file}`);
      Deno.copyFileSync("/bin/sleep", path);
      Deno.chmodSync(path, mode);
      const { stdout, stderr } = new Deno.Command("setpriv", {
        args: ["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", script, path],
        stdin: "null",
      }).outputSync();
      const [said, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
      const [seen, pid] = said.split(" ").map(Number);
      Deno.kill(pid, "SIGKILL");
      const flags = RowFlag.root | (file === "raised" ? RowFlag.left : 0);
      assertEquals(seen, flags, errors);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  await until("all are gone", () => listing().length === 0);
});
