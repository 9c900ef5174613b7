/** What the kernel complained of. */

const COMPLAINT =
  /WARNING: |BUG: |KASAN|INFO: (?:possible|trying|task|rcu.*stall)|Busy inodes|ODEBUG: |refcount_t: |Oops/;
const LEAKS = "/sys/kernel/debug/kmemleak";
/** Younger leaks are not reported. */
const LEAK_AGE_MS = 6_000;

function complaints(): string[] {
  const { stdout } = new Deno.Command("dmesg", { stdin: "null" }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => COMPLAINT.test(line));
}

async function leaks(): Promise<string[]> {
  try {
    Deno.statSync(LEAKS);
  } catch {
    return [];
  }
  await new Promise((resolve) => setTimeout(resolve, LEAK_AGE_MS));
  // A pointer that moved during a scan is found by the next.
  for (let scan = 0; scan < 2; scan++) Deno.writeTextFileSync(LEAKS, "scan");
  const text = Deno.readTextFileSync(LEAKS);
  Deno.writeTextFileSync(LEAKS, "clear");
  return text.split("\n").filter((line) => line.startsWith("unreferenced object")).map(() => text);
}

/** Looks for new complaints and, where the kernel searches for them, leaks. */
export class Reports {
  #seen = complaints().length;

  /** Those since the last look. */
  async take(): Promise<string[]> {
    const all = complaints();
    const fresh = all.slice(this.#seen);
    this.#seen = all.length;
    return [...fresh, ...await leaks()];
  }
}
