/** A place of its own for the one file and two users: what they leave is gone when the script ends. */
import { ALICE, BOB } from "../rpc/users.ts";

/** How a script ended, and what it wrote. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Mounts that nobody else sees; the folder of the file is at /mnt. */
const PREPARE = `set -e
mount --bind "$1" /mnt
for place in '755 /var/cache' '1777 /var/tmp' '1777 /tmp' '755 /home'; do
  mount -t tmpfs -o "size=600m,mode=\${place% *}" tmpfs "\${place#* }"
done
for user in ${ALICE} ${BOB}; do
  mkdir -m 755 "/home/$user"
  chown "$user:$user" "/home/$user"
done
as() { user=$1; shift; setpriv "--reuid=$user" "--regid=$user" --clear-groups env -i "$@"; }
alice() { as ${ALICE} HOME=/home/${ALICE} "$@"; }
bob() { as ${BOB} HOME=/home/${BOB} "$@"; }
homeless() { as ${ALICE} "$@"; }
# A program that tells that it was run, where the file looks for Deno.
plant() { mkdir -p "$1/$build" && printf '#!/bin/sh\\necho >>/home/evil\\n' >"$1/$build/deno" && chmod -R 755 "$1"; }
build=build-$(sed -n 's/^build=build-//p;/^user=/q' /mnt/sb)
touch /home/evil
chmod 666 /home/evil
cd /
set +e
`;

/** Runs a shell script as root, with the functions `alice`, `bob`, `homeless` and `plant`; the file is /mnt/sb. */
export async function confined(file: string, script: string): Promise<Ended> {
  const folder = file.slice(0, file.lastIndexOf("/"));
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["--mount", "--propagation", "private", "sh", "-c", PREPARE + script, "sh", folder],
    stdin: "null",
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
