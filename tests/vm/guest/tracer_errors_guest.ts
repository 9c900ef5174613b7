/** Bad input to /dev/tracer: each with the errno of the contract, and nothing is watched after it. */
import { assert, assertEquals } from "@std/assert";
import { Request } from "../../../src/count/interface.ts";
import { READ, READ_VERSION } from "../../../src/count/interface.ts";
import { fixture } from "../../fixtures/build.ts";
import { run, shell } from "../kernel_module.ts";
import { ask, listing, loadTracer, open, readAll, unloadModule, until } from "../tracer.ts";

const ADDS = [Request.addProcess, Request.addTree];
const ALL = [...ADDS, Request.removeProcess];
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** A process that sleeps until it is disposed of. */
class Sleeper implements AsyncDisposable {
  readonly #process = new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn();
  readonly pid = this.#process.pid;

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.#process.status;
  }
}

function deadPid(): number {
  return Number(shell("sh -c 'echo $$'"));
}

Deno.test("requests that are not known are ENOTTY, whatever comes with them", () => {
  using _module = loadTracer();
  using device = open();
  for (const request of [0, 42, 0x4004_0129, 0x4004_012e, 0x4008_012a, 0xc0c0_012e, 0x5401]) {
    assertEquals(ask(device, request, Deno.pid), "ENOTTY", request.toString(16));
  }
});

