/** The harness of virtual machines without a guest: command line, QEMU's arguments, names of kernels, slots. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { newest, SERIES } from "../../scripts/testing/vm/debian.ts";
import { lostSettings } from "../../scripts/testing/vm/debug_kernel.ts";
import { keptPaths } from "../../scripts/testing/vm/guest.ts";
import { isGuestTest } from "../../scripts/testing/vm/guest_tests.ts";
import { parseVmOptions, UsageError } from "../../scripts/testing/vm/options.ts";
import { type Machine, qemuArguments } from "../../scripts/testing/vm/qemu.ts";
import { takeSlot } from "../../scripts/testing/vm/slots.ts";
import { payload } from "../../scripts/testing/vm/vmlinux.ts";

Deno.test("parseVmOptions() reads options before --, and leaves the command alone", () => {
  const options = parseVmOptions([
    "--kernel",
    "6.12",
    "--timed",
    "--memory=512",
    "--",
    "ls",
    "--timed",
    "--",
  ]);
  assertEquals([options.kernels, options.timed, options.memoryMb], [["6.12"], true, 512]);
  assertEquals(options.operands, ["ls", "--timed", "--"]);
  assertEquals(parseVmOptions(["test", "--kernel", "6.1", "--kernel", "debug", "scope"]).kernels, [
    "6.1",
    "debug",
  ]);
  assertEquals(parseVmOptions(["--append", "a=b c", "--append=d", "--", "x"]).append, ["a=b c", "d"]);
});

Deno.test("parseVmOptions() refuses what makes no sense", () => {
  const wrong: readonly (readonly string[])[] = [
    [],
    ["--"],
    ["ls"],
    ["--kernel"],
    ["--kernel", "6.1", "--kernel", "6.12", "--", "ls"],
    ["--cpus", "0", "--", "ls"],
    ["--cpus", "two", "--", "ls"],
    ["--memory", "1e3", "--", "ls"],
    ["--timeout", "-1", "--", "ls"],
    ["--timed=yes", "--", "ls"],
    ["--no-such", "--", "ls"],
    ["-k", "6.1", "--", "ls"],
    ["test", "one", "two"],
    ["build-module", "--", "ls"],
  ];
  for (const args of wrong) assertThrows(() => parseVmOptions(args), UsageError, undefined, args.join(" "));
});

const MACHINE: Machine = {
  kernel: { name: "6.1", folder: "/k", release: "6.1.0", image: "/k/vmlinux", kdir: "/k/kdir", debug: false },
  initrd: "/k/initrd",
  control: "/tmp/a,b",
  timed: false,
  cpus: 2,
  memoryMb: 1024,
  expedited: true,
  append: ["preempt=full"],
};

Deno.test("qemuArguments() boots two threads in real time, one for both processors, or one with instructions for a clock", () => {
  const usual = qemuArguments(MACHINE).join(" ");
  assertStringIncludes(usual, "-accel tcg,thread=multi -smp 2");
  const oneThread = qemuArguments({ ...MACHINE, oneThread: true }).join(" ");
  assertStringIncludes(oneThread, "-accel tcg,thread=single -smp 2");
  const timed = qemuArguments({ ...MACHINE, timed: true }).join(" ");
  assertStringIncludes(timed, "-accel tcg,thread=single -icount shift=0,sleep=off -smp 1");
});

Deno.test("qemuArguments() leaves grace periods alone when told to, appends, and doubles commas in paths", () => {
  assertStringIncludes(qemuArguments(MACHINE).join(" "), "rcu_expedited=1");
  const slow = qemuArguments({ ...MACHINE, expedited: false }).join(" ");
  assert(!slow.includes("rcu_expedited"));
  assertMatch(slow, / norandmaps .* preempt=full -/);
  assertStringIncludes(slow, "path=/tmp/a,,b,");
});

Deno.test("newest() compares the numbers in releases as numbers", () => {
  assertEquals(newest(["6.1.0-9-amd64", "6.1.0-56-amd64", "6.1.0-48-amd64"]), "6.1.0-56-amd64");
  assertEquals(newest(["6.12.117+deb12-amd64", "6.12.99+deb12-amd64"]), "6.12.117+deb12-amd64");
  assertEquals(newest([]), undefined);
});

Deno.test("the names of Debian's series leave out its special kernels", () => {
  assert(SERIES["6.1"].test("linux-headers-6.1.0-56-amd64"));
  assert(SERIES["6.12"].test("linux-headers-6.12.117+deb12-amd64"));
  for (const other of ["linux-headers-6.1.0-56-rt-amd64", "linux-headers-6.1.0-56-cloud-amd64"]) {
    assert(!SERIES["6.1"].test(other), other);
  }
});

Deno.test("lostSettings() finds a setting that vanished, and one that came back", () => {
  const fragments = "# why\nCONFIG_KASAN=y\nCONFIG_SLUB=y\nCONFIG_MEMCG=n\nCONFIG_VT=n\n";
  const config = "CONFIG_SLUB=y\n# CONFIG_MEMCG is not set\nCONFIG_VT=y\nCONFIG_KASAN_STACK=y\n";
  assertEquals(lostSettings(fragments, config), ["CONFIG_KASAN=y", "CONFIG_VT=n"]);
});

Deno.test("keptPaths() names the entries of /tmp that paths lie in, once, if they are there", () => {
  const folder = Deno.makeTempDirSync({ dir: "/tmp" });
  try {
    assertEquals(keptPaths([`${folder}/a/b`, folder, "/usr/bin/ls", "/tmp", "/tmp/no such thing", "/tmpx"]), [
      folder,
    ]);
  } finally {
    Deno.removeSync(folder);
  }
});

Deno.test("isGuestTest() takes guest files of both kinds, and nothing else", () => {
  const paths = [
    "tests/vm/guest/a_guest.ts",
    "tests/vm/timed/b_guest.ts",
    "tests/vm/a_test.ts",
    "tests/vm/guest/a.ts",
  ];
  assertEquals(paths.map(isGuestTest), [true, true, false, false]);
});

Deno.test("payload() refuses what is no bzImage, and one that is cut", () => {
  assertThrows(() => payload(new Uint8Array(100)), Error, "no bzImage");
  assertThrows(() => payload(new Uint8Array(4096)), Error, "no bzImage");
  const cut = new Uint8Array(4096);
  cut.set(new TextEncoder().encode("HdrS"), 0x202);
  new DataView(cut.buffer).setUint32(0x24c, 1 << 20, true);
  assertThrows(() => payload(cut), Error, "cut");
});

Deno.test("takeSlot() gives as many slots as there are, and the next when one is free", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const options = { folder, count: 2 };
    const first = await takeSlot(options);
    using second = await takeSlot(options);
    assertEquals([first.number, second.number], [0, 1]);
    let waited = false;
    const third = takeSlot({ ...options, onWait: () => waited = true });
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert(waited);
    first[Symbol.dispose]();
    using late = await third;
    assertEquals(late.number, 0);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
