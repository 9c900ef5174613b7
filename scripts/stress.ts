/** The stress command: one boot for each scenario and kernel, so that a guest that dies names what killed it. */
import { parseArgs } from "@std/cli/parse-args";
import { fixture, FIXTURES } from "../tests/fixtures/build.ts";
import { SCENARIOS } from "../tests/vm/stress/all.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const VM = `${ROOT}scripts/vm`;
const USAGE =
  "usage: scripts/stress [--kernel NAME]... [--rounds N] [--append KERNEL_ARGUMENTS] [--list] [NAME]...";
/** What a round may take at the most, seconds; the debug kernel is slow. */
const ROUND_LIMIT_S = 30;
const BOOT_LIMIT_S = 300;

function fail(message: string): never {
  console.error(`error: ${message}\n${USAGE}`);
  Deno.exit(2);
}

function modulePath(kernel: string, source: string): string {
  const { success, stdout } = new Deno.Command(VM, {
    args: ["build-module", "--kernel", kernel, "--source", source],
    stdin: "null",
    stderr: "inherit",
  }).outputSync();
  if (!success) Deno.exit(3);
  return new TextDecoder().decode(stdout).trim().split("\n")[0];
}

/** @returns whether the kernel reported nothing and every round was right */
function runScenario(name: string, options: { kernel: string; rounds: number; append: string }): boolean {
  const { kernel, rounds, append } = options;
  const { code } = new Deno.Command(VM, {
    args: [
      ...["--kernel", kernel, "--timeout", String(BOOT_LIMIT_S + rounds * ROUND_LIMIT_S)],
      ...(SCENARIOS.find((each) => each.name === name)?.patches ? ["--one-thread"] : []),
      ...(append === "" ? [] : ["--append", append]),
      ...["--", "scripts/deno", "run", "-A", "--no-check", "--quiet"],
      ...["tests/vm/stress/main.ts", name, String(rounds)],
    ],
    cwd: ROOT,
    env: {
      SB_KERNEL: kernel,
      SB_MODULE: modulePath(kernel, `${ROOT}kmod`),
      SB_OPERATIONS: modulePath(kernel, `${ROOT}tests/vm/tracer_module`),
      NO_COLOR: "1",
    },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  if (code !== 0) console.log(`FAILED ${name} on ${kernel}: exit status ${code}`);
  return code === 0;
}

const args = parseArgs(Deno.args, {
  string: ["kernel", "rounds", "append"],
  boolean: ["list"],
  collect: ["kernel"],
  default: { rounds: "100", append: "" },
  unknown: (word, key) => key === undefined ? true : fail(`Cannot read "${word}": no such option`),
});
const known = SCENARIOS.map(({ name }) => name);
if (args.list) {
  console.log(known.join("\n"));
  Deno.exit(0);
}
const rounds = Number(args.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  fail(`Cannot run "${args.rounds}" rounds: expected a whole number from 1`);
}
const names = args._.length > 0 ? args._.map(String) : known;
for (const name of names) {
  if (!known.includes(name)) fail(`Cannot run "${name}": expected ${known.join(", ")}`);
}
for (const name of FIXTURES.filter((name) => name !== "go_app" && name !== "rust_app")) fixture(name);
const kernels = args.kernel as string[];
const append = args.append as string;
let isClean = true;
for (const kernel of kernels.length > 0 ? kernels : ["6.1", "6.12", "debug"]) {
  for (const name of names) isClean = runScenario(name, { kernel, rounds, append }) && isClean;
}
if (!isClean) Deno.exit(1);
