/** The end of a session on eBPF. */
import type { OwnedFd } from "../../../ffi/mod.ts";
import type { ConfigMemory } from "./config_memory.ts";
import type { ProcessTree } from "./tree.ts";

/** What a session is made of; what was not made yet when it fails to open is undefined. */
export interface SessionParts {
  config: ConfigMemory | undefined;
  tree: ProcessTree | undefined;
  /** Emptied. */
  links: Set<OwnedFd>;
  owned: DisposableStack;
}

/** Cuts delays in flight, takes the breakpoints out and waits for the kernel, then frees the rest. */
export async function endSession({ config, tree, links, owned }: SessionParts): Promise<void> {
  config?.setHeader("cancelled", 1n);
  const open = [...links];
  links.clear();
  await Promise.all([tree?.[Symbol.asyncDispose](), ...open.map((link) => link.closeInBackground())]);
  owned.dispose();
}
