/** The command line's entry: argv to exit code. What needs no more is answered before anything else is imported. */
import { VERSION } from "./src/cli/version.ts";

async function main(argv: string[]): Promise<number> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    try {
      Deno.stdout.writeSync(new TextEncoder().encode(`sb ${VERSION}\n`));
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
    return 0;
  }
  const { runCli } = await import("./src/cli/main.ts");
  return await runCli(argv);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
