/** A command that the one file runs finds the state that the file was started in, as with the checkout's sb. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { root, skipUnless } from "../skip.ts";
import { artifact, ROOT } from "./artifact.ts";

/** What the command looks at; its answer goes to a file, since its streams may be closed. */
const LOOK = `{
  ls /proc/$$/fd
  grep -E '^Sig(Ign|Blk)' /proc/self/status
  ulimit -Sn
  umask
  env | grep -v '^_=' | sort
} > "$0"`;

const SETTINGS: Readonly<Record<string, string>> = {
  "nothing special": "",
  "a closed standard input": "exec 0<&-;",
  "closed input and errors": "exec 0<&- 2>&-;",
  "ignored signals": "trap '' HUP PIPE INT;",
  "a limit of open files": "ulimit -Sn 300;",
  "a umask": "umask 027;",
  "variables of Node and of sb": "export NODE_OPTIONS=--x SB_START=mine;",
};

async function seenBy(sb: string, setting: string): Promise<string> {
  const path = await Deno.makeTempFile();
  try {
    const run = `exec "$1" run -q -o /dev/null --slow libc:sched_yield -- /bin/sh -c "$2" "$3"`;
    await new Deno.Command("sh", { args: ["-c", setting + run, "sh", sb, LOOK, path], stdin: "null" })
      .output();
    return (await Deno.readTextFile(path)).replaceAll(path, "");
  } finally {
    await Deno.remove(path);
  }
}

Deno.test({
  ...skipUnless("a command finds the same by the file and by the checkout", root()),
  fn: async () => {
    for (const [setting, script] of Object.entries(SETTINGS)) {
      const seen = await seenBy(await artifact(), script);
      assertNotEquals(seen, "", setting);
      assertEquals(seen, await seenBy(`${ROOT}scripts/sb`, script), setting);
    }
  },
});
