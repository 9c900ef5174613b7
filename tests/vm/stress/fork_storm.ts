/** Trees that fork fast, in scope and out of it: each call in scope is a hit, no other is. */
import { attempt, command, enable, target, until } from "../kernel_module.ts";
import { Folder } from "../program.ts";
import { load, type Rounds, type Scenario, vary } from "./scenario.ts";

const PROCESSES = 30;
const CALLS = 3;
const WIDTH = 6;

/** A storm that waits for a line before it begins. */
class Storm {
  readonly #process: Deno.ChildProcess;

  constructor(path: string) {
    const script = `read -r line; exec "$0" ${PROCESSES} ${CALLS} ${WIDTH}`;
    this.#process = new Deno.Command("bash", {
      args: ["-c", script, path],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Lets it go. @returns the calls that were made */
  async blow(): Promise<number> {
    const writer = this.#process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    await writer.close();
    const { success, stdout } = await this.#process.output();
    if (!success) throw new Error("the storm failed");
    return JSON.parse(new TextDecoder().decode(stdout)).calls;
  }
}

/** Scopes and breakpoints come and go beside, for what they do to a file that is being mapped. */
async function stir(path: string, pid: number, end: Promise<unknown>): Promise<void> {
  let isOver = false;
  end.finally(() => isOver = true).catch(() => {});
  for (let turn = 0; !isOver; turn++) {
    attempt(`+${path}:main 0 pid=${turn % 2 ? pid : Deno.pid} tag=stir`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    attempt("-@stir");
  }
}

export const forkStorm: Scenario = {
  name: "fork_storm",
  start(): Promise<Rounds> {
    const folder = new Folder();
    const path = folder.copy("forkbomb");
    return Promise.resolve({
      async round(index) {
        load();
        enable(true);
        const inside = new Storm(path), outside = new Storm(path);
        command(`+${path}:hot ${vary(index, 0, 3) * 1000} pid=${inside.pid} tag=storm`);
        const calls = inside.blow();
        const [made] = await Promise.all([calls, outside.blow(), stir(path, inside.pid, calls)]);
        const { hits, misses } = target("storm");
        if (hits !== made || misses !== 0) {
          throw new Error(`${made} calls in scope, ${hits} hits, ${misses} misses`);
        }
        await until("the scope is empty", () => /^pid=.* members=$/m.test(scopeLines()));
        command("-*");
      },
      [Symbol.asyncDispose]: () => Promise.resolve(folder[Symbol.dispose]()),
    });
  },
};

function scopeLines(): string {
  return Deno.readTextFileSync("/sys/kernel/speed_bump/scopes");
}
