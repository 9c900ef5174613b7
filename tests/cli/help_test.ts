/** The help, the completions and the manual page, against golden files and their own readers. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { completionScript } from "../../src/cli/completions.ts";
import { commandHelp, mainHelp } from "../../src/cli/help.ts";
import { commandManPage, manPage, pageName } from "../../src/cli/man.ts";
import { COMMANDS, GLOBAL_OPTIONS, SHELLS } from "../../src/cli/table.ts";
import { UNIT_NAMES } from "../../src/cli/table/serving.ts";
import { UNITS } from "../../src/cli/units.ts";
import { executable, skipUnless } from "../skip.ts";
import { assertGolden } from "./golden.ts";

Deno.test("sb --help lists the commands", () => assertGolden("help.txt", mainHelp()));

for (const command of COMMANDS) {
  Deno.test(`sb help ${command.name} is the golden text`, () => {
    assertGolden(`help_${command.name}.txt`, commandHelp(command));
  });
}

Deno.test("the help stays within 82 columns, but for command lines that may not be broken", () => {
  for (const text of [mainHelp(), ...COMMANDS.map(commandHelp)]) {
    for (const line of text.split("\n")) {
      assert([...line].length <= 82 || /^ {2}(sudo )?sb /.test(line), `${[...line].length} columns: ${line}`);
    }
  }
});

Deno.test("the table gives no option of a command twice, long or short", () => {
  for (const command of COMMANDS) {
    const options = [...command.options, ...GLOBAL_OPTIONS];
    for (const names of [options.map((row) => row.long), options.flatMap((row) => row.short ?? [])]) {
      assertEquals(names.length, new Set(names).size, `${command.name}: ${names.join(" ")}`);
    }
  }
});

Deno.test("every command has an example that begins with sb", () => {
  for (const command of COMMANDS) {
    assert(command.examples.length > 0);
    for (const { line } of command.examples) assert(/^(sudo )?sb /.test(line), line);
  }
});

for (const shell of SHELLS) {
  Deno.test(`sb completions ${shell} is the golden text`, () => {
    assertGolden(`completions.${shell}`, completionScript(shell));
  });
}

async function bashCompletes(words: string[]): Promise<string[]> {
  const script = `${completionScript("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
COMP_LINE='${words.join(" ")}'; COMP_POINT=\${#COMP_LINE}
compopt() { :; }
_sb; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", script],
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("bash completes commands, options and the values of options", async () => {
  assertEquals(await bashCompletes(["sb", "sy"]), ["symbols"]);
  assertEquals(await bashCompletes(["sb", "run", "--prob"]), ["--probability"]);
  assertEquals(await bashCompletes(["sb", "run", "--isolation", "p"]), ["private-file", "per-process"]);
  assertEquals(await bashCompletes(["sb", "completions", "z"]), ["zsh"]);
  assertEquals(await bashCompletes(["sb", "help", "att"]), ["attach"]);
  assertEquals(await bashCompletes(["sb", "doctor", "--slow"]), [""]);
});

Deno.test("bash completes a command behind --", async () => {
  assert((await bashCompletes(["sb", "run", "--slow", "a", "--", "bas"])).includes("bash"));
});

Deno.test("sb man is the golden text, and every command and option is in it", () => {
  const page = manPage();
  assertGolden("sb.1", page);
  for (const command of COMMANDS) {
    assertStringIncludes(page, `.SH SB ${command.name.toUpperCase()}`);
    for (const { long } of command.options) {
      assertStringIncludes(page, `\\-\\-${long.replaceAll("-", "\\-")}`);
    }
  }
});

/** What a formatter writes of a page. */
async function complaints(program: string, args: string[], page: string): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".1" });
  try {
    await Deno.writeTextFile(path, page);
    const { stdout, stderr } = await new Deno.Command(program, {
      args: [...args, path],
      env: { LC_ALL: "C.UTF-8", MANWIDTH: "80" },
      stdin: "null",
    }).output();
    return new TextDecoder().decode(program === "mandoc" ? stdout : stderr).replaceAll(path, "page");
  } finally {
    await Deno.remove(path);
  }
}

/** What of mandoc's remarks holds: pages have no date, since the same sources make the same pages. */
function warnings(text: string): string[] {
  return text.split("\n").filter((line) =>
    /WARNING|ERROR|UNSUPP/.test(line) && !line.includes("missing date")
  );
}

const PAGES: readonly [string, string][] = [
  ["sb", manPage()],
  ...COMMANDS.map((command): [string, string] => [pageName(command), commandManPage(command)]),
];

Deno.test({
  ...skipUnless(
    "man(1) and mandoc(1) read every page without a warning",
    executable("/usr/bin/man"),
    executable("/usr/bin/mandoc"),
  ),
  fn: async () => {
    for (const [name, page] of PAGES) {
      assertEquals(await complaints("man", ["--warnings", "-l"], page), "", name);
      assertEquals(warnings(await complaints("mandoc", ["-T", "lint"], page)), [], name);
    }
    // A request that no formatter knows is a complaint.
    assert(warnings(await complaints("mandoc", ["-T", "lint"], `${manPage()}.SX x\n`)).length > 0);
  },
});

Deno.test("sb serve --unit has the units of rpc/systemd", () => {
  assertEquals(Object.keys(UNITS), [...UNIT_NAMES]);
  for (const name of UNIT_NAMES) {
    assertEquals(UNITS[name], Deno.readTextFileSync(new URL(`../../rpc/systemd/${name}`, import.meta.url)));
  }
});

Deno.test("the page of a command is the golden text", () => {
  const [run] = COMMANDS;
  assertGolden(`sb-${run.name}.1`, commandManPage(run));
});
