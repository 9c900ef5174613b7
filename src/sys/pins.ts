/** Where sb pins what outlives it: here, so that every command can tell whether there is anything. */

/** The bpf file system, bpf(8). */
export const BPF_ROOT = "/sys/fs/bpf";
/** Everything that sb pins. */
export const PINNED_ROOT = `${BPF_ROOT}/sb`;

/** Whether any version of sb has pinned something that this process can see. */
export function hasPins(): boolean {
  try {
    return [...Deno.readDirSync(PINNED_ROOT)].length > 0;
  } catch {
    return false;
  }
}
