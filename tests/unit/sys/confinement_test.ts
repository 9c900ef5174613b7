import { assertEquals, assertGreater } from "@std/assert";
import { Errno } from "../../../ffi/mod.ts";
import { confiningFilter } from "../../../src/sys/confinement.ts";
import { root, skipUnless } from "../../skip.ts";

/** What the filter returns for a call, on the machine that BPF is. */
function verdict(
  machine: "x86_64" | "aarch64",
  call: { number: number; machine: number; flags?: number },
): number {
  const filter = confiningFilter(machine);
  const words = new Map([[0, call.number], [4, call.machine], [32, call.flags ?? 0]]);
  let accumulator = 0;
  for (let at = 0;; at++) {
    const [code, ifTrue, ifFalse, constant] = filter[at];
    if (code === 0x20) accumulator = words.get(constant) ?? 0;
    else if (code === 0x06) return constant;
    else at += (code === 0x15 ? accumulator === constant : (accumulator & constant) !== 0) ? ifTrue : ifFalse;
  }
}

const ALLOWED = 0x7fff0000, REFUSED = 0x50000 + Errno.EPERM, KILLED = 0x80000000;
const X86 = 0xc000003e, ARM = 0xc00000b7;

Deno.test("confiningFilter() lets reading through, opening for reading only, and nothing of another machine", () => {
  assertEquals(verdict("x86_64", { number: 0, machine: X86 }), ALLOWED); // read
  assertEquals(verdict("x86_64", { number: 219, machine: X86 }), ALLOWED); // restart_syscall, the last of the list
  assertEquals(verdict("x86_64", { number: 59, machine: X86 }), REFUSED); // execve
  assertEquals(verdict("x86_64", { number: 0x40000000, machine: X86 }), REFUSED); // read of x32
  assertEquals(verdict("x86_64", { number: 0, machine: 0x40000003 }), KILLED); // i386
  assertEquals(verdict("aarch64", { number: 63, machine: ARM }), ALLOWED); // read
  assertEquals(verdict("aarch64", { number: 0, machine: ARM }), REFUSED); // io_setup
  for (const [machine, audit, openat] of [["x86_64", X86, 257], ["aarch64", ARM, 56]] as const) {
    const open = (flags: number) => verdict(machine, { number: openat, machine: audit, flags });
    assertEquals(open(0o2000000), ALLOWED); // O_CLOEXEC
    for (const flags of [0o1, 0o2, 0o100, 0o1000, 0o2000001]) assertEquals(open(flags), REFUSED);
  }
});

Deno.test({
  ...skipUnless(
    "a confined process reads, and can neither change anything, start anything nor reach anybody",
    root(),
  ),
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const uid = 12001;
      Deno.chmodSync(folder, 0o777);
      Deno.writeTextFileSync(`${folder}/mine`, "x");
      Deno.chownSync(`${folder}/mine`, uid, uid);
      const script = new URL("./confined.ts", import.meta.url).pathname;
      const { stdout, stderr } = await new Deno.Command(
        new URL("../../../scripts/deno", import.meta.url).pathname,
        {
          args: ["run", "-A", "--quiet", script, String(uid), folder],
        },
      ).output();
      const said = new TextDecoder().decode(stdout);
      if (said === "") throw new Error(new TextDecoder().decode(stderr));
      const { outcomes, calls, spent } = JSON.parse(said);
      const { "read a file": read, "list a folder": list, ...changes } = outcomes;
      assertEquals([read, list], ["done", "done"]);
      for (const [name, outcome] of Object.entries(changes)) assertEquals(outcome, "PermissionDenied", name);
      for (const [name, result] of Object.entries(calls)) assertEquals(result, -Errno.EPERM, name);
      assertGreater(spent, 0);
      assertEquals(Deno.readTextFileSync(`${folder}/mine`), "x");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
