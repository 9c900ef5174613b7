/** Private files: who sees the copy, who does not, and that nothing is left. Real mount namespaces. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { monotonicNs, openDescriptors } from "../../../ffi/mod.ts";
import {
  type CommandPlan,
  fileReplaced,
  openPrivateFiles,
  privateFileObstacle,
  type PrivateFileSource,
  requireUser,
  startCommand,
} from "../../../src/command/mod.ts";
import { SbError } from "../../../src/core/mod.ts";
import { type FileStatus, readFileStatus } from "../../../src/sys/mod.ts";

// libc stays open for the process's life; opened here, it is no leak of the test that uses it first.
monotonicNs();

function source(path: string): PrivateFileSource {
  const real = Deno.realPathSync(path);
  const { dev, ino, size } = Deno.statSync(real);
  const { modifiedNs } = readFileStatus(real) as FileStatus;
  return { path: real, openPath: real, device: dev, inode: BigInt(ino ?? 0), sizeBytes: size, modifiedNs };
}

const LIBC = source(`/lib/${Deno.build.arch}-linux-gnu/libc.so.6`);

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: "/var/tmp" });
  try {
    await Deno.chmod(folder, 0o755);
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function output(script: string, plan: Partial<CommandPlan> = {}): Promise<string> {
  const file = await Deno.makeTempFile();
  await Deno.chmod(file, 0o666);
  try {
    using running = startCommand({ command: ["sh", "-c", `{ ${script}\n} > ${file} 2>&1`], ...plan });
    await running.wait();
    return await Deno.readTextFile(file);
  } finally {
    await Deno.remove(file);
  }
}

/** Prints the inode of the libc that a process maps. */
const MAPPED = `awk '/libc.so.6|libc-2/ { print $5; exit }' /proc/self/maps`;

