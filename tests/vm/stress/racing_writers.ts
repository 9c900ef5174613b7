/** Shells write every kind of command and read every file while the module is unloaded and loaded. */
import { ROOT } from "../kernel_module.ts";
import { Folder } from "../program.ts";
import { Hammer, load, pause, type Rounds, type Scenario, unload, vary } from "./scenario.ts";

/** What the shells do for ever; `$1` is the program. Errors are what half of it ends in. */
const LOOPS = [
  `while :; do echo 1 >enabled; for f in f_push f_mov f_nop1; do echo "+$1:$f 5000" >targets; echo "=$1:$f 7000 how=sleep" >targets; done; echo "-$1:f_mov" >targets; echo "-*" >targets; done`,
  `while :; do echo "+$1:f_sub 1000 owner=$$ pid=$$ tag=t histogram=16" >targets; echo "=@t 3000 every=2" >targets; echo "=* on=0 owner=$$" >targets; echo "=* owner=$$ on=1" >targets; echo "-@t" >targets; echo 0 >enabled; done`,
  `while :; do for f in targets_list stats scopes histograms enabled; do while read -r line; do :; done <$f; done; done`,
  // One descriptor, read on while its file goes.
  `while :; do { for i in 1 2 3 4 5 6 7 8; do read -r line <&3; sleep 0.01; done; } 3<targets_list; done`,
];

function startShell(loop: string, path: string): Deno.ChildProcess {
  // The folder goes and comes with the module: the shell follows.
  const script = `{ while :; do cd ${ROOT} && break; done; ${
    loop.replace("while :; do", `while :; do cd ${ROOT} || continue;`)
  }; } 2>/dev/null`;
  return new Deno.Command("setpriv", {
    args: ["--pdeathsig", "KILL", "bash", "-c", script, "bash", path],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

export const racingWriters: Scenario = {
  name: "racing_writers",
  async start(): Promise<Rounds> {
    const stack = new AsyncDisposableStack();
    const path = stack.use(new Folder()).copy("hammer");
    const hammer = stack.use(await Hammer.start(path, 1, "f_push", "f_mov", "f_nop1", "f_sub"));
    for (const loop of LOOPS) {
      const shell = startShell(loop, path);
      stack.defer(async () => {
        shell.kill("SIGKILL");
        await shell.status;
      });
    }
    return {
      async round(index) {
        load();
        await pause(vary(index, 10, 70));
        unload();
        hammer.mustLive();
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  },
};
