/** What this kernel's uprobes can do that older ones cannot, where the choice of a site depends on it. */

let longNops: boolean | undefined;

/**
 * Whether nops longer than a byte are emulated, and those of five bytes rewritten to a call: kernels that have
 * arch_uprobe_optimize() do (Linux 6.18, arch/x86/kernel/uprobes.c), older ones step them. The kernel's own type
 * information names its functions; where it cannot be read, the answer is no.
 */
export function kernelEmulatesLongNops(): boolean {
  return longNops ??= kernelHas("arch_uprobe_optimize");
}

function kernelHas(name: string): boolean {
  try {
    const types = new TextDecoder("latin1").decode(Deno.readFileSync("/sys/kernel/btf/vmlinux"));
    return types.includes(`\0${name}\0`);
  } catch {
    return false;
  }
}