Deno.test("what is no process is ESRCH: zero, negative, dead, a zombie, a thread", async () => {
  using _module = loadTracer();
  using device = open();
  const threads = [...Deno.readDirSync("/proc/self/task")].map(({ name }) => Number(name));
  const thread = threads.find((id) => id !== Deno.pid);
  assert(thread !== undefined);
  // The shell's child has ended, and nobody waits for it.
  const parent = new Deno.Command("sh", { args: ["-c", "sh -c 'exit 0' & exec sleep 1000"], stdin: "null" })
    .spawn();
  let zombie = 0;
  await until("the child has ended", () => {
    zombie = Number(Deno.readTextFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`).trim());
    return zombie !== 0 && /State:\tZ/.test(Deno.readTextFileSync(`/proc/${zombie}/status`));
  });
  for (const number of [0, -1, -2147483648, deadPid(), zombie, 0x7fff_ffff, 4_194_305]) {
    for (const request of ALL) assertEquals(ask(device, request, number), "ESRCH", `${request} ${number}`);
  }
  for (const request of ADDS) assertEquals(ask(device, request, thread), "ESRCH");
  parent.kill("SIGKILL");
  await parent.status;
  assertEquals(listing(), []);
});

Deno.test("twice added is EEXIST, not added or removed before is ENOENT, and gone with the process", async () => {
  using _module = loadTracer();
  using device = open();
  using other = open();
  {
    await using sleeper = new Sleeper();
    assertEquals(ask(device, Request.removeProcess, sleeper.pid), "ENOENT");
    assertEquals(ask(device, Request.addProcess, sleeper.pid), "ok");
    assertEquals(ask(device, Request.addProcess, sleeper.pid), "EEXIST");
    assertEquals(ask(other, Request.addProcess, sleeper.pid), "EEXIST");
    assertEquals(ask(other, Request.removeProcess, sleeper.pid), "ok");
    assertEquals(ask(device, Request.removeProcess, sleeper.pid), "ENOENT");
    assertEquals(ask(device, Request.addTree, sleeper.pid), "ok");
    assertEquals(ask(device, Request.addTree, sleeper.pid), "EEXIST");
    // Another descriptor's rows are not this one's.
    assertEquals(ask(other, Request.removeProcess, sleeper.pid), "ENOENT");
    assertEquals(ask(other, Request.addTree, sleeper.pid), "ok");
    assertEquals(ask(device, Request.addProcess, sleeper.pid), "ok");
    assertEquals(listing().map(([pid]) => pid), [sleeper.pid]);
  }
  assertEquals(listing(), []);
  assertEquals([readAll(device).rows.length, readAll(other).rows.length], [1, 1]);
});

Deno.test("a million adds end at EEXIST, and a table that is full says ENOSPC", async () => {
  using _module = loadTracer("max_processes=3 max_rows=2");
  using device = open();
  await using first = new Sleeper();
  assertEquals(ask(device, Request.addProcess, first.pid), "ok");
  const many = [Request.addProcess.toString(16), String(first.pid), "1000000"];
  // EEXIST, each of them; what is refused leaves nothing.
  assertEquals(run(fixture("tracer_call"), ...many).text.trim(), "17");
  await using second = new Sleeper();
  await using third = new Sleeper();
  // The process itself, so that there is a fourth.
  assertEquals(ask(device, Request.addTree, second.pid), "ok");
  assertEquals(ask(device, Request.addTree, third.pid), "ok");
  assertEquals(ask(device, Request.addTree, first.pid), "ENOSPC");
  assertEquals(ask(device, Request.addProcess, Deno.pid), "ENOSPC");
  assertEquals(ask(device, Request.removeProcess, third.pid), "ok");
  assertEquals(ask(device, Request.addTree, first.pid), "ok");
  assertEquals(ask(device, Request.addProcess, Deno.pid), "ok");
});

Deno.test("who has no CAP_SYS_ADMIN may watch its own processes: EPERM for others and for kernel threads", async () => {
  using _module = loadTracer();
  const call = fixture("tracer_call");
  const as = (words: readonly string[], request: number, pid: number) => {
    const { text } = run(words[0], ...words.slice(1), call, request.toString(16), String(pid));
    return text.trim();
  };
  const [EPERM, ESRCH, ENOENT] = ["1", "3", "2"];
  const own = new Deno.Command("setpriv", {
    args: [...NOBODY.slice(1), "sleep", "1000"],
    stdin: "null",
  }).spawn();
  await using rootOwned = new Sleeper();
  await until("setpriv has executed", () => Deno.readTextFileSync(`/proc/${own.pid}/comm`) === "sleep\n");
  try {
    for (const request of ALL) {
      for (const pid of [rootOwned.pid, 1, 2]) assertEquals(as(NOBODY, request, pid), EPERM, `${pid}`);
      assertEquals(as(NOBODY, request, deadPid()), ESRCH);
    }
    assertEquals(as(NOBODY, Request.removeProcess, own.pid), ENOENT);
    for (const request of ADDS) assertEquals(as(NOBODY, request, own.pid), "ok");
    assertEquals(as(NOBODY, Request.removeProcess, own.pid), "ok");
    // Root without the capability: its own, but no kernel threads.
    const rootOnly = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"];
    assertEquals(as(rootOnly, Request.addProcess, 2), EPERM);
    // A pid namespace of its own has other numbers.
    const inside = ["unshare", "--pid", "--fork", "--mount-proc"];
    assertEquals(as(inside, Request.addProcess, rootOwned.pid), ESRCH);
    assertEquals(as(inside, Request.addProcess, 1), "ok");
  } finally {
    own.kill("SIGKILL");
    await own.status;
  }
  await until("the list is empty", () => listing().length === 0);
});

Deno.test("TRACER_READ refuses other versions, flags and reserved words, and addresses that are none", () => {
  using _module = loadTracer();
  using device = open();
  assertEquals(ask(device, Request.addTree, Deno.pid), "ok");
  const read = (values: Partial<Parameters<typeof READ.write>[2]>) => {
    const head = new Uint8Array(READ.sizeBytes);
    READ.write(new DataView(head.buffer), 0, { version: READ_VERSION, ...values });
    return device.read(head, new Uint8Array(8));
  };
  const [EFAULT, EINVAL] = [-14, -22];
  for (const values of [{ version: 0 }, { version: 2 }, { flags: 1 }, { reserved_3: 1n }]) {
    assertEquals(read(values), EINVAL, JSON.stringify(values, (_, value) => String(value)));
  }
  assertEquals(read({ capacity: 0 }), 0);
  assertEquals(device.call(Request.read, 0), EFAULT);
  assertEquals(device.call(Request.read, 1), EFAULT);
});

Deno.test("the module stays while the device is open, and goes while processes are in the list", () => {
  using _module = loadTracer();
  {
    using device = open();
    assertEquals(ask(device, Request.addProcess, Deno.pid), "ok");
    assertEquals(unloadModule("tracer"), "EAGAIN");
  }
  assertEquals(listing().map(([pid]) => pid), [Deno.pid]);
  assertEquals(unloadModule("tracer"), "ok");
});
