import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { type BackendRequest, chooseBackend, parseSpec, SpeedBumpFiles } from "../../../src/probe/mod.ts";

/** What is chosen, or the code of the refusal, with a module of that interface loaded or none. */
function choose(asked: BackendRequest, { spec, abi }: { spec: string; abi: string | null }): string {
  const root = Deno.makeTempDirSync();
  try {
    if (abi !== null) Deno.writeTextFileSync(`${root}/abi`, `${abi}\n`);
    const requests = [{ target: "app:parse", spec: parseSpec(spec) }];
    return chooseBackend(asked, requests, { module: new SpeedBumpFiles(root) }).backend;
  } catch (error) {
    if (error instanceof SbError) return error.code;
    throw error;
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

Deno.test("without the module eBPF is chosen, what is asked of the module is refused", () => {
  assertEquals(choose("auto", { spec: "5us", abi: null }), "ebpf");
  assertEquals(choose("ebpf", { spec: "5us", abi: null }), "ebpf");
  assertEquals(choose("kmod", { spec: "5us", abi: null }), "module.not_loaded");
});

Deno.test("a probe that sleeps takes the module, and is refused where it cannot have it", () => {
  assertEquals(choose("auto", { spec: "5us,how=sleep", abi: "1" }), "kmod");
  assertEquals(choose("kmod", { spec: "5us,how=sleep", abi: "1" }), "kmod");
  assertEquals(choose("auto", { spec: "5us,how=sleep", abi: null }), "probe.sleep_unsupported");
  assertEquals(choose("ebpf", { spec: "5us,how=sleep", abi: "1" }), "probe.sleep_unsupported");
});

Deno.test("a module of another interface is refused where it is needed, and not asked where it is not", () => {
  assertEquals(choose("kmod", { spec: "5us", abi: "2" }), "module.abi");
  assertEquals(choose("auto", { spec: "5us,how=sleep", abi: "2" }), "module.abi");
  assertEquals(choose("ebpf", { spec: "5us", abi: "2" }), "ebpf");
});

Deno.test("the hints of a refused sleep name the way on", () => {
  const requests = [{ target: "app:parse", spec: parseSpec("1ms,how=sleep") }];
  const module = new SpeedBumpFiles("/nonexistent");
  const hint = (asked: BackendRequest) =>
    assertThrows(() => chooseBackend(asked, requests, { module }), SbError).hint;
  assertEquals(hint("auto"), "Load it: sudo sb module load; or use how=spin");
  assertEquals(hint("ebpf"), "Use --backend=kmod, or how=spin");
});
