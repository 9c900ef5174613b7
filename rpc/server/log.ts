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

/** Takes events. */
export type LogSink = (record: LogRecord) => void;

/** Of the events of a user who is not root so many of each level are written in a second; the rest is counted. */
const MOST_A_SECOND = 10;

/** Lets through some events a second, and tells how many it did not. What is refused is not hidden by what is not. */
function bounded(sink: LogSink, uid: number): LogSink {
  const taken = new Map<LogLevel, number>();
  let second = 0;
  let leftOut = 0;
  return (record) => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      if (leftOut > 0) sink({ level: "warning", event: "log.left_out", facts: { uid, events: leftOut } });
      [second, leftOut] = [now, 0];
      taken.clear();
    }
    const before = taken.get(record.level) ?? 0;
    taken.set(record.level, before + 1);
    if (before < MOST_A_SECOND) sink(record);
    else leftOut++;
  };
}

/** Where events go. */
export class Log {
  readonly #sink: LogSink;
  readonly #users = new Map<number, Log>();

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  /** For what a user does: nobody but root can fill the log. */
  of(uid: number): Log {
    if (uid === 0) return this;
    let log = this.#users.get(uid);
    if (log === undefined) this.#users.set(uid, log = new Log(bounded(this.#sink, uid)));
    return log;
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
