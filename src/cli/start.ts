/** The first steps of sb: versions and help are answered before the rest is imported. */
import { VERSION } from "./version.ts";

/** What `main.ts` exports. */
export interface Rest {
  runCli(argv: readonly string[]): Promise<number>;
}

const HELP = ["--help", "-h"];

/** The answers that need the command table at the most; undefined for everything else. */
async function quickAnswer(argv: readonly string[]): Promise<string | undefined> {
  const [first, second] = argv;
  if (argv.length === 1 && (first === "--version" || first === "-V")) return `sb ${VERSION}\n`;
  const name = argv.length !== 2
    ? undefined
    : first === "help"
    ? second
    : HELP.includes(second)
    ? first
    : undefined;
  if (name === undefined && !(argv.length === 1 && HELP.includes(first))) return undefined;
  const { findCommand } = await import("./table.ts");
  const { commandHelp, mainHelp } = await import("./help.ts");
  if (name === undefined) return mainHelp();
  const command = findCommand(name);
  return command && commandHelp(command);
}

function print(text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Runs sb. @param loadRest imports `main.ts`. @returns the exit code */
export async function start(argv: readonly string[], loadRest: () => Promise<Rest>): Promise<number> {
  const answer = await quickAnswer(argv);
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  const { runCli } = await loadRest();
  return await runCli(argv);
}
