/** What a kernel needs of the machine when the caller does not say. */
import type { Kernel } from "./kernels.ts";

/** Memory and time of a guest. */
export interface BootSettings {
  memoryMb: number;
  timeoutS: number;
  /** A boot takes a tenth of it. One that takes longer is QEMU's fault: no code of the project has run in it. */
  bootS: number;
}

/** KASAN takes an eighth of the memory for itself and quarantines what is freed; all checkers together slow tenfold. */
export function defaultSettings({ debug }: Kernel): BootSettings {
  return debug
    ? { memoryMb: 1536, timeoutS: 1800, bootS: 900 }
    : { memoryMb: 1024, timeoutS: 300, bootS: 120 };
}
