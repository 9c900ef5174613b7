/** Which backends a verb means, and opening them. */
import { SbError } from "../core/mod.ts";
import { PinnedProbes, type RealBackend, SpeedBumpFiles } from "../probe/mod.ts";
import { requireCapabilities } from "../sys/mod.ts";
import { EbpfControl } from "./ebpf.ts";
import { KmodControl } from "./kmod.ts";
import type { ControlBackend, ControlChoice } from "./model.ts";

/** Every backend, in the order in which they are shown and preferred. */
export const BACKENDS: readonly RealBackend[] = ["kmod", "ebpf"];

/** Pins and the module's files are the superuser's. @param command as the hint says it. @throws SbError `permission.capability` */
export function requireControl(command: string): void {
  requireCapabilities(["CAP_SYS_ADMIN"], { what: "use probes that outlive their command", command });
}

/** Backends, opened; disposing lets other commands at them. */
export class OpenBackends implements Disposable {
  readonly all: readonly ControlBackend[];
  readonly #owned: DisposableStack;

  constructor(all: readonly ControlBackend[], owned: DisposableStack) {
    this.all = all;
    this.#owned = owned;
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}

/**
 * Opens what there is: the module when it is loaded, eBPF when something is pinned.
 *
 * @param options.make the eBPF layout is made where there is nothing else (`auto`), or where it was asked for
 * @throws SbError `module.not_loaded` when the module was asked for, and what opening refuses
 */
export async function openBackends(choice: ControlChoice, options: { make: boolean }): Promise<OpenBackends> {
  using owned = new DisposableStack();
  const all: ControlBackend[] = [];
  if (choice !== "ebpf") {
    if (choice === "kmod") new SpeedBumpFiles().requireUsable();
    const kmod = await KmodControl.open();
    if (kmod) all.push(owned.use(kmod));
  }
  if (choice !== "kmod") {
    const ebpf = await EbpfControl.open({ make: options.make && all.length === 0 });
    if (ebpf) all.push(owned.use(ebpf));
  }
  return new OpenBackends(all, owned.move());
}

/** The backend that an add goes to: the module when it is loaded, otherwise eBPF. @throws SbError `module.not_loaded` */
export function chooseForAdd(choice: ControlChoice): RealBackend {
  const module = new SpeedBumpFiles();
  if (choice === "kmod") module.requireUsable();
  return choice !== "ebpf" && module.isLoaded ? "kmod" : "ebpf";
}

/** Opens one backend, made where it is not there. @throws SbError */
export async function openBackend(name: RealBackend): Promise<ControlBackend> {
  const backend = name === "kmod" ? await KmodControl.open() : await EbpfControl.open({ make: true });
  if (backend) return backend;
  throw new SbError("module.not_loaded", "Cannot use the kernel module: it was unloaded just now", {
    hint: "Load it: sudo sb module load",
  });
}

/** Takes every pin away, whichever version of sb made it. */
export function removeEveryPin(): Promise<void> {
  return PinnedProbes.removeAll();
}

/** Whether an error says that pins cannot be read. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof SbError && error.code === "probe.layout";
}
