/** scripts/sb in front of a program that only starts its command: what the command sees with and without it. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;

const PROGRAM = `
import { rawArguments, startCommand } from ${JSON.stringify(`file://${ROOT}src/command/mod.ts`)};
try {
  using running = startCommand({ command: rawArguments(Deno.args.length - 1) });
  const { exitCode, signal } = await running.wait();
  Deno.exit(exitCode ?? 128 + signal);
} catch (error) {
  console.error(error.message);
  Deno.exit(error.data.exit);
}
`;

/** A checkout's scripts beside a program of the test, and a link to them as a PATH would have it. */
async function withCheckout(run: (sb: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/tree/scripts/offline`, { recursive: true });
    await Deno.mkdir(`${folder}/bin`);
    for (const name of ["sb", "deno", "offline/import_map.json"]) {
      await Deno.copyFile(`${ROOT}scripts/${name}`, `${folder}/tree/scripts/${name}`);
    }
    await Deno.writeTextFile(`${folder}/tree/deno.json`, "{}");
    await Deno.writeTextFile(`${folder}/tree/cli.ts`, PROGRAM);
    await Deno.symlink("../tree/scripts/sb", `${folder}/bin/sb`);
    await run(`${folder}/bin/sb`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a shell script. @returns all that it wrote, and how it ended */
async function shell(script: string, args: string[] = []): Promise<{ text: string; code: number }> {
  const { stdout, stderr, code } = await new Deno.Command("sh", { args: ["-c", script, "sh", ...args] })
    .output();
  return { text: new TextDecoder("latin1").decode(stdout) + new TextDecoder("latin1").decode(stderr), code };
}

/** What a command can see of the state that it was started in; each is one command without a shell. */
const LOOKS = [
  "cat /proc/self/environ",
  "cat /proc/self/limits",
  "grep -E '^(Sig(Ign|Blk)|Umask|NoNewPrivs|Seccomp|Cap|Groups|Uid|Gid)' /proc/self/status",
  "readlink /proc/self/cwd",
  "python3 -c 'import os; print([fd for fd in range(20) if os.path.exists(f\"/proc/self/fd/{fd}\")])'",
];

const SETTINGS = {
  "plain": "",
  "a soft limit of open files": "ulimit -Sn 300;",
  "ignored signals, as by nohup": "trap '' HUP PIPE INT QUIT TERM USR1;",
  "a umask and a folder": "umask 027; cd /usr/lib;",
  "inherited descriptors": "exec 3</etc/passwd 7>/dev/null;",
  "a closed standard input": "exec 0<&-;",
  "a variable that Deno reads": "export DENO_NO_UPDATE_CHECK=x NO_COLOR=1 SB_START=mine;",
};

for (const [setting, script] of Object.entries(SETTINGS)) {
  Deno.test(`a command sees the same with scripts/sb and without: ${setting}`, () =>
    withCheckout(async (sb) => {
      for (const look of LOOKS) {
        const without = await shell(`${script} exec env 'odd.name=1' Z=1 A=2 ${look}`);
        const within = await shell(`${script} exec env 'odd.name=1' Z=1 A=2 "$1" run ${look}`, [sb]);
        assertEquals(within, without, look);
        assert(without.text.length > 0);
      }
    }));
}

Deno.test("a command sees the signals blocked that were blocked when sb was started", () =>
  withCheckout(async (sb) => {
    const block = `import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM])
os.execvp(sys.argv[1], sys.argv[1:])`;
    const look = ["grep", "SigBlk", "/proc/self/status"];
    const run = async (command: string[]) =>
      new TextDecoder().decode(
        (await new Deno.Command("python3", { args: ["-c", block, ...command] }).output()).stdout,
      );
    assertEquals(await run([sb, "run", ...look]), await run(look));
    assertEquals(await run(look), "SigBlk:\t0000000000004200\n");
  }));

Deno.test("a command sees the same where sh is bash", () =>
  withCheckout(async (sb) => {
    const script = await Deno.realPath(sb);
    const look = "grep -E '^(Sig(Ign|Blk)|Umask)' /proc/self/status";
    for (const setting of ["", "trap '' HUP PIPE;", "trap '' QUIT;"]) {
      const without = await shell(`${setting} exec ${look}`);
      assertEquals(await shell(`${setting} exec bash "$1" run ${look}`, [script]), without, setting);
    }
  }));

Deno.test("arguments and environment reach the command byte for byte", () =>
  withCheckout(async (sb) => {
    const script = `exec "$@" od -An -c /proc/self/cmdline`;
    const bytes = `printf 'x\\377y'`;
    const without = await shell(`V=$(${bytes}); export V; exec od -An -c /proc/self/environ`);
    const within = await shell(`V=$(${bytes}); export V; exec "$1" run od -An -c /proc/self/environ`, [sb]);
    assertEquals(within, without);
    assertEquals((await shell(script, [sb, "run"])).text, (await shell(script)).text);
    const raw = await shell(`exec "$1" run printf %s "$(${bytes})"`, [sb]);
    assertEquals(raw.text, "x\xffy");
  }));

Deno.test("a large environment reaches the command, without what scripts/sb added", () =>
  withCheckout(async (sb) => {
    const large = "unset DENO_NO_UPDATE_CHECK SB_START; " +
      "export A=$(head -c 100000 /dev/zero | tr '\\0' a) B=$(head -c 100000 /dev/zero | tr '\\0' b);";
    const look = "grep -zcE '^(DENO_NO_UPDATE_CHECK|SB_START)=|^[AB]=' /proc/self/environ";
    assertEquals(await shell(`${large} exec "$1" run ${look}`, [sb]), await shell(`${large} exec ${look}`));
    assertEquals((await shell(`${large} exec ${look}`)).text, "2\n");
  }));

Deno.test("scripts/sb ends as its command does", () =>
  withCheckout(async (sb) => {
    assertEquals((await shell(`exec "$1" run sh -c 'exit 3'`, [sb])).code, 3);
    assertEquals((await shell(`exec "$1" run sh -c 'kill -9 $$'`, [sb])).code, 137);
    assertEquals((await shell(`exec "$1" run /etc/passwd`, [sb])).code, 126);
    assertEquals((await shell(`exec "$1" run sb-no-such-command`, [sb])).code, 127);
  }));

Deno.test("Deno itself runs with another limit than the one that scripts/sb puts back", async () => {
  const read = `console.log(Deno.readTextFileSync("/proc/self/limits"))`;
  const soft = (text: string) => /^Max open files +(\d+)/m.exec(text)?.[1];
  const { text } = await shell(`ulimit -Sn 300; exec "$@"`, [Deno.execPath(), "eval", "--no-config", read]);
  assertNotEquals(soft(text), undefined);
  assertNotEquals(soft(text), "300");
});
