/** The fuzz targets: what each is made of, and where it starts. */
import { PARTS } from "../unit/kmod/build.ts";
import { commandSeeds, drawSeeds, elfSeeds, insnSeeds } from "./seeds.ts";

/** A target of libFuzzer. */
export interface Target {
  /** The module's sources, whose coverage counts. */
  parts: readonly string[];
  /** The target itself and what it needs. */
  sources: readonly string[];
  /** What the compiler is told besides. */
  flags?: readonly string[];
  /** The longest input. */
  maxBytes: number;
  /** Words that the fuzzer puts into inputs. */
  words: readonly string[];
  seeds(): Uint8Array[];
}

const WORDS = [
  ...["+", "-", "=", "@", "#", "*", ":", ",", "?", "%41", "0x", " ", "\\x0a"],
  ...[
    "/bin/x:f",
    "pid=",
    "owner=",
    "tag=",
    "on=",
    "offset=",
    "at=entry",
    "at=return",
    "how=spin",
    "how=sleep",
  ],
  ...[
    "every=",
    "times=",
    "probability=",
    "start=",
    "duration=",
    "dist=uniform:",
    "dist=normal:",
    "dist=exp:",
  ],
  ...["floor=", "compensate=", "histogram=", "18446744073709551616", "9223372036854775807", "10000000000"],
];

/** By name. */
export const TARGETS: Readonly<Record<string, Target>> = {
  command: {
    parts: PARTS.command,
    sources: ["tests/fuzz/command_target.c", "tests/fuzz/command_text.c", "tests/fuzz/command_fault.c"],
    maxBytes: 4200,
    words: WORDS,
    seeds: commandSeeds,
  },
  elf: {
    parts: [...PARTS.elf, ...PARTS.insn],
    sources: ["tests/fuzz/elf_target.c", "tests/fuzz/elf_mutator.c"],
    // So that files of some kilobytes have tables of many chunks.
    flags: ["-DSB_CHUNK=256", "-DSB_NAME_BLOCK=32", "-DSB_NAME_BLOCKS=8"],
    maxBytes: 8192,
    words: [],
    seeds: elfSeeds,
  },
  insn: {
    parts: PARTS.insn,
    sources: ["tests/fuzz/insn_target.c"],
    maxBytes: 20,
    words: [],
    seeds: insnSeeds,
  },
  draw: {
    parts: PARTS.draw,
    sources: ["tests/fuzz/draw_target.c"],
    maxBytes: 96,
    words: [],
    seeds: drawSeeds,
  },
};
