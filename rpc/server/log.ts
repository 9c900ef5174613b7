/** What the server has to say about itself: events with facts, for people and for programs. Never a token. */

/** A fact of an event; text may come from a peer: whoever writes it down must quote it. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** How much an event matters. */
export type LogLevel = "info" | "warning" | "error";

/** An event. */
export interface LogRecord {
  level: LogLevel;
  /** `session.closed`: stable, for programs. */
  event: string;
  facts: LogFacts;
}

/** Where events go. */
export class Log {
  readonly #sink: (record: LogRecord) => void;

  constructor(sink: (record: LogRecord) => void) {
    this.#sink = sink;
  }

  /** Something happened as it should. */
  info(event: string, facts: LogFacts = {}): void {
    this.#sink({ level: "info", event, facts });
  }

  /** Something was refused, or a peer was cut off. */
  warn(event: string, facts: LogFacts = {}): void {
    this.#sink({ level: "warning", event, facts });
  }

  /** The server is at fault. */
  error(event: string, facts: LogFacts = {}): void {
    this.#sink({ level: "error", event, facts });
  }
}
