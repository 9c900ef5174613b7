/** The file of a target is replaced, overwritten, truncated or removed, with processes that run it. */
import { attempt, command, enable, targets } from "../kernel_module.ts";
import { Folder } from "../program.ts";
import { Hammer, load, pause, type Rounds, type Scenario, vary } from "./scenario.ts";

function expectRows(stale: readonly boolean[]): void {
  const seen = targets().map((row) => row.isStale);
  if (seen.join() !== stale.join()) throw new Error(`stale: ${seen.join()}, expected ${stale.join()}`);
}

/** Another file takes the name; both have targets, both are run. */
async function renameOver(folder: Folder, index: number): Promise<void> {
  const path = folder.copy("hammer", "replaced");
  await using _old = await Hammer.start(path, 1, "f_push", "f_mov");
  command(`+${path}:f_push 2000`, `+${path}:f_mov 10000000000 how=sleep every=50`);
  await pause(vary(index, 0, 15));
  Deno.renameSync(folder.copy("hammer", "new"), path);
  expectRows([true, true]);
  command(`+${path}:f_push 2000`);
  await using _new = await Hammer.start(path, 1, "f_push", "f_mov");
  expectRows([true, true, false]);
  command("-*");
}

/** The text goes from under a process that executes it, which ends it. */
async function truncate(folder: Folder, index: number): Promise<void> {
  const program = folder.copy("bench_target_linked");
  const library = folder.copy("libtarget.so");
  const child = new Deno.Command(program, { args: ["loop", "f_push", "0"], stdout: "null", stderr: "null" })
    .spawn();
  command(`+${library}:f_push 2000`, `+${library}:f_mov 2000`);
  await pause(vary(index, 5, 25));
  Deno.truncateSync(library, 0);
  attempt(`+${library}:f_nop1 2000`);
  command("-*");
  try {
    child.kill("SIGKILL");
  } catch { /* it has ended */ }
  await child.status;
}

/** Other bytes come into a file that nobody runs; it is run afterwards, or removed. */
async function overwrite(folder: Folder, index: number): Promise<void> {
  const path = folder.copy("hammer", "overwritten");
  const bytes = Deno.readFileSync(path);
  command(`+${path}:f_push 2000`, `+${path}:f_mov 2000`);
  Deno.writeFileSync(path, bytes.slice(0, vary(index, 0, bytes.length)));
  attempt(`+${path}:f_nop1 1000`);
  Deno.writeFileSync(path, bytes);
  await using hammer = await Hammer.start(path, 1, "f_push", "f_mov", "f_nop1");
  await pause(vary(index, 0, 10));
  hammer.mustLive();
  Deno.removeSync(path);
  command("-*");
  hammer.mustLive();
}

const WAYS = [renameOver, truncate, overwrite];

export const replacement: Scenario = {
  name: "replacement",
  start(): Promise<Rounds> {
    return Promise.resolve({
      async round(index) {
        load();
        enable(true);
        using folder = new Folder();
        await WAYS[index % WAYS.length](folder, index);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};
