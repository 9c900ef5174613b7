/** How many virtual machines run at a time on this machine: each wants two processors and a gigabyte. */

/** Two by default: with two processors a third would only slow the others. */
const SLOTS = Number(Deno.env.get("SB_VM_SLOTS") ?? 2);
const FOLDER = `/tmp/sb_vm_slots_${Deno.uid()}`;
const RETRY_MS = 200;

/** The right to run a virtual machine, until it is disposed of. The kernel takes it back from a dead process. */
export interface Slot extends Disposable {
  /** From 0. */
  readonly number: number;
}

/** Takes a slot that is free now. */
function tryTakeSlot(count: number): Slot | undefined {
  Deno.mkdirSync(FOLDER, { recursive: true });
  for (let number = 0; number < count; number++) {
    const file = Deno.openSync(`${FOLDER}/${number}`, { create: true, write: true });
    if (file.tryLockSync(true)) return { number, [Symbol.dispose]: () => file.close() };
    file.close();
  }
  return undefined;
}

/**
 * Waits for a free slot.
 * @param options.onWait called once if there is none at first
 * @param options.count how many there are, 2 by default, `SB_VM_SLOTS` in the environment
 */
export async function takeSlot(options: { onWait?: () => void; count?: number } = {}): Promise<Slot> {
  const count = options.count ?? SLOTS;
  let slot = tryTakeSlot(count);
  if (!slot) options.onWait?.();
  while (!slot) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    slot = tryTakeSlot(count);
  }
  return slot;
}
