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

/** How a slot is taken. */
export interface SlotOptions {
  /** Called once if there is none at first. */
  onWait?: () => void;
  /** How many there are, 2 by default, `SB_VM_SLOTS` in the environment. */
  count?: number;
  /** Where the locks are. */
  folder?: string;
}

function openLock(path: string): Deno.FsFile {
  return Deno.openSync(path, { create: true, write: true });
}

/** Takes a slot that is free now. */
function tryTakeSlot(folder: string, count: number): Slot | undefined {
  for (let number = 0; number < count; number++) {
    const file = openLock(`${folder}/${number}`);
    if (file.tryLockSync(true)) return { number, [Symbol.dispose]: () => file.close() };
    file.close();
  }
  return undefined;
}

/** Waits for a free slot, in the order of asking. */
export async function takeSlot(options: SlotOptions = {}): Promise<Slot> {
  const { onWait, count = SLOTS, folder = FOLDER } = options;
  Deno.mkdirSync(folder, { recursive: true });
  using queue = openLock(`${folder}/queue`);
  const first = queue.tryLockSync(true);
  let slot = first ? tryTakeSlot(folder, count) : undefined;
  if (!slot) onWait?.();
  if (!first) await queue.lock(true);
  while (!slot) {
    slot = tryTakeSlot(folder, count);
    if (!slot) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return slot;
}
