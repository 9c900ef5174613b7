/** A minute of fuzzing, and faults that it must find. */
import { assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import { executable, skipUnless } from "../skip.ts";
import { readSource } from "../unit/kmod/build.ts";
import { type Extent, fuzz, type Outcome } from "./fuzz.ts";
import { type Target, TARGETS } from "./targets.ts";

const CLANG = executable("/usr/bin/clang");
const X86 = { holds: Deno.build.arch === "x86_64", why: "the ELF files that it starts from are x86-64" };

/** What each target gets of a minute. */
const SECONDS: Readonly<Record<string, number>> = { command: 22, elf: 30, insn: 4, draw: 4 };
const MIN_RUNS = 10_000;

/** A line of the module's code, and what stands there instead: a fault. */
interface Fault {
  source: string;
  line: string;
  instead: string;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  command: {
    source: "kmod/speed_bump/command.c",
    line: "if (to - symbol > SB_MAX_SYMBOL)",
    instead: "if (to - symbol > SB_MAX_SYMBOL + 1)",
  },
  elf: {
    source: "kmod/speed_bump/elf_image.c",
    line: "if (!sb_image_holds(image, pos, len))",
    instead: "if (!sb_image_holds(image, pos, 0))",
  },
  insn: {
    source: "kmod/speed_bump/insn_x86.c",
    line: "if (code.at > len || code.at > SB_INSN_MAX)",
    instead: "if (code.at > SB_INSN_MAX)",
  },
  draw: {
    source: "kmod/speed_bump/draw.c",
    line: "*clipped = distance > dist->a;",
    instead: "*clipped = distance > dist->a + 1000;",
  },
};

async function fuzzAfresh(
  name: string,
  extent: Extent,
  change?: (folder: string) => Target,
): Promise<Outcome> {
  const folder = Deno.makeTempDirSync({ prefix: "sb-fuzz-" });
  try {
    return await fuzz(name, extent, { folder, target: change?.(folder) ?? TARGETS[name] });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A target with a fault in it. */
function withFault(name: string, folder: string): Target {
  const { source, line, instead } = FAULTS[name];
  const faulty = `${folder}/faulty.c`;
  const text = readSource(source);
  Deno.writeTextFileSync(faulty, text.replace(line, instead));
  assertNotEquals(readSource(faulty), text, `${source} has another line than "${line}"`);
  const target = TARGETS[name];
  return { ...target, parts: target.parts.map((part) => part === source ? faulty : part) };
}

for (const name of Object.keys(TARGETS)) {
  Deno.test({
    ...skipUnless(`fuzzing "${name}" finds nothing`, CLANG, X86),
    fn: async () => {
      const { runs, findings, log } = await fuzzAfresh(name, { seconds: SECONDS[name] });
      console.log(`${name}: ${runs} runs, ${findings.length} findings`);
      assertEquals(findings, [], log);
      assertGreater(runs, MIN_RUNS);
    },
  });

  Deno.test({
    ...skipUnless(`fuzzing "${name}" finds a fault that was put there`, CLANG, X86),
    fn: async () => {
      const { findings } = await fuzzAfresh(name, { seconds: 60 }, (folder) => withFault(name, folder));
      assertEquals(findings.length, 1);
    },
  });
}
