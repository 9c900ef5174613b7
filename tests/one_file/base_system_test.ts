/** The one file where there is nothing but Debian's base system: no Deno, no library of its own, no checkout. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cached, remove, vmCache } from "../../scripts/testing/vm/cache.ts";
import { VERSION } from "../../src/cli/version.ts";
import { BOB, run } from "../rpc/users.ts";
import { executable, root, skipUnless } from "../skip.ts";
import { artifact, ROOT } from "./artifact.ts";

/** Debian's base system as debootstrap makes it; minutes, once a machine. */
async function baseSystem(): Promise<string> {
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(Deno.readTextFileSync("/etc/os-release"))?.[1] ?? "stable";
  return await cached(`${vmCache()}/base-${suite}`, (partial) => {
    remove(partial);
    run("debootstrap", "--variant=minbase", suite, partial);
    return Promise.resolve();
  });
}

/** The base system with a layer above it that goes with the process; the file is /usr/local/bin/sb, the checkout /srv. */
const ENTER = `set -e
mount -t tmpfs -o size=1g tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$1,upperdir=/mnt/upper,workdir=/mnt/work" overlay /mnt/root
cp "$2" /mnt/root/usr/local/bin/sb
mount --bind "$3" /mnt/root/srv
mount -t proc proc /mnt/root/proc
mount --rbind /sys /mnt/root/sys
mount --rbind /dev /mnt/root/dev
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot /mnt/root sh -c "$4"
`;

async function inBaseSystem(script: string): Promise<{ stdout: string; stderr: string }> {
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...["--mount", "--propagation", "private", "sh", "-c", ENTER, "sh"],
      ...[await baseSystem(), await artifact(), ROOT, script],
    ],
    stdin: "null",
  }).output();
  return { stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

const NEEDS = [root(), executable("/usr/sbin/debootstrap")];

Deno.test({
  ...skipUnless("in a base system the file does the main job, with the libraries that it carries", ...NEEDS),
  fn: async () => {
    const { stdout, stderr } = await inBaseSystem(`
ls /usr/lib/*/libelf.so.1 2>/dev/null
sb --version
sb run --json -o /report --slow libc.so.6:malloc=5us -- perl -e 'print "a command\\n"'
cat /report
sb doctor | grep -c '^ok *lib'
`);
    const [version, said, report, libraries] = stdout.split("\n");
    assertEquals([version, said, stderr], [`sb ${VERSION}`, "a command", ""]);
    const { exit, probes: [probe] } = JSON.parse(report);
    assertEquals([exit, probe.symbol], [0, "malloc"]);
    assert(probe.delayed > 0 && probe.min_ns > 0);
    assertEquals(libraries, "4");
  },
});

Deno.test({
  ...skipUnless("in a base system the server reads files for another user, too", ...NEEDS),
  fn: async () => {
    const { stdout, stderr } = await inBaseSystem(`
sb serve --quiet --socket /tmp/sb.sock &
server=$!
until [ -S /tmp/sb.sock ]; do sleep 0.1; done
chmod 666 /tmp/sb.sock
setpriv --reuid=${BOB} --regid=${BOB} --clear-groups \\
  sb call --socket /tmp/sb.sock symbols.search file=libc.so.6 pattern=mallopt
kill $server
wait $server
`);
    assertEquals(stderr, "");
    assertStringIncludes(stdout, '"mallopt"');
  },
});

Deno.test({
  ...skipUnless("in a base system sb is installed with its group, and all of that goes again", ...NEEDS),
  fn: async () => {
    const { stdout, stderr } = await inBaseSystem(`
sb --version >/dev/null
mv /usr/local/bin/sb /root/sb
touch /tmp/before /tmp/after; find / -xdev >/tmp/before
/srv/scripts/install --prefix /usr --file /root/sb
getent group sb | cut -d : -f 1
sb --version
/srv/scripts/install --prefix /usr --file /root/sb >/dev/null
/srv/scripts/install --prefix /usr --uninstall
getent group sb
find / -xdev >/tmp/after
diff /tmp/before /tmp/after | grep '^[<>]' | grep -v '/etc/.*-$'
`);
    assertEquals(stderr, "");
    assertMatch(
      stdout,
      /^installed \/usr\/bin\/sb: sb [0-9.]+\nhint: .*\nhint: .*dkms install \w+\/[0-9.]+\nsb\nsb [0-9.]+\n$/,
    );
  },
});
