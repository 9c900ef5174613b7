/**
 * Slows a function of a process until ten calls were delayed, prints the figures, and ends without a farewell: the server must notice.
 * Takes the socket and the process.
 */
import process from "node:process";
import { connect, type Stats } from "../../rpc/client.ts";

const [socket, pid] = process.argv.slice(2);
const client = await connect({ socket });
const probe = await client.probe({ target: "libc.so.6:getppid", delay: "50us", pid: Number(pid) });
await probe.update({ delayNs: 200_000 });
const before = await probe.stats();
let figures: Stats = before;
for await (const { probes } of await client.subscribe({ intervalNs: 10_000_000 })) {
  [figures] = probes;
  if (figures.delayed >= before.delayed + 10) break;
}
await probe.disable();
process.stdout.write(JSON.stringify({ id: probe.id, figures }) + "\n", () => process.exit(0));
