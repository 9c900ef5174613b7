/** Where the one file unpacks itself, and what it says where it cannot. */
import { assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../src/cli/version.ts";
import { ALICE } from "../rpc/users.ts";
import { root, skipUnless } from "../skip.ts";
import { artifact } from "./artifact.ts";
import { confined, type Ended } from "./confined.ts";

const ANSWER = `sb ${VERSION}\n`;
const HOME = `/home/${ALICE}`;

function place(title: string, script: string, check: (ended: Ended) => void): void {
  Deno.test({
    ...skipUnless(title, root()),
    fn: async () => check(await confined(await artifact(), script)),
  });
}

place(
  "the file works with a home of any name, one that is read-only from then on, and none",
  `alice HOME="${HOME}/with  two spaces, 'quotes' and ü" mkdir "${HOME}/with  two spaces, 'quotes' and ü"
cd "${HOME}/with  two spaces, 'quotes' and ü"
cp /mnt/sb './s b'
alice HOME="$PWD" './s b' --version
mount -t tmpfs -o size=600m tmpfs ${HOME}
chown ${ALICE}:${ALICE} ${HOME}
alice /mnt/sb --version
mount -o remount,ro ${HOME}
alice /mnt/sb --version
ls ${HOME}/.cache/sb | grep -vc "^$build$"
mount -t tmpfs -o ro tmpfs ${HOME}
alice /mnt/sb --version
homeless /mnt/sb --version
ls /var/tmp /tmp`,
  ({ stdout, stderr }) => {
    assertEquals(stderr, "");
    assertEquals(stdout, `${ANSWER.repeat(3)}0\n${ANSWER.repeat(2)}/tmp:\n\n/var/tmp:\nsb-${ALICE}\n`);
  },
);

place(
  "a home without space, and one where programs may not be run, are passed over",
  `mount -t tmpfs -o size=1m tmpfs ${HOME}
chown ${ALICE}:${ALICE} ${HOME}
mount -o remount,noexec /var/tmp
alice /mnt/sb --version
find ${HOME} /var/tmp -name 'making*'`,
  (ended) => assertEquals(ended, { code: 0, stdout: ANSWER, stderr: "" }),
);

place(
  "where there is no place at all, the error tells of each; a run ends as a shell's that could not start the command",
  `for full in ${HOME} /var/tmp; do
  mount -t tmpfs -o size=1m,mode=1777 tmpfs $full
done
chown ${ALICE}:${ALICE} ${HOME}
mount -o remount,ro /tmp
alice /mnt/sb --version; echo $?
alice /mnt/sb run -- true 2>/dev/null; echo $?
find ${HOME} /var/tmp -name 'making*'`,
  ({ stdout, stderr }) => {
    assertEquals(stdout, "1\n125\n");
    const places =
      `${HOME}/.cache/sb (no space is left), /var/tmp/sb-${ALICE} (no space is left), /tmp/sb-${ALICE} (Read-only file system)`;
    assertEquals(
      stderr,
      `error: Cannot start "sb": there is no place to unpack it: ${places}\n` +
        "hint: Set XDG_CACHE_HOME to a folder of your own with 100 MB of space\n",
    );
  },
);

place(
  "first starts at once all answer, and leave one copy; what killed starts left goes, and old builds do",
  `mkdir -p ${HOME}/.cache/sb/making-abc ${HOME}/.cache/sb/build-old ${HOME}/.cache/sb/build-new
touch ${HOME}/.cache/sb/build-new/deno
touch -d '2 months ago' ${HOME}/.cache/sb/build-old/deno ${HOME}/.cache/sb/making-abc
chown -R ${ALICE}:${ALICE} ${HOME}
alice /mnt/sb --version & alice /mnt/sb --version & alice /mnt/sb --version
wait
ls ${HOME}/.cache/sb | sed "s/^$build$/this/" | sort`,
  ({ stdout, stderr }) => {
    assertEquals(stderr, "");
    assertEquals(stdout.replaceAll(ANSWER, ""), "build-new\nthis\n");
    assertEquals(stdout.split(ANSWER).length, 4);
  },
);

place(
  "a file that was cut off, or has the bits of another user, says so",
  `head -c 30000000 /mnt/sb >/tmp/cut
cp /mnt/sb /tmp/set
chmod 755 /tmp/cut; chmod 4755 /tmp/set
alice /tmp/cut --version
alice /tmp/set --version
find ${HOME} /var/tmp /tmp -name 'build-*' -o -name 'making-*'`,
  ({ code, stdout, stderr }) => {
    assertEquals([code, stdout], [0, ""]);
    const [cut, again, set, hint] = stderr.split("\n");
    assertMatch(
      cut,
      /^error: Cannot start "sb": there is no place to unpack it: .* \(the file of sb is damaged\)$/,
    );
    assertEquals(again, "hint: Copy /tmp/cut anew");
    assertEquals(set, 'error: Cannot start "sb": its file is set-user-ID or set-group-ID');
    assertEquals(hint, "hint: chmod ug-s /tmp/set, and use sudo sb");
  },
);

place(
  "what Deno and Node read from the environment does not change sb, and reaches the command",
  `echo 'console.log("loaded")' >/tmp/load.cjs
env -i HOME=/root DENO_DIR=/tmp/deno NODE_OPTIONS='--require /tmp/load.cjs' /mnt/sb --version
ls /tmp/deno
env -i XDG_CACHE_HOME=/var/cache DENO_DIR=/tmp/deno NODE_OPTIONS='--require /tmp/load.cjs' /mnt/sb run -o /dev/null --slow libc:fork -- env`,
  ({ stdout, stderr }) => {
    assertMatch(stderr, /^ls: cannot access '\/tmp\/deno'/);
    assertEquals(
      stdout,
      `${ANSWER}XDG_CACHE_HOME=/var/cache\nDENO_DIR=/tmp/deno\nNODE_OPTIONS=--require /tmp/load.cjs\n`,
    );
  },
);
