/** A file system goes: refused while it has a target, unless it is detached, and without a trace afterwards. */
import { command, enable, read, run } from "../kernel_module.ts";
import { fixture } from "../../fixtures/build.ts";
import { Folder } from "../program.ts";
import { Hammer, load, pause, type Rounds, type Scenario, vary } from "./scenario.ts";

const EBUSY = 32;

function expectStatus(expected: number, program: string, ...args: string[]): void {
  const { code, text } = run(program, ...args);
  if (code !== expected) throw new Error(`${program} ${args.join(" ")}: exit status ${code}: ${text}`);
}

/** Without a process; with one that sleeps in its delay when the target goes; detached under the target. */
async function round(mountPoint: string, index: number): Promise<void> {
  const path = `${mountPoint}/hammer`;
  expectStatus(0, "mount", "-t", "tmpfs", "stress", mountPoint);
  Deno.copyFileSync(fixture("hammer"), path);
  Deno.chmodSync(path, 0o755);
  enable(true);
  command(`+${path}:f_push 10000000000 how=sleep`, `+${path}:f_mov 1000`);
  if (index % 3 === 1) {
    await using _hammer = await Hammer.start(path, 2, "f_mov", "f_push");
    await pause(vary(index, 0, 20));
    expectStatus(EBUSY, "umount", mountPoint);
    command("-*");
  } else if (index % 3 === 2) {
    expectStatus(0, "umount", "-l", mountPoint);
    read("targets_list");
    command("-*");
    return;
  } else {
    expectStatus(EBUSY, "umount", mountPoint);
    command("-*");
  }
  expectStatus(0, "umount", mountPoint);
}

export const umount: Scenario = {
  name: "umount",
  start(): Promise<Rounds> {
    const folder = new Folder();
    const mountPoint = `${folder.path}/mount`;
    Deno.mkdirSync(mountPoint);
    return Promise.resolve({
      async round(index) {
        load();
        await round(mountPoint, index);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(folder[Symbol.dispose]()),
    });
  },
};
