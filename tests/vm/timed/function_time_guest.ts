/** How long functions take in a run, against the program's own clock, in deterministic time. */
import { openFd, OpenFlags } from "../../../ffi/mod.ts";
import { timeFunctions } from "../../../src/session/mod.ts";
import { fixture } from "../../fixtures/build.ts";
import { check } from "./figures.ts";

const BOUND = 0.02;

/** Mode of `timed_functions`, its function, and how often that is called. */
const MODES = [
  ["spin 200 500000", "spins", 200],
  ["spin 20 5000000", "spins", 20],
  ["sleep 50 1000000", "sleeps", 50],
  ["recurse 20 19 5000000", "recurses", 400],
  ["threads 8 10 10000000", "sleeps", 80],
  ["jump 100 500000", "jumps", 200],
] as const;

async function timeMode(mode: string, name: string) {
  const file = fixture("timed_functions");
  const path = await Deno.makeTempFile();
  try {
    using written = openFd(path, OpenFlags.rdwr);
    const [time] = await timeFunctions(
      { command: [file, ...mode.split(" ")], probes: [{ target: `${file}:${name}` }] },
      { stdout: written.fd },
    );
    return { ...time, ownNs: JSON.parse(await Deno.readTextFile(path)).ns as number };
  } finally {
    await Deno.remove(path);
  }
}

// A library opened in a test counts as that test's leak: open what timing keeps open before.
await timeMode("spin 1 1", "spins");

for (const [mode, name, expected] of MODES) {
  Deno.test(`a function's time is what its program reads on its own clock: ${mode}`, async () => {
    const { inclusiveNs, calls, ownNs } = await timeMode(mode, name);
    const share = (inclusiveNs ?? NaN) / ownNs;
    check([
      {
        name: `${mode}: time, off by`,
        value: Math.abs(share - 1),
        bound: BOUND,
        unit: "ratio",
        detail: `${inclusiveNs} ns of ${ownNs}`,
      },
      {
        name: `${mode}: calls`,
        value: Math.abs(calls - expected),
        bound: 0,
        unit: "count",
        detail: String(calls),
      },
    ]);
  });
}
