/** scripts/install into a tree of its own: what it puts, and that it takes all of it away again. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/table.ts";
import { VERSION } from "../../src/cli/version.ts";
import { artifact, ROOT } from "../one_file/artifact.ts";
import { executable, skipUnless } from "../skip.ts";

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

async function run(program: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, env, stdin: "null", cwd: "/" })
    .output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** What is in a tree, folders too, by path. */
function tree(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? [`${name}/`, ...tree(`${folder}/${name}`).map((path) => `${name}/${path}`)] : [name]
  ).sort();
}

async function inTree(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ suffix: " a tree" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const INSTALL = `${ROOT}scripts/install`;

Deno.test("what is installed works from its prefix, and goes without a trace", () =>
  inTree(async (DESTDIR) => {
    const file = await artifact();
    await Deno.mkdir(`${DESTDIR}/usr/bin`, { recursive: true });
    await Deno.writeTextFile(`${DESTDIR}/usr/bin/other`, "");
    const before = tree(DESTDIR);
    const installed = await run(INSTALL, ["--prefix", "/usr", "--file", file], { DESTDIR });
    assertEquals([installed.code, installed.stderr], [0, ""]);

    assertEquals((await run(`${DESTDIR}/usr/bin/sb`, ["--version"])).stdout, `sb ${VERSION}\n`);
    const there = tree(DESTDIR);
    for (const { name } of COMMANDS) assert(there.includes(`usr/share/man/man1/sb-${name}.1`), name);
    for (
      const path of [
        "share/man/man1/sb.1",
        "share/bash-completion/completions/sb",
        "share/zsh/site-functions/_sb",
        "share/fish/vendor_completions.d/sb.fish",
        "lib/systemd/system/sb.service",
        "lib/systemd/system/sb.socket",
        "lib/sysusers.d/sb.conf",
      ]
    ) assert(there.includes(`usr/${path}`), path);
    assert(there.some((path) => /^usr\/src\/[a-z_]+-[0-9.]+\/dkms\.conf$/.test(path)));
    assertEquals(there.filter((path) => /\.(o|ko|cmd|new)$/.test(path)), []);
    assertEquals((await Deno.stat(`${DESTDIR}/usr/share/man/man1/sb.1`)).mode! & 0o777, 0o644);
    const unit = await Deno.readTextFile(`${DESTDIR}/usr/lib/systemd/system/sb.service`);
    assertStringIncludes(unit, "ExecStart=/usr/bin/sb serve");

    // Again, as an update: nothing more is there, and one list.
    await Deno.writeTextFile(`${DESTDIR}/usr/bin/sb`, "an older one");
    assertEquals((await run(INSTALL, ["--prefix=/usr", `--file=${file}`], { DESTDIR })).code, 0);
    assertEquals(tree(DESTDIR), there);

    const gone = await run(INSTALL, ["--uninstall", "--prefix", "/usr"], { DESTDIR });
    assertEquals(gone, { code: 0, stdout: "", stderr: "" });
    assertEquals(tree(DESTDIR), before);
  }));

Deno.test({
  ...skipUnless("man finds the pages below the prefix", executable("/usr/bin/man")),
  fn: () =>
    inTree(async (DESTDIR) => {
      assertEquals(
        (await run(INSTALL, ["--prefix", "/opt/sb", "--file", await artifact()], { DESTDIR })).code,
        0,
      );
      const unit = await Deno.readTextFile(`${DESTDIR}/opt/sb/lib/systemd/system/sb.service`);
      assertStringIncludes(unit, "ExecStart=/opt/sb/bin/sb serve");
      const env = { MANPATH: `${DESTDIR}/opt/sb/share/man`, LC_ALL: "C.UTF-8", MANPAGER: "cat" };
      assertStringIncludes((await run("man", ["sb"], env)).stdout, "SB(1)");
      assertStringIncludes((await run("man", ["sb-run"], env)).stdout, "SB-RUN(1)");
      assertEquals((await run(INSTALL, ["--prefix", "/opt/sb", "--uninstall"], { DESTDIR })).code, 0);
      assertEquals(tree(DESTDIR), []);
    }),
});

Deno.test("a wrong word, a relative prefix, and what is not installed, are refused", () =>
  inTree(async (DESTDIR) => {
    for (
      const [args, code, said] of [
        [["--perfix", "/usr"], 2, "--perfix"],
        [["--prefix", "usr"], 2, '"usr" is no absolute path'],
        [["--uninstall"], 1, "it is not installed there"],
        [["--file", "/bin/false"], 1, "does not run"],
      ] as const
    ) {
      const ended = await run(INSTALL, [...args], { DESTDIR });
      assertEquals([ended.code, ended.stdout], [code, ""]);
      assertStringIncludes(ended.stderr, said);
    }
    assertEquals(tree(DESTDIR), []);
  }));
