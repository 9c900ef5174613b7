/** The module is loaded, given targets that are hit at once, and unloaded with delays of all kinds in progress. */
import { command, enable } from "../kernel_module.ts";
import { Folder } from "../program.ts";
import { Hammer, load, pause, type Rounds, type Scenario, unload, vary } from "./scenario.ts";

const FUNCTIONS = ["f_push", "f_nop1", "f_nop5", "f_mov", "f_sub", "f_compiled"];

function addTargets({ path, pid }: Hammer): void {
  enable(true);
  command(
    `+${path}:f_push 2000`,
    `+${path}:f_nop1 10000000000 how=sleep every=40`,
    `+${path}:f_mov 300000 how=sleep pid=${pid}`,
    `+${path}:f_nop5 1000 at=return owner=${Deno.pid} pid=${pid} histogram=16`,
    `+${path}:f_sub 10000000000 every=100 probability=500000`,
    `+${path}:f_compiled 0 dist=exp:20000 tag=drawn`,
  );
}

export const loadUnload: Scenario = {
  name: "load_unload",
  async start(): Promise<Rounds> {
    const stack = new AsyncDisposableStack();
    const path = stack.use(new Folder()).copy("hammer");
    const hammers = [
      stack.use(await Hammer.start(path, 2, ...FUNCTIONS)),
      stack.use(await Hammer.start(path, 1, ...FUNCTIONS)),
    ];
    return {
      async round(index) {
        load();
        addTargets(hammers[index % 2]);
        await pause(vary(index, 0, 40));
        unload();
        for (const hammer of hammers) hammer.mustBeClean();
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  },
};
