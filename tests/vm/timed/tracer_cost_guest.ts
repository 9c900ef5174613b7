/** What counted functions cost with and without the tracer, in deterministic time, beside empty probes of other kinds. */
import { fixture } from "../../fixtures/build.ts";
import { run } from "../kernel_module.ts";
import { loadBoth, unloadModule } from "../tracer.ts";
import { check, note } from "./figures.ts";

/** A pair of calls, nanoseconds. */
interface Costs {
  state: string;
  kmalloc: number;
  mutex: number;
  semaphore: number;
}

const PAIRS = ["kmalloc", "mutex", "semaphore"] as const;

function measure(...states: string[]): Costs[] {
  const { code, text } = run(fixture("tracer_costs"), ...states);
  if (code !== 0) throw new Error(text);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("the tracer costs nothing while nobody is watched, and less than empty kprobes while others are", () => {
  using _modules = loadBoth();
  const [bare, kprobes, kretprobe, tracepoint, others, watched] = measure(
    ...["bare", "kprobes", "kretprobe", "tracepoint", "others", "watched"],
  );
  for (const costs of [bare, kprobes, kretprobe, tracepoint, others, watched]) {
    note(costs.state, PAIRS.map((pair) => `${pair} ${costs[pair]} ns`).join(", "));
  }
  unloadModule("tracer");
  const [without] = measure("bare");
  check(PAIRS.flatMap((pair) => [
    {
      name: `${pair}: loaded, nobody watched, over not loaded`,
      value: bare[pair] / without[pair],
      bound: 1.005,
      unit: "ratio" as const,
      detail: `${bare[pair]} ns a pair`,
    },
    {
      name: `${pair}: another is watched, over empty kprobes`,
      value: (others[pair] - without[pair]) / (kprobes[pair] - without[pair]),
      bound: 0.5,
      unit: "ratio" as const,
      detail: `${others[pair]} ns a pair`,
    },
  ]));
});
