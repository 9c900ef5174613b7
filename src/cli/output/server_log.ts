/** The server's events on stderr: a line each, for people or as JSON. Never waits: a reader that is too slow misses some. */
import type { LogRecord } from "../../../rpc/server/mod.ts";

/** Bytes that wait for a slow reader, before events are dropped and counted. */
const MOST_WAITING = 1 << 20;

/** Characters that a value may have to stand without quotes. */
const PLAIN = /^[\w./:@%+,=*-]+$/;

/** What JSON leaves as it is and a terminal may obey: names come from peers. */
const CONTROL = /[\u007f-\u009f\u2028\u2029]/g;

function quoted(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function valueText(value: string | number | boolean | null): string {
  const text = String(value);
  return PLAIN.test(text) ? text : quoted(JSON.stringify(text));
}

/** `2026-01-31T12:00:00.000Z info connection.opened pid=12 uid=1000`; the level only where it is no info. */
export function logText({ level, event, facts }: LogRecord, time: string): string {
  const named = Object.entries(facts).filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${valueText(value ?? null)}`);
  return `${time}${level === "info" ? "" : ` ${level}:`} ${event}${named.join("")}\n`;
}

/** The same as a document. */
export function logJson({ level, event, facts }: LogRecord, time: string): string {
  return quoted(JSON.stringify({ time, level, event, ...facts })) + "\n";
}

/** Where bytes go. */
export type LogWriter = { write(bytes: Uint8Array): Promise<number> };

/** Writes events one after the other. Disposing waits until what waits is written. */
export class LogSink implements AsyncDisposable {
  readonly #writer: LogWriter;
  readonly #format: (record: LogRecord, time: string) => string;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  constructor(writer: LogWriter, { json }: { json: boolean }) {
    this.#writer = writer;
    this.#format = json ? logJson : logText;
  }

  /** Takes an event. */
  readonly take = (record: LogRecord): void => {
    if (this.#waitingBytes > MOST_WAITING) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      const facts = { events: this.#dropped };
      this.#dropped = 0;
      this.#put({ level: "warning", event: "log.dropped", facts });
    }
    this.#put(record);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  #put(record: LogRecord): void {
    const bytes = new TextEncoder().encode(this.#format(record, new Date().toISOString()));
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        let bytes = this.#waiting.shift()!;
        this.#waitingBytes -= bytes.length;
        while (bytes.length > 0) bytes = bytes.subarray(await this.#writer.write(bytes));
      }
    } catch {
      // Nobody reads any more: the server goes on without a log.
      this.#waiting = [];
      this.#waitingBytes = 0;
    } finally {
      this.#writing = undefined;
    }
  }
}
