/** How many functions of real libraries have a cheap site. */
import { siteStatistics } from "../../src/symbols/mod.ts";
import type { Benchmark, Figure } from "./figure.ts";

/** The first of these paths that exists. */
function firstFile(...paths: string[]): string {
  for (const path of paths) {
    try {
      return Deno.realPathSync(path);
    } catch { /* the next one */ }
  }
  throw new Error(`none of ${paths.join(", ")} exists`);
}

async function* run(): AsyncIterable<Figure> {
  const triple = `${Deno.build.arch}-linux-gnu`;
  const files = {
    libc: firstFile(`/lib/${triple}/libc.so.6`, "/lib64/libc.so.6"),
    "libstdc++": firstFile(`/usr/lib/${triple}/libstdc++.so.6`, "/usr/lib64/libstdc++.so.6"),
    CPython: firstFile("/usr/bin/python3"),
  };
  for (const [name, path] of Object.entries(files)) {
    const { functions, cheap } = siteStatistics(path);
    yield {
      name: `functions of ${name} with an emulated site`,
      value: 100 * cheap / functions,
      bound: 80,
      atLeast: true,
      unit: "%",
      detail: `${cheap} of ${functions}`,
    };
  }
}

export const sites: Benchmark = { name: "sites", run };
