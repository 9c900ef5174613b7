/** Programs that perform a known number of kernel operations, by the test module of operations. */
import { LineProcess } from "../line_process.ts";

/**
 * UPS KMALLOCS: so many pairs of down and up, and so many allocations of 96 bytes that are freed again. With `wait` first it
 * does so for each line that it reads, and answers.
 */
const PROGRAM = `
import ctypes, fcntl, json, os, struct, sys
KMALLOC, KFREE, UP, DOWN = 0, 1, 3, 4
LOAD, RUN = 0x40106801, 0x6802
device = os.open("/dev/tracer_module", os.O_RDWR)
def perform(ups, kmallocs):
    steps = [(DOWN, 0, 0), (UP, 0, 0)] * ups + [(KMALLOC, 0, 96), (KFREE, 0, 0)] * kmallocs
    text = b"".join(struct.pack("<IIQ", *step) for step in steps)
    block = ctypes.create_string_buffer(text, max(len(text), 1))
    fcntl.ioctl(device, LOAD, struct.pack("<QII", ctypes.addressof(block), len(steps), 1))
    fcntl.ioctl(device, RUN)
if sys.argv[1] == "wait":
    print("{}", flush=True)
    for line in sys.stdin:
        perform(*map(int, line.split()))
        print(json.dumps({"done": True}), flush=True)
else:
    perform(int(sys.argv[1]), int(sys.argv[2]))
`;

/** The command line of a program that performs and ends. */
export function operations(ups: number, kmallocs: number): string[] {
  return ["/usr/bin/python3", "-c", PROGRAM, String(ups), String(kmallocs)];
}

/** A program that performs when it is told to. */
export class OperationsProgram implements AsyncDisposable {
  readonly #process = new LineProcess("/usr/bin/python3", ["-c", PROGRAM, "wait"]);

  /** Starts one, and waits until it is ready. */
  static async start(): Promise<OperationsProgram> {
    const program = new OperationsProgram();
    await program.#process.readLine();
    return program;
  }

  get pid(): number {
    return this.#process.pid;
  }

  async perform(ups: number, kmallocs: number): Promise<void> {
    await this.#process.send(`${ups} ${kmallocs}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
