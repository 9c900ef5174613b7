/** A program that two users run from one file, and whether there is a breakpoint in a process of it. */
import { type SharedFolder, UserProcess } from "./users.ts";

const SOURCE = `
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

__attribute__((noinline)) long work(long x) {
  __asm__ volatile("" : "+r"(x));
  return x + 1;
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
  char line[4096];
  long count;
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "call %ld", &count) == 1) {
      long long start = now();
      for (long i = 0; i < count; i++) work(i);
      printf("%lld\\n", now() - start);
    } else if (strncmp(line, "exec ", 5) == 0) {
      line[strcspn(line, "\\n")] = 0;
      execl(line + 5, line + 5, (char *)NULL);
      puts("failed");
    }
  }
}
`;

/** Compiles it. @returns its path */
export function compileServant(folder: SharedFolder, name = "servant"): string {
  return folder.compile(name, SOURCE, "-fcf-protection=none");
}

/** A process of it. */
export class Servant implements AsyncDisposable {
  readonly #process: UserProcess;

  private constructor(process: UserProcess) {
    this.#process = process;
  }

  static async start(uid: number, file: string): Promise<Servant> {
    return new Servant(await UserProcess.start(uid, [file]));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Calls work(). @returns nanoseconds that it took by the program's own clock */
  async calls(count: number): Promise<number> {
    await this.#process.write(`call ${count}\n`);
    return Number(await this.#process.line());
  }

  /** Becomes another program, which says that it is ready. */
  async exec(file: string): Promise<void> {
    await this.#process.write(`exec ${file}\n`);
    const said = await this.#process.line();
    if (said !== "ready") throw new Error(said);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

/** Whether the instruction at an offset of a file differs in a process from what the file has. */
export function hasBreakpoint(pid: number, file: string, fileOffset: number): boolean {
  const line = Deno.readTextFileSync(`/proc/${pid}/maps`).split("\n").find((each) =>
    each.endsWith(` ${file}`) && each.split(" ")[1][2] === "x"
  );
  if (line === undefined) throw new Error(`${pid} does not run ${file}`);
  const [range, , offset] = line.split(" ");
  const address = Number.parseInt(range, 16) + fileOffset - Number.parseInt(offset, 16);
  const byteAt = (path: string, at: number) => {
    using opened = Deno.openSync(path);
    opened.seekSync(at, Deno.SeekMode.Start);
    const byte = new Uint8Array(1);
    opened.readSync(byte);
    return byte[0];
  };
  return byteAt(`/proc/${pid}/mem`, address) !== byteAt(file, fileOffset);
}
