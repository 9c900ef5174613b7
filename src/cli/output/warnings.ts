/** What a reader of a report must know beyond its figures: zero hits, misses, floors, replaced files. Pure. */
import { formatTime, humanTime, meanDelayNs, type ProbeReport, type SessionResult } from "../../../mod.ts";
import { humanCount } from "./columns.ts";

/** Something to know, and the way on when there is one. */
export interface Warning {
  text: string;
  hint?: string;
}

/** The warnings of a report, the gravest kinds first; one line for many probes of the same kind. */
export function findWarnings(result: SessionResult): Warning[] {
  const { probes } = result;
  return [
    ...grouped(probes, replacedFile),
    ...grouped(probes, missed),
    ...grouped(probes, (report) => neverHit(report, result.wallNs)),
    ...grouped(probes, neverChosen),
    ...grouped(probes, belowFloor),
    ...grouped(probes, clipped),
    ...grouped(probes, cutShort),
    ...grouped(probes, unknownFloor),
    ...bystanders(result),
  ];
}

/** What is said of one probe: `kind` groups probes of which the same is said. */
interface Finding {
  kind: string;
  /** Of one probe; the target stands in front of it. */
  one: string;
  /** Of several; their number stands in front of it. */
  many: string;
  hint?: string;
}

function grouped(probes: readonly ProbeReport[], find: (report: ProbeReport) => Finding | null): Warning[] {
  const groups = new Map<string, { finding: Finding; targets: string[] }>();
  for (const report of probes) {
    const finding = find(report);
    if (!finding) continue;
    const group = groups.get(finding.kind);
    if (group) group.targets.push(report.plan.target);
    else groups.set(finding.kind, { finding, targets: [report.plan.target] });
  }
  return [...groups.values()].map(({ finding, targets }) => {
    const text = targets.length === 1
      ? `${targets[0]} ${finding.one}`
      : `${humanCount(targets.length)} probes ${finding.many}: ${targets.slice(0, 3).join(", ")}${
        targets.length > 3 ? ", …" : ""
      }`;
    return finding.hint === undefined ? { text } : { text, hint: finding.hint };
  });
}

function replacedFile({ plan, replaced }: ProbeReport): Finding | null {
  if (!replaced) return null;
  return {
    kind: `replaced ${plan.file.path}`,
    one: "was replaced: what started after that ran the new file, unprobed",
    many: `are in ${plan.file.path}, which was replaced: what started after that ran the new file, unprobed`,
    hint: "Run it again",
  };
}

function missed({ statistics, plan }: ProbeReport): Finding | null {
  if (statistics.misses === 0) return null;
  const share = statistics.misses / (statistics.hits + statistics.misses);
  const reason = plan.attach === "trampoline"
    ? "the kernel keeps at most 64 nested returns"
    : "they were neither counted nor delayed";
  return {
    kind: `missed ${plan.target}`,
    one: `missed ${counted(statistics.misses, "execution")} (${percent(share)}): ${reason}`,
    many: "",
  };
}

function neverHit({ plan, statistics }: ProbeReport, wallNs: number): Finding | null {
  if (statistics.hits + statistics.misses > 0) return null;
  const { startNs } = plan.spec.schedule;
  if (startNs >= wallNs && startNs > 0) {
    return {
      kind: "window",
      one: `was not hit: its window opens after ${formatTime(startNs)}, and all was over after ${
        humanTime(wallNs)
      }`,
      many: `were not hit: their windows open after all was over (${humanTime(wallNs)})`,
      hint: "Give a smaller start",
    };
  }
  return {
    kind: `no hit ${plan.file.path}`,
    one: `was not hit. Either it was not called, or its callers have it inlined, or they use another copy ` +
      `(another library of that name, a static one)`,
    many: "were not hit",
    hint: `List what ${plan.file.path} has: sb symbols ${plan.file.path} '*${plan.symbol.split("@")[0]}*'`,
  };
}

function neverChosen({ plan, statistics }: ProbeReport): Finding | null {
  if (statistics.hits === 0 || statistics.delayed > 0 || meanDelayNs(plan.spec.delay) === 0) return null;
  const { every, times, probability } = plan.spec.schedule;
  const why = times === 0
    ? "times is 0"
    : probability === 0
    ? "probability is 0"
    : every > statistics.hits
    ? `every is ${every}`
    : "its schedule chose none";
  return {
    kind: `not chosen ${why}`,
    one: `was hit (${humanCount(statistics.hits)}) and never delayed: ${why}`,
    many: `were hit and never delayed: ${why}`,
  };
}

function belowFloor({ plan, floor, statistics }: ProbeReport): Finding | null {
  const { delay } = plan.spec;
  if (statistics.hits === 0 || delay.kind !== "fixed" || delay.ns === 0) return null;
  if (floor.source !== "calibrated" || delay.ns >= floor.ns) return null;
  return {
    kind: `floor ${delay.ns} ${floor.ns}`,
    one: `asks for ${formatTime(delay.ns)}, below the floor of its site (${
      humanTime(floor.ns)
    }): each hit adds the floor`,
    many: `ask for ${formatTime(delay.ns)}, below the floor of their sites (${
      humanTime(floor.ns)
    }): each hit adds the floor`,
    hint: `Ask for ${formatTime(roundUp(floor.ns))} or more, or delay fewer hits (every=N)`,
  };
}

/** To the next hundred nanoseconds: a figure that a person would type. */
function roundUp(ns: number): number {
  return Math.ceil(ns / 100) * 100;
}

function clipped({ plan, statistics }: ProbeReport): Finding | null {
  if (statistics.clipped === 0) return null;
  const share = percent(statistics.clipped / Math.max(1, statistics.delayed));
  return {
    kind: `clipped ${plan.target}`,
    one: `had ${counted(statistics.clipped, "draw")} (${share}) outside 0 … 10 s, clipped`,
    many: "",
  };
}

function cutShort({ plan, statistics }: ProbeReport): Finding | null {
  if (statistics.cut === 0) return null;
  return {
    kind: `cut ${plan.target}`,
    one: `had ${counted(statistics.cut, "delay")} ended early (a fatal signal, or the probe was removed); ` +
      `not in the figures`,
    many: "",
  };
}

function unknownFloor({ floor, statistics }: ProbeReport): Finding | null {
  if (floor.source !== "unknown" || statistics.hits === 0) return null;
  return {
    kind: "unknown floor",
    one: "has an unknown floor: its trap costs more than the figures say, and is not compensated",
    many: "have an unknown floor: their traps cost more than the figures say, and are not compensated",
  };
}

function bystanders({ isolation, bystanders: cost }: SessionResult): Warning[] {
  if (isolation !== "shared" || !cost || cost.processes + cost.hits === 0) return [];
  return [{
    text: `${humanCount(cost.processes)} processes out of scope had the files mapped and trapped ` +
      `${humanCount(cost.hits)} times: about ${humanTime(cost.costNs)} of theirs (isolation shared)`,
    hint: "Use --isolation private-file or per-process where it can be had",
  }];
}

function counted(count: number, noun: string): string {
  return `${humanCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** 12 %, 0.4 %, under 0.1 %. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "under 0.1 %";
  return `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))} %`;
}
