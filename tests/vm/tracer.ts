/** The tracer and the module of operations, loaded and unloaded; what is asked of /dev/tracer, by errno's name. */
import { cString, errnoName, errnoText, OpenFlags, OwnedFd, systemCall } from "../../ffi/mod.ts";
import { openTracer, type TracerDevice } from "../../src/count/device.ts";
import { READ, READ_MORE, READ_VERSION, ROW } from "../../src/count/interface.ts";

// A library opened in a test counts as that test's leak: open libc before.
systemCall("gettid");

const AT_FDCWD = -100;
const O_NONBLOCK = 0o4000;
const EAGAIN = 11;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 20;

/** Beside the module that the harness loads. */
export function tracerModule(): string {
  return (Deno.env.get("SB_MODULE") ?? "").replace(/speed_bump\/speed_bump\.ko$/, "tracer/tracer.ko");
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

export function isLoaded(name: string): boolean {
  return exists(`/sys/module/${name}`);
}

/** Loads a module. @throws Error with the errno */
export function loadModule(path: string, parameters = ""): void {
  const fd = systemCall("openat", AT_FDCWD, cString(path), OpenFlags.rdonly | OpenFlags.cloexec, 0);
  if (fd < 0) throw new Error(`${path}: ${errnoText(-fd)}`);
  using file = new OwnedFd(fd, path);
  const result = systemCall("finit_module", file.fd, cString(parameters), 0);
  if (result < 0) throw new Error(`load ${path}: ${errnoText(-result)}`);
}

/** Unloads a module. @returns `ok` or the errno's name */
export function unloadModule(name: string): string {
  const result = systemCall("delete_module", cString(name), O_NONBLOCK);
  return result < 0 ? errnoName(-result) : "ok";
}

/** What was loaded, until it is disposed of. */
class Loaded implements Disposable {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) {
      if (!isLoaded(name)) continue;
      const end = Date.now() + PATIENCE_MS;
      // A descriptor of a process that was killed may be closed a moment later.
      while (unloadModule(name) === errnoName(EAGAIN) && Date.now() < end) pauseSync();
    }
  }
}

function pauseSync(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

/** Loads the tracer. @param parameters as insmod takes them */
export function loadTracer(parameters = ""): Disposable {
  loadModule(tracerModule(), parameters);
  return new Loaded(["tracer"]);
}

/** Loads the tracer and the module of operations. */
export function loadBoth(parameters = ""): Disposable {
  loadModule(tracerModule(), parameters);
  loadModule(Deno.env.get("SB_OPERATIONS") ?? "");
  return new Loaded(["tracer", "tracer_module"]);
}

/** What becomes of a request: `ok` or the errno's name. */
export function ask(device: TracerDevice, request: number, pid: number): string {
  const result = device.call(request, pid);
  return result < 0 ? errnoName(-result) : "ok";
}

/** A row as read, numbers as they are. */
export type Row = ReturnType<typeof ROW.read>;

/** All rows of a descriptor, page by page, and the head of the first page. */
export function readAll(
  device: TracerDevice,
  pageRows = 64,
): { head: ReturnType<typeof READ.read>; rows: Row[] } {
  const rows: Row[] = [];
  let first: ReturnType<typeof READ.read> | undefined;
  for (let after = 0n;;) {
    const head = new Uint8Array(READ.sizeBytes);
    const page = new Uint8Array(pageRows * ROW.sizeBytes);
    READ.write(new DataView(head.buffer), 0, { version: READ_VERSION, capacity: pageRows, after });
    const result = device.read(head, page);
    if (result < 0) throw new Error(`TRACER_READ: ${errnoText(-result)}`);
    const read = READ.read(new DataView(head.buffer), 0);
    for (let i = 0; i < read.count; i++) rows.push(ROW.read(new DataView(page.buffer), i * ROW.sizeBytes));
    first ??= read;
    after = rows.at(-1)?.id ?? 0n;
    if ((read.flags & READ_MORE) === 0) return { head: first, rows };
  }
}

/** The lines of /proc/tracer, as numbers. */
export function listing(): number[][] {
  const [header, ...lines] = Deno.readTextFileSync("/proc/tracer").trimEnd().split("\n");
  if (!/^PID +kmalloc +kfree +kmalloc_mem +kfree_mem +sched +up +down +lock +unlock$/.test(header)) {
    throw new Error(`the header is "${header}"`);
  }
  return lines.map((line) => line.trim().split(/\s+/).map(Number));
}

/** Waits until something is so. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** A device that is open until it is disposed of. */
export function open(): TracerDevice {
  return openTracer();
}
