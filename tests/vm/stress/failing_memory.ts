/** Allocations fail in whoever adds targets and in whoever hits them: a refusal or a miss, nothing worse. */
import { command, enable, ROOT, shell, target } from "../kernel_module.ts";
import { Folder } from "../program.ts";
import { Hammer, load, pause, type Rounds, type Scenario, unload, vary } from "./scenario.ts";

const FAILSLAB = "/sys/kernel/debug/failslab";

function has(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function failInTasks(percent: number): void {
  const settings = { "task-filter": "Y", "ignore-gfp-wait": "N", verbose: "0", times: "-1", interval: "1" };
  for (const [name, value] of Object.entries({ ...settings, probability: String(percent) })) {
    Deno.writeTextFileSync(`${FAILSLAB}/${name}`, value);
  }
}

function addUnderFailure(path: string, index: number): void {
  const words = ["", "how=sleep pid=1", `owner=${Deno.pid} histogram=16`, "every=2 floor=1000"];
  const lines = ["f_push", "f_nop1", "f_nop5", "f_mov", "f_sub"].flatMap((name) =>
    words.map((options) => `echo "+${path}:${name} ${vary(index, 0, 9) * 1000} ${options}" >targets`)
  );
  // Its end closes files of the shared folder: 9p without memory leaves their numbers taken, for whoever opens next.
  const end = "until echo 0 >/proc/self/make-it-fail; do :; done";
  shell(`exec 2>/dev/null; cd ${ROOT}; echo 1 >/proc/self/make-it-fail; ${lines.join("; ")}; ${end}`);
}

export const failingMemory: Scenario = {
  name: "failing_memory",
  lacking: () => has(FAILSLAB) ? undefined : "the kernel has no failslab",
  async start(): Promise<Rounds> {
    const stack = new AsyncDisposableStack();
    const path = stack.use(new Folder()).copy("hammer");
    const hammer = stack.use(await Hammer.start(path, 1, "f_push", "f_mov", "f_compiled"));
    Deno.writeTextFileSync(`/proc/${hammer.pid}/make-it-fail`, "1");
    stack.defer(() => failInTasks(0));
    return {
      async round(index) {
        load();
        enable(true);
        command(`+${path}:f_compiled 1000 tag=hit`);
        failInTasks(vary(index, 5, 40));
        addUnderFailure(path, index);
        await pause(20);
        failInTasks(0);
        hammer.mustLive();
        const { hits, misses } = target("hit");
        if (hits + misses === 0) throw new Error("nothing was hit");
        unload();
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  },
};
