/** The command line of QEMU: plain emulation on x86-64, two shared folders, a console. Pure. */
import type { Kernel } from "./kernels.ts";

/** How a guest is booted. */
export interface Machine {
  kernel: Kernel;
  initrd: string;
  /** The folder that host and guest control the run by. */
  control: string;
  /** A folder of the caller that the guest may write to. */
  job?: string;
  /** Deterministic time: one processor, one nanosecond an instruction. */
  timed: boolean;
  /**
   * Whether QEMU runs all processors in one thread. With a thread each, one of them may keep its translation of a
   * breakpoint that another has just taken out of the kernel's code, and come back to it for ever.
   */
  oneThread?: boolean;
  cpus: number;
  memoryMb: number;
  /** Grace periods of RCU expedited: three times as fast a boot, and detaching looks cheaper than it is. */
  expedited: boolean;
  /** More kernel arguments. */
  append: readonly string[];
}

/** Where the console of a guest goes. */
export function consolePath(control: string): string {
  return `${control}/console`;
}

function kernelArguments({ expedited, append }: Machine): string {
  return [
    "console=ttyS0 quiet loglevel=4 log_buf_len=4M panic=-1 oops=panic softlockup_panic=1",
    ...(expedited ? ["rcupdate.rcu_expedited=1"] : []),
    // A processor of a busy host may stand still for half a minute.
    "watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120",
    "mitigations=off nokaslr tsc=reliable no_timer_check random.trust_cpu=on audit=0",
    // QEMU translates code anew wherever it has not been before: 84 MB of it for each start of Deno.
    "norandmaps",
    // The others come when most of the kernel's patching of its own code is over (guest/start.sh). With a thread each, one in
    // sixty boots ended in "Oops: int3", in code that another processor had just patched back, or stood still. A processor that
    // comes later would measure its delay loop, which takes seconds on a busy host: any value will do.
    "maxcpus=1 lpj=10000000",
    ...append,
  ].join(" ");
}

function share(tag: string, path: string, options: string): string[] {
  // A comma in a path is doubled in QEMU's options.
  const escaped = path.replaceAll(",", ",,");
  return [
    "-fsdev",
    `local,id=${tag},path=${escaped},security_model=none,${options}`,
    "-device",
    `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ];
}

/** The arguments of `qemu-system-x86_64`. */
export function qemuArguments(machine: Machine): string[] {
  const { kernel, initrd, control, job, timed, oneThread, cpus, memoryMb } = machine;
  return [
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-M", "q35", "-cpu", "max"],
    ...["-accel", timed || oneThread ? "tcg,thread=single" : "tcg,thread=multi"],
    ...(timed ? ["-icount", "shift=0,sleep=off", "-smp", "1"] : ["-smp", `${cpus}`]),
    ...["-m", `${memoryMb}`, "-kernel", kernel.image, "-initrd", initrd, "-append", kernelArguments(machine)],
    ...["-chardev", `file,id=console,path=${consolePath(control).replaceAll(",", ",,")}`],
    ...["-serial", "chardev:console", "-device", "virtio-rng-pci"],
    ...share("host", "/", "readonly=on,multidevs=remap"),
    ...share("control", control, "multidevs=remap"),
    ...(job === undefined ? [] : share("job", job, "multidevs=remap")),
  ];
}
