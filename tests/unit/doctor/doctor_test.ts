/** The doctor: what it looks at, and what follows for the backends. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { examineMachine, judgeBackend } from "../../../src/doctor/mod.ts";
import type { DoctorCheck, Verdict } from "../../../src/doctor/mod.ts";
import { judgeModule } from "../../../src/doctor/module.ts";
import { openDescriptors } from "../../../ffi/mod.ts";

// sb's libraries stay open until the process ends: opened here, they are no leak of a test.
examineMachine();

function check(verdict: Verdict, required: boolean): DoctorCheck {
  return { check: "thing", verdict, evidence: "seen", hint: null, required };
}

Deno.test("judgeBackend() needs every required check, and not the others", () => {
  assertEquals(judgeBackend([check("ok", true), check("missing", false)]), { usable: true, why: null });
  for (const verdict of ["missing", "broken", "unknown"] as const) {
    assertEquals(judgeBackend([check("ok", true), check(verdict, true)]), {
      usable: false,
      why: "thing: seen",
    });
  }
});

Deno.test("judgeModule() needs the module, its capability and what reads symbols, and not what eBPF needs", () => {
  const names = ["architecture", "libelf", "CAP_SYS_ADMIN", "kernel module", "bpf"];
  const checks = names.map((name) => ({ ...check("ok", false), check: name }));
  assertEquals(judgeModule(checks), { usable: true, why: null });
  for (const [index, name] of names.entries()) {
    const failed = checks.with(index, { ...checks[index], verdict: "missing" });
    assertEquals(judgeModule(failed).usable, name === "bpf", name);
  }
});

Deno.test("examineMachine() gives evidence for every check and leaves nothing open", () => {
  const { checks, backends, ok } = examineMachine();
  assertEquals(openDescriptors().size, 0);
  assertEquals(ok, backends.ebpf.usable || backends.kmod.usable);
  for (const { check, evidence } of checks) assert(evidence !== "", check);
  const names = checks.map(({ check }) => check);
  assertEquals(names.length, new Set(names).size);
  for (
    const name of [
      "kernel",
      "uprobes",
      "bpf",
      "btf",
      "uprobe_multi",
      "CAP_BPF",
      "lockdown",
      "libelf",
      "libdw",
      "kernel module",
    ]
  ) {
    assert(names.includes(name), name);
  }
});

Deno.test("the kernel check shows the running kernel", () => {
  const kernel = examineMachine().checks.find(({ check }) => check === "kernel");
  assertStringIncludes(kernel?.evidence ?? "", Deno.osRelease());
});
