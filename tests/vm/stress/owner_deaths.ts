/** Many owners are killed at once: their targets go, with delays in progress. */
import { command, targets, until } from "../kernel_module.ts";
import { Folder } from "../program.ts";
import { Hammer, load, pause, type Rounds, type Scenario, vary } from "./scenario.ts";

const OWNERS = 10;
const FUNCTIONS = ["f_push", "f_nop1", "f_mov"];

export const ownerDeaths: Scenario = {
  name: "owner_deaths",
  async start(): Promise<Rounds> {
    const stack = new AsyncDisposableStack();
    const path = stack.use(new Folder()).copy("hammer");
    const hammer = stack.use(await Hammer.start(path, 2, ...FUNCTIONS));
    return {
      async round(index) {
        load();
        const owners = Array.from(
          { length: OWNERS },
          () => new Deno.Command("setpriv", { args: ["--pdeathsig", "KILL", "sleep", "1000"] }).spawn(),
        );
        for (const { pid } of owners) {
          command(
            `+${path}:f_push 1000 owner=${pid} pid=${hammer.pid}`,
            `+${path}:f_nop1 10000000000 how=sleep every=50 owner=${pid} pid=${pid}`,
            `+${path}:f_mov 10000000000 how=sleep every=200 owner=${pid}`,
          );
        }
        await pause(vary(index, 0, 20));
        for (const owner of owners) owner.kill("SIGKILL");
        await Promise.all(owners.map((owner) => owner.status));
        await until("no target is left", () => targets().length === 0);
        hammer.mustLive();
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  },
};
