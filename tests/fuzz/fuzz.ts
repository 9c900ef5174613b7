/** Builds and runs a fuzz target: libFuzzer with ASan and UBSan, one process for all runs. */
import { compile } from "../unit/kmod/build.ts";
import { type Target, TARGETS } from "./targets.ts";

const SANITIZERS = "-fsanitize=fuzzer,address,undefined";
/** The resolver's memory is bounded, whatever a file says. */
const MALLOC_LIMIT_MB = 1;
const RUN_LIMIT_S = 10;

/** What a fuzzing gave. */
export interface Outcome {
  runs: number;
  /** Inputs that break something. */
  findings: string[];
  /** What libFuzzer says, its last lines when nothing was found. */
  log: string;
}

/** How long: to so many runs or so many seconds, whichever comes first. */
export interface Extent {
  runs?: number;
  seconds?: number;
}

function writeSeeds(target: Target, folder: string): void {
  Deno.mkdirSync(folder, { recursive: true });
  target.seeds().forEach((seed, index) => Deno.writeFileSync(`${folder}/seed-${index}`, seed));
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

/**
 * Fuzzes a target.
 * @param options.folder where the program, the corpus and the findings are kept; what is there already is used
 */
export async function fuzz(
  name: string,
  extent: Extent,
  { folder, target = TARGETS[name] }: { folder: string; target?: Target },
): Promise<Outcome> {
  const [program, corpus, findings] = [`${folder}/${name}`, `${folder}/corpus-${name}`, `${folder}/findings`];
  writeSeeds(target, corpus);
  Deno.mkdirSync(findings, { recursive: true });
  compile(
    ["clang", "-O1", "-g", SANITIZERS, "-fno-sanitize-recover=all", ...target.flags ?? []],
    [...target.sources, ...target.parts],
    program,
  );
  const dictionary = `${folder}/dictionary-${name}`;
  // libFuzzer refuses an empty one.
  const words = target.words.length > 0 ? [`-dict=${dictionary}`] : [];
  Deno.writeTextFileSync(dictionary, target.words.map((word) => `"${word}"\n`).join(""));
  const before = new Set(names(findings));
  const { success, stderr } = await new Deno.Command("nice", {
    args: [
      program,
      corpus,
      `-runs=${extent.runs ?? -1}`,
      `-max_total_time=${extent.seconds ?? 0}`,
      `-max_len=${target.maxBytes}`,
      `-malloc_limit_mb=${MALLOC_LIMIT_MB}`,
      `-timeout=${RUN_LIMIT_S}`,
      `-artifact_prefix=${findings}/${name}-`,
      ...words,
      "-print_final_stats=1",
      "-verbosity=0",
    ],
    env: { ASAN_OPTIONS: "quarantine_size_mb=16" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const log = new TextDecoder().decode(stderr);
  const found = names(findings).filter((file) => !before.has(file)).map((file) => `${findings}/${file}`);
  // A finding of before has the same name: its file says nothing, the fuzzer's failing does.
  const file = /Test unit written to (\S+)/.exec(log)?.[1];
  if (!success && found.length === 0) {
    if (file === undefined) throw new Error(`Cannot fuzz "${name}": ${log}`);
    found.push(file);
  }
  return { runs: Number(/number_of_executed_units:\s*(\d+)/.exec(log)?.[1] ?? 0), findings: found, log };
}

/** How much of a target's parts its corpus reaches: the table of llvm-cov. */
export function coverage(name: string, folder: string): string {
  const target = TARGETS[name];
  const [program, profile] = [`${folder}/${name}-coverage`, `${folder}/${name}.profraw`];
  compile(
    [
      "clang",
      "-O1",
      "-fsanitize=fuzzer",
      "-fprofile-instr-generate",
      "-fcoverage-mapping",
      ...target.flags ?? [],
    ],
    [...target.sources, ...target.parts],
    program,
  );
  run([program, `${folder}/corpus-${name}`, "-runs=0", "-verbosity=0"], { LLVM_PROFILE_FILE: profile });
  run(["llvm-profdata", "merge", "-o", `${profile}.merged`, profile]);
  return run([
    "llvm-cov",
    "report",
    program,
    `-instr-profile=${profile}.merged`,
    "-ignore-filename-regex=fuzz|user.h",
  ]);
}

function run([program, ...args]: readonly string[], env: Record<string, string> = {}): string {
  const { success, stdout, stderr } = new Deno.Command(program, { args, env, stdin: "null" }).outputSync();
  if (!success) throw new Error(`Cannot run "${program}": ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
