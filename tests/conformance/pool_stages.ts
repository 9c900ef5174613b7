/** The pools that work on real programs, as stages of the suite. */
import {
  type EbpfFeatures,
  openEbpfPool,
  openKmodPool,
  probeFeatures,
  type ProbePool,
} from "../../src/probe/mod.ts";
import type { CgroupFolder, PoolStage, PoolTraits } from "./pool_rig.ts";
import { type Program, programFile, RealProgram } from "./program.ts";

/** An id that nobody has. */
const SOMEBODY = 12_001;

/** A copy of the program that runs with another id: each exec of it changes ids. */
async function startSetuid(): Promise<{ program: Program; file: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "sb_setuid_" });
  const file = `${folder}/bench_target`;
  await Deno.copyFile(programFile(), file);
  await Deno.chmod(folder, 0o755);
  await Deno.chown(file, SOMEBODY, SOMEBODY);
  await Deno.chmod(file, 0o4755);
  const program = await RealProgram.start(file);
  return {
    program,
    file,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Where the hierarchy of version 2 is mounted. */
function cgroupRoot(): string | undefined {
  const mounts = Deno.readTextFileSync("/proc/self/mounts").split("\n").map((line) => line.split(" "));
  return mounts.find(([, , type]) => type === "cgroup2")?.[1];
}

async function openCgroup(): Promise<CgroupFolder | null> {
  const root = cgroupRoot();
  if (root === undefined) return null;
  const path = `${root}/sb_test_${crypto.randomUUID().slice(0, 8)}`;
  const below = `${path}/below`;
  await Deno.mkdir(below, { recursive: true });
  const moved: number[] = [];
  return {
    path,
    async enter({ pid }) {
      await Deno.writeTextFile(`${below}/cgroup.procs`, String(pid));
      moved.push(pid);
    },
    async [Symbol.asyncDispose]() {
      for (const pid of moved) await Deno.writeTextFile(`${root}/cgroup.procs`, String(pid)).catch(() => {});
      await Deno.remove(below);
      await Deno.remove(path);
    },
  };
}

function stageOf(openPool: () => ProbePool, traits: PoolTraits): PoolStage {
  return { traits, start: () => RealProgram.start(), startSetuid, openCgroup, openPool };
}

/** eBPF: a link a process, or breakpoints in the file that the program filters. */
export function ebpfPoolStage(
  isolation: PoolTraits["isolation"],
  features: EbpfFeatures = probeFeatures(),
): PoolStage {
  const isShared = isolation === "shared";
  return stageOf(() => openEbpfPool({ features }), {
    isolation,
    outOfScope: isShared ? "counted" : "untouched",
    childrenAreExact: isShared,
    sleeps: false,
    waitsOnProcessor: !features.uprobeMulti,
    cgroups: isShared,
    everyProcess: isShared,
    guards: true,
  });
}

/** The module: breakpoints in the processes of the scope alone. It is loaded. */
export function kmodPoolStage(): PoolStage {
  return stageOf(openKmodPool, {
    isolation: "per-process",
    outOfScope: "untouched",
    childrenAreExact: true,
    sleeps: true,
    waitsOnProcessor: false,
    cgroups: false,
    everyProcess: true,
    guards: false,
  });
}
