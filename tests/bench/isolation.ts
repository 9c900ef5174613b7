/** `private-file`: what a process outside the scope has in its memory, and what its calls cost. */
import { fixture } from "../fixtures/build.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";
import { BenchTarget } from "./target.ts";
import { sbJson, SbRun } from "./command.ts";

const ROUNDS = 11;

/** The byte of this program's memory that backs a file offset of its main executable. */
function readMemory(pid: number, fileOffset: number): number {
  for (const line of Deno.readTextFileSync(`/proc/${pid}/maps`).split("\n")) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r.xp ([0-9a-f]+) \S+ \d+ +(\S+)/.exec(line);
    if (!match || !match[4].endsWith("/bench_target")) continue;
    const [start, end, offset] = match.slice(1, 4).map((text) => parseInt(text, 16));
    const address = start + fileOffset - offset;
    if (address < start || address >= end) continue;
    using memory = Deno.openSync(`/proc/${pid}/mem`);
    memory.seekSync(address, Deno.SeekMode.Start);
    const byte = new Uint8Array(1);
    memory.readSync(byte);
    return byte[0];
  }
  throw new Error(`no mapping of the program in process ${pid}`);
}

async function* run(): AsyncIterable<Figure> {
  const program = fixture("bench_target");
  const args = [
    "run",
    "--json",
    "-o",
    "/dev/null",
    "--isolation=private-file",
    "--slow",
    `${program}:f_push=5us`,
  ];
  const command = ["--", program, "wait"];
  const { probes } = sbJson([...args, "-o", "-", "--dry-run", ...command]) as {
    probes: { file_offset: string }[];
  };
  const offset = Number(probes[0].file_offset);
  await using bystander = await BenchTarget.start(1);
  const unprobed: number[] = [];
  const probed: number[] = [];
  let breakpoints = 0;
  let inside = 0;
  for (let round = 0; round < ROUNDS; round++) {
    unprobed.push((await bystander.bench("f_push", 20_000)).p50_ns);
    await using sb = await SbRun.start([...args, ...command]);
    await sb.lines.send("calls f_push 10");
    if (readMemory(bystander.pid, offset) === 0xcc) breakpoints++;
    if (readMemory(sb.commandPid, offset) === 0xcc) inside++;
    probed.push((await bystander.bench("f_push", 20_000)).p50_ns);
  }
  yield {
    name: "private-file: breakpoints in a process outside the scope",
    value: breakpoints,
    bound: 0,
    unit: "count",
    detail: `${ROUNDS} runs; inside the scope the byte was there in ${inside}`,
  };
  yield {
    name: "private-file: cost of its calls, while probed / unprobed",
    value: median(probed.map((ns, round) => ns / unprobed[round])),
    bound: 1.05,
    unit: "ratio",
    detail: `median of ${ROUNDS}; ${median(unprobed).toFixed(0)} ns a call unprobed`,
  };
}

export const isolation: Benchmark = { name: "isolation", run };
