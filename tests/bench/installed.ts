/** What the one file costs beside the program in it: its first start, later ones, and TAB behind a library. */
import { artifact } from "../one_file/artifact.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";
import { timeCommand, timePairs } from "./startup.ts";

const FIRST_STARTS = 5;

/** Where a start with this cache unpacked the program. */
async function buildIn(cache: string): Promise<string> {
  for await (const { name } of Deno.readDir(`${cache}/sb`)) {
    if (name.startsWith("build-")) return `${cache}/sb/${name}`;
  }
  throw new Error(`nothing was unpacked in ${cache}`);
}

async function* run(): AsyncIterable<Figure> {
  const file = await artifact();
  const cache = await Deno.makeTempDir();
  // Where no other place has it already.
  const alone = 'mount -t tmpfs tmpfs /var/cache && exec env -i XDG_CACHE_HOME="$0" "$@"';
  const sb = (...args: string[]): [string, string[]] => ["env", [`XDG_CACHE_HOME=${cache}`, file, ...args]];
  try {
    const first = Array.from({ length: FIRST_STARTS }, () => {
      Deno.removeSync(cache, { recursive: true });
      Deno.mkdirSync(cache);
      return timeCommand("unshare", ["--mount", "sh", "-c", alone, cache, file, "--version"]);
    });
    yield {
      name: "the first start of the one file, which unpacks it",
      value: median(first),
      bound: 3000,
      unit: "ms",
      detail: `median of ${FIRST_STARTS}; ${(Deno.statSync(file).size / 1e6).toFixed(1)} MB`,
    };
    const build = await buildIn(cache);
    const bundle: [string, string[]] = [
      "env",
      [`DENO_DIR=${build}/cache`, `${build}/deno`, "run", "-A", "--no-config", `${build}/sb.js`, "--version"],
    ];
    const later = timePairs(sb("--version"), bundle);
    yield {
      name: "sb --version from the file, minus deno run of the bundle",
      value: median(later.map(([file, deno]) => file - deno)),
      bound: 60,
      unit: "ms",
      detail: `${median(later.map(([file]) => file)).toFixed(1)} ms, deno ${
        median(later.map(([, deno]) => deno)).toFixed(1)
      } ms`,
    };
    const tab = timePairs(sb("--complete-target=libc.so.6:mal"), ["true", []]);
    yield {
      name: "TAB behind libc.so.6:mal",
      value: median(tab.map(([file]) => file)),
      bound: 200,
      unit: "ms",
      detail: `median of ${tab.length}`,
    };
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

export const installed: Benchmark = { name: "file", run };
