/** sb's verbs as command lines, and their JSON read back: each a process of its own, or in this one. */
import { assertEquals } from "@std/assert";
import { asSbError } from "../../mod.ts";
import { runVerb, type Verb } from "../../src/cli/commands/controlling.ts";
import { errorJson } from "../../src/cli/output/errors.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { runSb, type SbResult } from "../control.ts";

/** A probe as `sb list --json` has it. */
export interface Listed {
  id: string | null;
  backend: string;
  persistent: boolean;
  owner: { pid: number } | null;
  scope: { kind: string; pid: number | null; members: number | null };
  tag: string | null;
  target: string;
  sites: { file_offset: string; site: string | null }[];
  state: string;
  delay: string;
  delay_ns: number;
  schedule: { every: number; times: number | null; probability: number };
  floor_ns: number | null;
  hits: number;
  delayed: number;
  cut: number;
  added_ns: number;
  min_ns: number | null;
  outside: number;
}

/** A backend as `sb status --json` has it. */
export interface Status {
  backend: string;
  present: boolean;
  enabled: boolean | null;
  default_delay_ns: number | null;
  probes: number | null;
  owned: number | null;
  hits: number | null;
  delayed: number | null;
}

/** What a verb that failed said. */
export interface Failure {
  exit: number;
  code: string;
  message: string;
  hint: string | null;
}

/** Runs a command line of sb in this process: where starting one takes seconds. */
async function runHere(args: readonly string[]): Promise<SbResult> {
  try {
    const invocation = parseCommandLine(args);
    const answer = await runVerb(invocation.command?.name as Verb, invocation);
    return { code: 0, stdout: answer.json(), stderr: "" };
  } catch (thrown) {
    const error = asSbError(thrown);
    return { code: error.row.exit, stdout: errorJson(error), stderr: "" };
  }
}

/** The verbs on one backend; disposing clears it. */
export class Verbs implements AsyncDisposable {
  readonly backend: "ebpf" | "kmod";
  readonly #runSb: (args: readonly string[]) => Promise<SbResult>;

  /** @param options.here in this process, not in one of its own each */
  constructor(backend: "ebpf" | "kmod", options: { here: boolean } = { here: false }) {
    this.backend = backend;
    this.#runSb = options.here ? runHere : runSb;
  }

  async #run(verb: string, args: readonly string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await this.#runSb([
      verb,
      "--json",
      `--backend=${this.backend}`,
      ...args,
    ]);
    assertEquals([code, stderr], [0, ""], `sb ${verb} ${args.join(" ")}: ${stdout}`);
    return JSON.parse(stdout);
  }

  async #probes(verb: string, args: readonly string[]): Promise<Listed[]> {
    return (await this.#run(verb, args)).probes as Listed[];
  }

  add(...args: string[]): Promise<Listed[]> {
    return this.#probes("add", args);
  }

  update(...args: string[]): Promise<Listed[]> {
    return this.#probes("update", args);
  }

  remove(...args: string[]): Promise<Listed[]> {
    return this.#probes("remove", args);
  }

  list(...args: string[]): Promise<Listed[]> {
    return this.#probes("list", args);
  }

  async enable(): Promise<void> {
    await this.#run("enable", []);
  }

  async disable(): Promise<void> {
    await this.#run("disable", []);
  }

  async clear(...args: string[]): Promise<number> {
    return (await this.#run("clear", args)).removed as number;
  }

  async status(): Promise<Status> {
    return ((await this.#run("status", [])).backends as Status[])[0];
  }

  /** @param time a new default; without one it is only read */
  async delay(...time: string[]): Promise<number | null> {
    return ((await this.#run("delay", time)).backends as Status[])[0].default_delay_ns;
  }

  /** A verb that is to fail. */
  async fail(verb: string, ...args: string[]): Promise<Failure> {
    const { code: exit, stdout, stderr } = await this.#runSb([
      verb,
      "--json",
      `--backend=${this.backend}`,
      ...args,
    ]);
    assertEquals(stderr, "", `sb ${verb} ${args.join(" ")}`);
    const { error } = JSON.parse(stdout);
    return { exit, code: error?.code, message: error?.message, hint: error?.hint };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Disabled first: the next test must not find this one's setting in the module.
    await this.disable();
    await this.clear("--all");
    await this.delay("1ms");
    if (this.backend === "ebpf") await this.clear("--all");
  }
}
