/** In the guest: `main.ts NAME ROUNDS` runs rounds of one scenario and prints what the kernel reported. */
import { runRounds, SCENARIOS } from "./all.ts";
import { Reports } from "./reports.ts";
import { isLoaded, unload } from "./scenario.ts";

const [name, rounds] = Deno.args;
const kernel = Deno.env.get("SB_KERNEL");
const scenario = SCENARIOS.find((each) => each.name === name);
if (!scenario) throw new Error(`no scenario "${name}"`);
const lacking = scenario.lacking?.();
if (lacking !== undefined) {
  console.log(`${name} on ${kernel}: skipped, ${lacking}`);
  Deno.exit(0);
}
// The harness turns it off, which these programs do not need.
Deno.writeTextFileSync("/proc/sys/kernel/randomize_va_space", "2");
const reports = new Reports();
await runRounds(scenario, Number(rounds));
if (isLoaded()) unload();
const found = await reports.take();
console.log(`${rounds} rounds of ${name} on ${kernel}: ${found.length} reports`);
for (const report of found) console.log(report);
if (found.length > 0) Deno.exit(1);
