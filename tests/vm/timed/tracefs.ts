/** Uprobes of the kernel's own tracefs. */

const TRACING = "/sys/kernel/tracing";
const GROUP = "sbtest";

function append(file: string, text: string): void {
  Deno.writeTextFileSync(`${TRACING}/${file}`, text, { append: true, create: false });
}

/** A uprobe that records, in place until it is disposed of. */
export class TracefsProbe implements Disposable {
  readonly name: string;

  /** @param name unique */
  constructor(name: string, path: string, offset: number) {
    this.name = name;
    append("uprobe_events", `p:${GROUP}/${name} ${path}:0x${offset.toString(16)}`);
    append(`events/${GROUP}/${name}/enable`, "1");
  }

  /** What takes it out when `0` is written. */
  get switch(): string {
    return `${TRACING}/events/${GROUP}/${this.name}/enable`;
  }

  [Symbol.dispose](): void {
    append(`events/${GROUP}/${this.name}/enable`, "0");
    append("uprobe_events", `-:${GROUP}/${this.name}`);
  }
}
