/** `enabled` and `on=` are switched under fire. */
import { command, enable } from "../kernel_module.ts";
import { Folder } from "../program.ts";
import { Hammer, load, pause, type Rounds, type Scenario, vary } from "./scenario.ts";

const FUNCTIONS = ["f_push", "f_nop1", "f_nop5", "f_mov"];
const SWITCHES = 6;

export const toggling: Scenario = {
  name: "toggling",
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
        const owner = `owner=${Deno.pid}`;
        command(
          `+${path}:f_push 2000`,
          `+${path}:f_nop1 10000000000 how=sleep every=30`,
          `+${path}:f_nop5 10000000000 every=90 pid=${hammers[0].pid}`,
          `+${path}:f_mov 50000 how=sleep ${owner}`,
        );
        for (let turn = 0; turn < SWITCHES; turn++) {
          enable(turn % 2 === 0);
          await pause(vary(index + turn, 0, 10));
          command(`=* on=${turn % 2} ${owner}`);
        }
        command(`=* on=0 ${owner}`);
        for (const hammer of hammers) hammer.mustBeClean();
        command("-*", `-* ${owner}`);
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  },
};
