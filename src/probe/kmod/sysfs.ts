/** The files of the kernel module below /sys/kernel/speed_bump, typed (docs/speed_bump.md). */
import { blockingSystemCall, cString, Errno, OpenFlags, OwnedFd, systemCall } from "../../../ffi/mod.ts";
import { SbError } from "../../core/mod.ts";
import { notLoaded, refusedWrite } from "./errors.ts";
import {
  type HistogramRow,
  type ModuleTotals,
  parseHistograms,
  parseScopes,
  parseTargets,
  parseTotals,
  type ScopeRow,
  type TargetRow,
} from "./rows.ts";

/** Where the module keeps its files. */
export const SPEED_BUMP_ROOT = "/sys/kernel/speed_bump";
/** The version of the interface that sb speaks. */
export const SPEED_BUMP_ABI = "1";
const AT_FDCWD = -100;

/** What a command is for, as its error says it: `slow "/usr/bin/app:parse"`. */
export interface CommandPurpose {
  what: string;
}

/** The module's files. Holds nothing open. */
export class SpeedBumpFiles {
  readonly root: string;

  /** @param root the folder; another one only to read recorded files */
  constructor(root: string = SPEED_BUMP_ROOT) {
    this.root = root;
  }

  /** Whether the module is loaded. */
  get isLoaded(): boolean {
    return this.abi !== null;
  }

  /** The version of its interface; null when the module is not loaded. */
  get abi(): string | null {
    try {
      return Deno.readTextFileSync(`${this.root}/abi`).trim();
    } catch {
      return null;
    }
  }

  /** @throws SbError `module.not_loaded`, `module.abi` */
  requireUsable(): void {
    const { abi } = this;
    if (abi === null) throw notLoaded(this.root);
    if (abi === SPEED_BUMP_ABI) return;
    throw new SbError(
      "module.abi",
      `Cannot use the kernel module: its interface has version "${abi}", this sb speaks "${SPEED_BUMP_ABI}"`,
      {
        hint: "Load the one of this sb: sudo sb module unload && sudo sb module load",
        data: { abi, wanted: SPEED_BUMP_ABI },
      },
    );
  }

  /** Writes one command to `targets`, with one write(2). @throws SbError as the module's errno means it */
  writeCommand(command: string, purpose: CommandPurpose): void {
    this.#write("targets", command, purpose);
  }

  /**
   * The same on another thread: taking breakpoints out waits for the kernel. Another thread's errno is lost, so that
   * the caller learns only whether it worked; whoever must know why writes it again.
   */
  async writeCommandInBackground(command: string, purpose: CommandPurpose): Promise<boolean> {
    using file = this.#open("targets", { ...purpose, command });
    const bytes = new TextEncoder().encode(command);
    return await blockingSystemCall("write", file.fd, bytes, bytes.length) === bytes.length;
  }

  /** One row a target, all of the module's. @throws SbError `module.not_loaded` */
  readTargets(): TargetRow[] {
    return parseTargets(this.#read("targets_list"));
  }

  readHistograms(): HistogramRow[] {
    return parseHistograms(this.#read("histograms"));
  }

  readScopes(): ScopeRow[] {
    return parseScopes(this.#read("scopes"));
  }

  readTotals(): ModuleTotals {
    return parseTotals(this.#read("stats"));
  }

  /** Whether targets without an owner are live. @throws SbError `module.not_loaded` */
  get isEnabled(): boolean {
    return this.#read("enabled").trim() === "1";
  }

  setEnabled(enabled: boolean): void {
    this.#write("enabled", enabled ? "1" : "0", { what: `${enabled ? "enable" : "disable"} the targets` });
  }

  /** The delay of an add without one, nanoseconds. @throws SbError `module.not_loaded` */
  get defaultDelayNs(): number {
    return Number(this.#read("default_delay_ns").trim());
  }

  /** @param ns 0 to 10^10 */
  setDefaultDelayNs(ns: number): void {
    this.#write("default_delay_ns", String(ns), { what: `set the default delay to ${ns} ns` });
  }

  #read(file: string): string {
    try {
      return Deno.readTextFileSync(`${this.root}/${file}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw notLoaded(this.root);
      const seen = error instanceof Error ? error.message : String(error);
      throw new SbError("kernel.refused", `Cannot read "${this.root}/${file}": ${seen}`, { cause: error });
    }
  }

  #write(file: string, text: string, { what }: CommandPurpose): void {
    using open = this.#open(file, { what, command: text });
    const bytes = new TextEncoder().encode(text);
    let written: number;
    do written = systemCall("write", open.fd, bytes, bytes.length); while (written === -Errno.EINTR);
    if (written < 0) throw refusedWrite(-written, { what, command: text });
    // sysfs cuts a write at a page, and its rest would be another command.
    if (written < bytes.length) throw refusedWrite(Errno.ENAMETOOLONG, { what, command: text });
  }

  /** By openat(2) itself: Deno opens for writing with O_CREAT and O_TRUNC only, and loses the errno. */
  #open(file: string, purpose: { what: string; command: string }): OwnedFd {
    const path = `${this.root}/${file}`;
    const fd = systemCall("openat", AT_FDCWD, cString(path), OpenFlags.wronly | OpenFlags.cloexec, 0);
    if (fd >= 0) return new OwnedFd(fd, path);
    if (fd === -Errno.ENOENT) throw notLoaded(this.root);
    throw refusedWrite(-fd, purpose);
  }
}
