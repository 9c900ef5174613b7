/** The one file run by two users and by root: nobody runs what somebody else could have put there. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/cli/version.ts";
import { ALICE, BOB } from "../rpc/users.ts";
import { root, skipUnless } from "../skip.ts";
import { artifact } from "./artifact.ts";
import { confined } from "./confined.ts";

const ANSWER = `sb ${VERSION}\n`;

/** A test of a script whose standard output must be as given. */
function holds(title: string, script: string, stdout: string): void {
  Deno.test({
    ...skipUnless(title, root()),
    fn: async () => {
      const ended = await confined(await artifact(), script);
      assertEquals([ended.stdout.replace(/build-[0-9a-f]{16}/g, "BUILD"), ended.stderr], [stdout, ""]);
    },
  });
}

holds(
  "sudo with the caller's HOME and XDG_CACHE_HOME runs nothing of the caller's, and leaves nothing there",
  `alice /mnt/sb --version
plant /home/${ALICE}/.cache/sb
chown -R ${ALICE}:${ALICE} /home/${ALICE}
env -i HOME=/home/${ALICE} XDG_CACHE_HOME=/home/${ALICE}/.cache /mnt/sb --version
ls /var/cache/sb | grep -c "^$build$"
find /home/${ALICE} -user root
cat /home/evil`,
  `${ANSWER}${ANSWER}1\n`,
);

holds(
  "a folder of the user's name that somebody else made in /var/tmp is passed over",
  `bob mkdir /var/tmp/sb-${ALICE}
plant /var/tmp/sb-${ALICE}
chown -R ${BOB}:${BOB} /var/tmp/sb-${ALICE}
homeless /mnt/sb --version
stat -c '%U %a' /tmp/sb-${ALICE} | sed 's/UNKNOWN/user/'
cat /home/evil`,
  `${ANSWER}user 700\n`,
);

holds(
  "links that somebody else made, to a folder of theirs or to one of the user's, lead to nothing that they can change",
  `plant /home/${BOB}/x
chown -R ${BOB}:${BOB} /home/${BOB}/x
bob ln -s /home/${BOB}/x /var/tmp/sb-${ALICE}
bob ln -s /home/${BOB}/none /tmp/sb-${ALICE}
homeless /mnt/sb --version 2>&1 | cut -c 1-60
bob rm /tmp/sb-${ALICE}
homeless /mnt/sb --version
bob find /home/${BOB} -user ${ALICE}
cat /home/evil`,
  `error: Cannot start "sb": there is no place to unpack it: /v\nhint: Set XDG_CACHE_HOME to a folder of your own with 100 MB\n${ANSWER}`,
);

holds(
  "a home that others may write, and one with a folder of theirs on the way, are passed over",
  `chmod 777 /home/${ALICE}
plant /home/${ALICE}/.cache/sb
chown -R ${ALICE}:${ALICE} /home/${ALICE}
alice /mnt/sb --version
ls /var/tmp
bob mkdir -p /home/${BOB}/in
plant /home/${BOB}/in/sb
chown -R ${ALICE}:${ALICE} /home/${BOB}/in
alice XDG_CACHE_HOME=/home/${BOB}/in /mnt/sb --version
cat /home/evil`,
  `${ANSWER}sb-${ALICE}\n${ANSWER}`,
);

holds(
  "what was changed after it was verified is seen, and unpacked anew",
  `alice /mnt/sb --version
at=/home/${ALICE}/.cache/sb/$build
before=$(sha256sum $at/sb.js $at/deno)
printf '#!/bin/sh\\necho >>/home/evil\\n' | dd of=$at/deno conv=notrunc 2>/dev/null
alice /mnt/sb --version
# As long as it was, and as old.
touch -r $at/sb.js /tmp/when
printf 'x' | dd of=$at/sb.js conv=notrunc 2>/dev/null
touch -r /tmp/when $at/sb.js
alice /mnt/sb --version
[ "$(sha256sum $at/sb.js $at/deno)" = "$before" ] && echo whole
ls $at/..
cat /home/evil`,
  `${ANSWER}${ANSWER}${ANSWER}whole\nBUILD\n`,
);

Deno.test({
  ...skipUnless("a worker of the server is the file, too: another user's request is answered", root()),
  fn: async () => {
    const { stdout, stderr } = await confined(
      await artifact(),
      `/mnt/sb serve --quiet --socket /tmp/sb.sock &
server=$!
until [ -S /tmp/sb.sock ]; do sleep 0.1; done
chmod 666 /tmp/sb.sock
bob /mnt/sb call --socket /tmp/sb.sock symbols.search file=/mnt/none pattern=main 2>&1
bob /mnt/sb call --socket /tmp/sb.sock symbols.search file=/bin/bash pattern=main 2>&1
kill $server
wait $server`,
    );
    assertStringIncludes(stdout, 'Cannot find "/mnt/none"');
    assertStringIncludes(stdout, '"main"');
    assertEquals(stderr, "");
  },
});
