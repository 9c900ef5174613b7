/** One peer's stream: requests in, carried out one after the other, and answers out; what is not read is bounded. */
import type { Socket } from "node:net";
import { isHungUp } from "../../src/sys/mod.ts";
import {
  type BadCall,
  type Batch,
  batchText,
  type Call,
  faultText,
  LineSplitter,
  type Message,
  overlongFault,
  parseMessage,
  QUEUED_BYTES,
} from "../wire/mod.ts";

/** The answer to a call; undefined for a notification's. */
export type Answer = string | undefined;

/** What a connection is carried on with. */
export interface ConnectionOptions {
  /** The socket's descriptor. */
  fd: number;
  /** Carries out a call; never throws. */
  call(call: Call): Answer | Promise<Answer>;
  /** Is told how many bytes wait to be read by the peer. @returns whether it may be so many */
  queued(bytes: number): boolean;
  /**
   * The connection is over, once: no answer is wanted any more.
   *
   * @param why for the log
   * @returns settles when the session is undone; never rejects
   */
  closed(why: string): Promise<void>;
}

/** Other connections get their turn after so long. */
const TURN_MS = 1;
/** So much text is gathered for one write. */
const WRITE_CHARACTERS = 65_536;
/** How often a peer that is not read from is looked at: its end shows nowhere else. */
const LOOK_MS = 20;
/** A peer that does not read the last of its answers is given so long. */
const LINGER_MS = 5_000;

/** A connection. Its socket must allow half-open ones. */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #lines = new LineSplitter();
  #messages: Message[] = [];
  /** The message of `#messages` that is next. */
  #next = 0;
  /** Whether a call is being carried out, or a turn was put off. */
  #isBusy = false;
  /** When the turn is over, of performance.now(). Answers that only promise jobs settle are in the same one. */
  #turnEnds = 0;
  #hasEnded = false;
  #isOver = false;
  #text = "";
  #looking: ReturnType<typeof setInterval> | undefined;
  #lingering: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk: Uint8Array) => this.#read(chunk));
    socket.on("end", () => this.#end());
    socket.on("drain", () => options.queued(0));
    socket.on("close", () => {
      clearTimeout(this.#lingering);
      this.#over("closed");
    });
  }

  /** Sends a text that nobody asked for: a notification. */
  send(text: string): void {
    if (this.#isOver) return;
    this.#put(text);
    if (!this.#isBusy) this.#flush();
  }

  /** Carries out what was read, answers it and closes. */
  end(): void {
    if (this.#isOver || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.pause();
    this.#look(true);
    if (!this.#isBusy) this.#finish();
  }

  /** Ends it without another word. */
  cut(why: string): void {
    this.#over(why);
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    if (this.#hasEnded || this.#isOver) return;
    for (const line of this.#lines.push(chunk)) this.#messages.push(parseMessage(line));
    if (this.#lines.isOverlong) this.#messages.push({ kind: "fatal", fault: overlongFault() });
    if (!this.#isBusy) this.#beginTurn();
    this.#work();
    // What floods is read no faster than it is carried out.
    if (this.#isBusy && this.#next < this.#messages.length) {
      this.#socket.pause();
      this.#look(true);
      // A process's first interval runs microtasks before it returns: the work may be done by now.
      if (!this.#isBusy && !this.#hasEnded) this.#readOn();
    }
  }

  #end(): void {
    if (this.#isOver || this.#hasEnded) return;
    // A peer that is gone reads no answers; one that only ended its side may.
    if (isHungUp(this.#options.fd)) return this.cut("closed");
    this.#hasEnded = true;
    this.#look(true);
    if (!this.#isBusy) this.#finish();
  }

  #work(): void {
    if (this.#isBusy || this.#isOver) return;
    this.#isBusy = true;
    while (this.#next < this.#messages.length) {
      if (this.#isTurnOver()) {
        this.#flush();
        othersTurn().then(() => {
          this.#beginTurn();
          this.#goOn();
        });
        return;
      }
      const answer = this.#carryOut(this.#messages[this.#next++]);
      if (this.#isOver) return;
      if (answer instanceof Promise) {
        this.#flush();
        answer.then((text) => {
          this.#put(text);
          this.#goOn();
        });
        return;
      }
      this.#put(answer);
    }
    this.#messages = [];
    this.#next = 0;
    this.#isBusy = false;
    this.#flush();
    if (this.#hasEnded) this.#finish();
    else if (this.#looking !== undefined) this.#readOn();
  }

  #beginTurn(): void {
    this.#turnEnds = performance.now() + TURN_MS;
  }

  #isTurnOver(): boolean {
    return performance.now() > this.#turnEnds;
  }

  #readOn(): void {
    if (this.#isOver) return;
    this.#look(false);
    this.#socket.resume();
  }

  #goOn(): void {
    this.#isBusy = false;
    this.#work();
  }

  #carryOut(message: Message): Answer | Promise<Answer> {
    switch (message.kind) {
      case "call":
        return this.#options.call(message);
      case "bad":
        return badAnswer(message);
      case "batch":
        return this.#carryOutBatch(message);
      case "fatal":
        // Nothing that follows is read.
        this.#messages.length = this.#next;
        this.#hasEnded = true;
        this.#socket.pause();
        this.#look(true);
        return faultText(null, message.fault);
    }
  }

  async #carryOutBatch({ items }: Batch): Promise<Answer> {
    const answers: string[] = [];
    let characters = 0;
    for (const item of items) {
      if (this.#isTurnOver()) {
        await othersTurn();
        this.#beginTurn();
      }
      if (this.#isOver) return undefined;
      const given = item.kind === "bad" ? badAnswer(item) : this.#options.call(item);
      const answer = given instanceof Promise ? await given : given;
      if (answer === undefined) continue;
      answers.push(answer);
      characters += answer.length;
      if (characters > QUEUED_BYTES) {
        this.cut("its answers are too long");
        return undefined;
      }
    }
    return answers.length === 0 ? undefined : batchText(answers);
  }

  #put(answer: Answer): void {
    if (answer === undefined || this.#isOver) return;
    this.#text += answer + "\n";
    if (this.#text.length >= WRITE_CHARACTERS) this.#flush();
  }

  #flush(): void {
    if (this.#text === "" || this.#isOver) return;
    const text = this.#text;
    this.#text = "";
    this.#socket.write(text);
    if (!this.#options.queued(this.#socket.writableLength)) this.cut("it does not read");
  }

  /** Everything that was read is carried out. */
  #finish(): void {
    this.#flush();
    if (this.#isOver) return;
    this.#lingering = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    // A client that waits for the end knows then that it is undone.
    this.#over("ended").then(() => this.#socket.end(() => this.#socket.destroy()));
  }

  #over(why: string): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#isOver = true;
    this.#look(false);
    this.#messages = [];
    this.#next = 0;
    this.#text = "";
    this.#options.queued(0);
    return this.#options.closed(why);
  }

  #look(on: boolean): void {
    if (!on) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    } else {
      this.#looking ??= setInterval(() => {
        if (isHungUp(this.#options.fd)) this.cut("closed");
      }, LOOK_MS);
    }
  }
}

/** Settles when other connections were read. A timer: Deno's setImmediate leaves sockets alone for hundreds of milliseconds. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function badAnswer({ id, fault }: BadCall): Answer {
  return id === undefined ? undefined : faultText(id, fault);
}