async function compile(text: string, options: { to: string; flags?: string[] }): Promise<void> {
  await Deno.writeTextFile(`${options.to}.c`, text);
  const { success, stderr } = await new Deno.Command("gcc", {
    args: ["-O1", ...options.flags ?? [], "-o", options.to, `${options.to}.c`],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

Deno.test("a command maps the private copy, and a bystander the original", async () => {
  using files = openPrivateFiles([LIBC]);
  const [copy] = files.files;
  assertEquals((await output(MAPPED, { privateFiles: files })).trim(), String(copy.inode));
  assertEquals((await output(MAPPED)).trim(), String(LIBC.inode));
  assertNotEquals(copy.inode, LIBC.inode);
  assertEquals(BigInt(Deno.statSync(copy.copyPath).ino ?? 0), copy.inode);
});

Deno.test("every kind of descendant maps the private copy", async () => {
  using files = openPrivateFiles([LIBC]);
  const inode = String(files.files[0].inode);
  const quoted = `'${MAPPED.replaceAll("'", `'\\''`)}'`;
  const ways = {
    "fork and exec": `sh -c ${quoted}`,
    "a double fork with setsid": `( (setsid sh -c ${quoted}) & wait )`,
    "a nested mount namespace": `unshare -m sh -c ${quoted}`,
    "a user namespace": `unshare -Ur sh -c ${quoted}`,
    "a chroot of the same tree": `chroot / sh -c ${quoted}`,
    "python": `python3 -c 'print(next(l.split()[4] for l in open("/proc/self/maps") if "libc.so.6" in l))'`,
  };
  for (const [way, script] of Object.entries(ways)) {
    assertEquals((await output(script, { privateFiles: files })).trim(), inode, way);
  }
  const nobody = await output(MAPPED, { privateFiles: files, user: requireUser("nobody") });
  assertEquals(nobody.trim(), inode, "another user");
});

Deno.test("a relative path from the working directory leads to the private copy", () =>
  withFolder(async (folder) => {
    await Deno.copyFile("/bin/true", `${folder}/tool`);
    const before = Deno.cwd();
    Deno.chdir(folder);
    try {
      using files = openPrivateFiles([source(`${folder}/tool`)]);
      const text = await output("pwd; stat -c %i ./tool", { privateFiles: files });
      assertEquals(text, `${folder}\n${files.files[0].inode}\n`);
    } finally {
      Deno.chdir(before);
    }
  }));

Deno.test("the copy keeps content, owner, mode and times, and is read-only", () =>
  withFolder(async (folder) => {
    const path = `${folder}/tool`;
    await Deno.writeTextFile(path, "#!/bin/sh\nid -u\n");
    await Deno.chown(path, 65534, 65534);
    await Deno.chmod(path, 0o4755);
    await Deno.utime(path, 1_000_000_000, 1_100_000_000);
    using files = openPrivateFiles([source(path)]);
    const text = await output(`stat -c '%u %g %a %X %Y' ${path}; cat ${path}; touch ${path}; rm ${path}`, {
      privateFiles: files,
    });
    assertStringIncludes(text, "65534 65534 4755 1000000000 1100000000\n#!/bin/sh\nid -u\n");
    assertStringIncludes(text, "Read-only file system");
    assertStringIncludes(text, "Device or resource busy");
    assertEquals((await Deno.stat(path)).isFile, true);
  }));

Deno.test("a static program and a setuid program run as private copies", () =>
  withFolder(async (folder) => {
    const text =
      '#include <stdio.h>\n#include <unistd.h>\nint main() { printf("%d\\n", (int)geteuid()); return 0; }\n';
    await compile(text, { to: `${folder}/static`, flags: ["-static"] });
    await compile(text, { to: `${folder}/setuid` });
    await Deno.chmod(`${folder}/setuid`, 0o4755);
    using files = openPrivateFiles([source(`${folder}/static`), source(`${folder}/setuid`), LIBC]);
    const plan = { privateFiles: files, user: requireUser("nobody") };
    assertEquals(await output(`${folder}/static`, plan), "65534\n");
    assertEquals(await output(`${folder}/setuid`, plan), "0\n");
  }));

Deno.test("nothing is left behind after 50 runs: no mount, no descriptor", async () => {
  const mounts = await Deno.readTextFile("/proc/self/mountinfo");
  const namespaces = () => Deno.readLinkSync("/proc/self/ns/mnt");
  const namespace = namespaces();
  const descriptors = [...Deno.readDirSync("/proc/self/fd")].length;
  for (let count = 0; count < 50; count++) {
    using files = openPrivateFiles([LIBC]);
    using running = startCommand({ command: ["true"], privateFiles: files });
    assertEquals((await running.wait()).exitCode, 0);
  }
  assertEquals(await Deno.readTextFile("/proc/self/mountinfo"), mounts);
  assertEquals(namespaces(), namespace, "the main thread stayed where it was");
  assertEquals(openDescriptors().size, 0);
  assertEquals([...Deno.readDirSync("/proc/self/fd")].length, descriptors);
});

Deno.test("privateFileObstacle() finds none for libc, and says why for others", () =>
  withFolder(async (folder) => {
    assertEquals(privateFileObstacle(LIBC), null);
    const path = `${folder}/tool`;
    await Deno.copyFile("/bin/true", path);
    const file = source(path);
    assertEquals(privateFileObstacle(file), null);
    await Deno.mkdir(`${folder}/other`);
    await Deno.link(path, `${folder}/other/link`);
    assertEquals(privateFileObstacle(file), "it has 1 other hard links, some in other folders");
    assertEquals(privateFileObstacle({ ...file, path: "/proc/self/exe" }), "the file is in /proc");
    assertEquals(privateFileObstacle({ ...file, path: "memfd:x" }), "the file has no path of its own");
    assertEquals(
      privateFileObstacle({ ...file, path: "/bin/true" }),
      "the command would find another file at its path",
    );
    const error = assertThrows(() => openPrivateFiles([file]), SbError);
    assertEquals(error.code, "isolation.unavailable");
    assertEquals(
      error.message,
      `Cannot make a private copy of "${path}": it has 1 other hard links, some in other folders`,
    );
  }));

Deno.test("hard links in the same folder show the same copy", () =>
  withFolder(async (folder) => {
    await Deno.copyFile("/bin/true", `${folder}/tool`);
    await Deno.link(`${folder}/tool`, `${folder}/tool-1.0`);
    using files = openPrivateFiles([source(`${folder}/tool`)]);
    const text = await output(`stat -c %i ${folder}/tool ${folder}/tool-1.0`, { privateFiles: files });
    assertEquals(text, `${files.files[0].inode}\n`.repeat(2));
  }));

Deno.test("fileReplaced() tells another inode, another size and a missing file", () =>
  withFolder(async (folder) => {
    const path = `${folder}/tool`;
    await Deno.copyFile("/bin/true", path);
    const file = source(path);
    assertEquals(fileReplaced(file), false);
    await Deno.writeTextFile(path, "x", { append: true });
    assertEquals(fileReplaced(file), true);
    await Deno.copyFile("/bin/true", `${path}.new`);
    await Deno.rename(`${path}.new`, path);
    assertEquals(fileReplaced(file), true);
    await Deno.remove(path);
    assertEquals(fileReplaced(file), true);
  }));

Deno.test("fileReplaced() tells bytes written over others of the same number", () =>
  withFolder(async (folder) => {
    const path = `${folder}/tool`;
    await Deno.copyFile("/bin/true", path);
    const file = source(path);
    assertEquals(fileReplaced(file), false);
    using tool = await Deno.open(path, { write: true });
    // Writing gives the kernel's coarse clock as the time, which may not have moved since the copy.
    await tool.utime(1, 1);
    const written = source(path);
    assertEquals(fileReplaced(written), false);
    await tool.write(new Uint8Array(16));
    assertEquals(fileReplaced(written), true);
    assertEquals(written.sizeBytes, (await tool.stat()).size);
  }));

Deno.test("file capabilities go along into the copy", () =>
  withFolder(async (folder) => {
    await Deno.copyFile("/bin/cat", `${folder}/tool`);
    await Deno.chmod(`${folder}/tool`, 0o755);
    // A VFS_CAP_REVISION_2 value with CAP_NET_RAW, effective (linux/capability.h).
    const set =
      `import os; os.setxattr("${folder}/tool", "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))`;
    assertEquals((await new Deno.Command("python3", { args: ["-c", set] }).output()).code, 0);
    using files = openPrivateFiles([source(`${folder}/tool`)]);
    const script = `exec ${folder}/tool /proc/self/status`;
    const user = requireUser("nobody");
    assertStringIncludes(await output(script, { user, privateFiles: files }), "CapEff:\t0000000000002000");
    assertStringIncludes(
      await output("exec cat /proc/self/status", { user, privateFiles: files }),
      "CapEff:\t0000000000000000",
    );
  }));

/** Descriptors of any process, or mounts of any, that still hold a file system of private copies. */
function leftovers(pid: number): string[] {
  const found: string[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${name}/mountinfo`).includes(`tmpfs sb-${pid} `)) found.push(name);
    } catch {
      // It ended.
    }
  }
  return found;
}

Deno.test("nothing is left when sb is killed and the command ends later", async () => {
  const program = `
import { openPrivateFiles, startCommand } from ${
    JSON.stringify(new URL("../../../src/command/mod.ts", import.meta.url).href)
  };
const source = ${JSON.stringify({ ...LIBC, inode: 0, modifiedNs: 0 })};
const files = openPrivateFiles([{ ...source, inode: ${LIBC.inode}n, modifiedNs: ${LIBC.modifiedNs}n }]);
const command = startCommand({ command: ["sleep", "1000"], privateFiles: files });
console.log(command.pid);
await command.wait();
`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, program);
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-config", file],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  try {
    const pid = Number(new TextDecoder().decode((await reader.read()).value));
    holder.kill("SIGKILL");
    await holder.status;
    assertEquals(leftovers(holder.pid), [String(pid)], "the command goes on with its copy");
    Deno.kill(pid, "SIGKILL");
    while (leftovers(holder.pid).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  } finally {
    await reader.cancel();
    await Deno.remove(file);
  }
});
