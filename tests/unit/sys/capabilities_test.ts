/** Capabilities: seen by a process that has none, and by this one. */
import { assertEquals } from "@std/assert";
import { missingCapabilities, refuseBorrowedPrivileges } from "../../../src/sys/mod.ts";

// libc stays open for the process's life; opened here, it is no leak of the test that uses it first.
refuseBorrowedPrivileges();

const MODULE = new URL("../../../src/sys/mod.ts", import.meta.url).href;

Deno.test("missingCapabilities() finds none missing in a process that has them", () => {
  assertEquals(missingCapabilities(["CAP_SYS_ADMIN", "CAP_BPF", "CAP_PERFMON"]), []);
});

Deno.test("requireCapabilities() names what is missing, and the way on", async () => {
  const program = `
import { requireCapabilities } from ${JSON.stringify(MODULE)};
for (const wanted of [["CAP_BPF"], ["CAP_BPF", "CAP_KILL", "CAP_PERFMON"]]) {
  try {
    requireCapabilities(wanted, { what: "attach probes", command: "sb run …" });
  } catch (error) {
    console.log(error.code, "|", error.message, "|", error.hint);
  }
}`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const { stdout } = await new Deno.Command("setpriv", {
      args: ["--bounding-set=-bpf,-perfmon", Deno.execPath(), "run", "-A", "--quiet", "--no-config", file],
    }).output();
    assertEquals(new TextDecoder().decode(stdout).split("\n"), [
      "permission.capability | Cannot attach probes: the capability CAP_BPF is missing | Run sudo sb run …",
      "permission.capability | Cannot attach probes: the capabilities CAP_BPF, CAP_PERFMON are missing | Run sudo sb run …",
      "",
    ]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("refuseBorrowedPrivileges() accepts a process that was started plainly", () => {
  refuseBorrowedPrivileges();
});

Deno.test("refuseBorrowedPrivileges() refuses a setuid executable", async () => {
  const folder = await Deno.makeTempDir({ dir: "/var/tmp" });
  try {
    await Deno.chmod(folder, 0o755);
    const deno = `${folder}/deno`;
    await Deno.copyFile(Deno.execPath(), deno);
    await Deno.chmod(deno, 0o4755);
    await Deno.mkdir(`${folder}/cache`);
    await Deno.chmod(`${folder}/cache`, 0o777);
    const program = `
import { auxiliaryValue } from ${JSON.stringify(new URL("../../../ffi/mod.ts", import.meta.url).href)};
import { refuseBorrowedPrivileges } from ${JSON.stringify(MODULE)};
try {
  refuseBorrowedPrivileges();
} catch (error) {
  console.log(auxiliaryValue(23), error.code, "|", error.message);
}`;
    await Deno.writeTextFile(`${folder}/program.ts`, program, { mode: 0o644 });
    const { stdout } = await new Deno.Command("setpriv", {
      args: [
        "--reuid=65534",
        "--clear-groups",
        deno,
        "run",
        "-A",
        "--quiet",
        "--no-config",
        `${folder}/program.ts`,
      ],
      env: { DENO_DIR: `${folder}/cache` },
      cwd: folder,
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout),
      'permission.setuid | Cannot run "sb": it was started setuid or with file capabilities (AT_SECURE)\n'
        .replace(/^/, "1n "),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
