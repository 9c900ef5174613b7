/** `sb run --json` on real programs: its report, and what the program printed. */
import { runSb } from "../control.ts";

/** The part of a run's report that these tests look at (docs/json.md). */
export interface RunReport {
  exit: number | null;
  signal: string | null;
  isolation: string;
  wall_ns: number;
  notes: string[];
  probes: {
    target: string;
    symbol: string;
    site: string;
    floor_ns: number;
    file: { replaced: boolean };
    hits: number;
    delayed: number;
    misses: number;
    cut: number;
    added_ns: number;
    min_ns: number | null;
    mean_ns: number | null;
  }[];
}

/** A run: its report, the command's output and sb's exit status. */
export interface Run {
  report: RunReport;
  stdout: string;
  code: number;
}

/** Runs sb with --json, the report in a file of its own. @param slow values of --slow */
export async function runReport(slow: string[], command: string[], options: string[] = []): Promise<Run> {
  const file = await Deno.makeTempFile();
  try {
    const args = ["run", "--json", "-o", file, ...options, ...slow.flatMap((value) => ["--slow", value])];
    const { code, stdout, stderr } = await runSb([...args, "--", ...command]);
    const text = await Deno.readTextFile(file);
    if (text === "") throw new Error(`sb wrote no report: ${stderr}`);
    return { report: JSON.parse(text) as RunReport, stdout, code };
  } finally {
    await Deno.remove(file);
  }
}
