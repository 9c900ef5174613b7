/** Processes that are counted come and go, with random requests and operations, and the tracer is unloaded under load. */
import { Request } from "../../../src/count/interface.ts";
import { fixture } from "../../fixtures/build.ts";
import { run } from "../kernel_module.ts";
import { ask, loadModule, loadTracer, open, unloadModule } from "../tracer.ts";
import { pause, type Rounds, type Scenario, vary } from "./scenario.ts";

const OPERATIONS = Deno.env.get("SB_OPERATIONS");
const NICE = ["-n", "15"];

/** Unloads while the hammer's calls are traced. */
async function unloadUnderLoad(pid: number, index: number): Promise<void> {
  using _module = loadTracer(index % 2 ? "max_sizes=100" : "");
  {
    using device = open();
    for (const request of [Request.addTree, Request.addProcess]) {
      const answer = ask(device, request, pid);
      if (answer !== "ok") throw new Error(`add ${pid}: ${answer}`);
    }
    await pause(vary(index, 0, 60));
  }
  const answer = unloadModule("tracer");
  if (answer !== "ok") throw new Error(`unload: ${answer}`);
}

export const tracerChurn: Scenario = {
  name: "tracer_churn",
  patches: true,
  lacking: () => OPERATIONS === undefined ? "there is no module of operations" : undefined,
  start(): Promise<Rounds> {
    const stack = new AsyncDisposableStack();
    loadModule(OPERATIONS ?? "");
    stack.defer(() => void unloadModule("tracer_module"));
    const hammer = new Deno.Command("nice", { args: [...NICE, fixture("tracer_stress"), "0"] }).spawn();
    stack.defer(async () => {
      hammer.kill("SIGKILL");
      await hammer.status;
    });
    return Promise.resolve({
      async round(index) {
        {
          using _module = loadTracer();
          const words = [...NICE, fixture("tracer_stress"), String(index), String(vary(index, 50, 400))];
          const { code, text } = run("nice", ...words);
          if (code !== 0) throw new Error(`tracer_stress: ${code} ${text}`);
        }
        await unloadUnderLoad(hammer.pid, index);
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    });
  },
};
