/** The command line, read against the table with getopt's habits: `--opt=value`, `--opt value`, `-abc`, `--`. Pure. */
import { nearestNames, SbError } from "../core/mod.ts";
import { type CommandRow, COMMANDS, findCommand, GLOBAL_OPTIONS, type OptionRow } from "./table.ts";

/** A command line, read. */
export interface Invocation {
  /** null when no command was named (`sb --help`). */
  command: CommandRow | null;
  /** Values by long name, as written, in order; an option without a value gives "". */
  options: ReadonlyMap<string, readonly string[]>;
  operands: readonly string[];
  /** The command line behind `--`, of a command that takes one there. */
  behind: readonly string[];
}

/**
 * Reads the arguments of sb.
 *
 * @throws SbError `usage.option`, one line that names what is wrong and the nearest name
 */
export function parseCommandLine(argv: readonly string[]): Invocation {
  const parser = new Parser(argv);
  parser.readOptions({ stopAtOperand: true });
  const name = parser.takeOperand();
  if (name === undefined) return parser.finish();
  const command = findCommand(name);
  if (!command) {
    throw new SbError(
      "usage.option",
      `Cannot find the command "${name}": sb has no such command${
        nearest(name, COMMANDS.map((row) => row.name))
      }`,
    );
  }
  parser.enter(command);
  parser.readOptions({ stopAtOperand: command.takesCommand === true });
  return parser.finish();
}

/** Whether an option was given. */
export function hasOption(invocation: Invocation, long: string): boolean {
  return invocation.options.has(long);
}

/** The value of an option that was given: the last one. */
export function optionValue(invocation: Invocation, long: string): string | undefined {
  return invocation.options.get(long)?.at(-1);
}

/** " (did you mean --every?)", or nothing. */
function nearest(name: string, names: readonly string[]): string {
  const [found] = nearestNames(name, names, 1);
  return found === undefined ? "" : ` (did you mean ${found}?)`;
}

class Parser {
  readonly #argv: readonly string[];
  readonly #options = new Map<string, string[]>();
  readonly #operands: string[] = [];
  #behind: readonly string[] = [];
  #command: CommandRow | null = null;
  #at = 0;

  constructor(argv: readonly string[]) {
    this.#argv = argv;
  }

  enter(command: CommandRow): void {
    this.#command = command;
  }

  takeOperand(): string | undefined {
    return this.#argv[this.#at++];
  }

  /** Reads options, and operands between them; stops at the first operand when told to. */
  readOptions(how: { stopAtOperand: boolean }): void {
    while (this.#at < this.#argv.length) {
      const word = this.#argv[this.#at];
      if (word === "--" && this.#command) {
        this.#at++;
        break;
      }
      if (word.startsWith("--") && word !== "--") {
        this.#at++;
        this.#long(word);
      } else if (word.startsWith("-") && word.length > 1 && word !== "--") {
        this.#at++;
        this.#bundle(word);
      } else {
        if (how.stopAtOperand) break;
        this.#operands.push(word);
        this.#at++;
      }
    }
    if (!this.#command) return;
    const rest = this.#argv.slice(this.#at);
    if (this.#command.takesCommandBehind) this.#behind = rest;
    else this.#operands.push(...rest);
  }

  finish(): Invocation {
    const command = this.#command;
    // --help answers whatever else is missing.
    if (command && !this.#options.has("help")) this.#checkOperands(command);
    return { command, options: this.#options, operands: this.#operands, behind: this.#behind };
  }

  #rows(): readonly OptionRow[] {
    return [...(this.#command?.options ?? []), ...GLOBAL_OPTIONS];
  }

  get #owner(): string {
    return this.#command ? `sb ${this.#command.name}` : "sb";
  }

  #long(word: string): void {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const row = this.#rows().find((candidate) => candidate.long === name);
    if (!row) {
      const elsewhere = COMMANDS.find((command) => command.options.some((option) => option.long === name));
      const names = this.#rows().map((candidate) => `--${candidate.long}`);
      throw new SbError(
        "usage.option",
        `Cannot read the option "--${name}": ${this.#owner} has no such option` +
          (elsewhere ? ` (sb ${elsewhere.name} has)` : nearest(`--${name}`, names)),
      );
    }
    if (equals < 0) this.#set(row, { written: `--${name}` });
    else this.#set(row, { written: `--${name}`, value: word.slice(equals + 1) });
  }

  /** `-qf FILE`, `-qfFILE`: each letter is an option, the rest of the word may be the value of one. */
  #bundle(word: string): void {
    for (let index = 1; index < word.length; index++) {
      const letter = word[index];
      const row = this.#rows().find((candidate) => candidate.short === letter);
      if (!row) {
        const meant = word.length > 2 && this.#rows().find((candidate) => candidate.long === word.slice(1));
        throw new SbError(
          "usage.option",
          `Cannot read the option "-${letter}"${word.length > 2 ? ` in "${word}"` : ""}: ` +
            `${this.#owner} has no such option${meant ? ` (did you mean --${meant.long}?)` : ""}`,
        );
      }
      const rest = word.slice(index + 1);
      if (row.value !== undefined && rest !== "") {
        this.#set(row, { written: `-${letter}`, value: rest });
        return;
      }
      this.#set(row, { written: `-${letter}` });
    }
  }

  #set(row: OptionRow, given: { written: string; value?: string }): void {
    const { written } = given;
    let value = given.value;
    if (row.value === undefined) {
      if (value !== undefined) {
        throw new SbError("usage.option", `Cannot read "${written}=${value}": ${written} takes no value`);
      }
      value = "";
    } else if (value === undefined) {
      value = this.#argv[this.#at];
      // A value of "--" is far likelier a forgotten one.
      if (value === undefined || value === "--") {
        throw new SbError(
          "usage.option",
          `Cannot read the option "${written}": it needs a value (${row.value})`,
        );
      }
      this.#at++;
    }
    if (row.choices && !row.choices.includes(value)) {
      throw new SbError(
        "usage.option",
        `Cannot read "${written}=${value}": "${value}" is not one of ${row.choices.join(", ")}` +
          nearest(value, row.choices),
      );
    }
    const before = row.repeat ? this.#options.get(row.long) ?? [] : [];
    this.#options.set(row.long, [...before, value]);
  }

  #checkOperands(command: CommandRow): void {
    const least = command.operands.filter((name) => !name.startsWith("[")).length;
    if (this.#operands.length < least) {
      const missing = command.operands[this.#operands.length];
      throw new SbError(
        "usage.option",
        `Cannot start "sb ${command.name}": ${missing} is missing (sb ${command.name} ${command.forms[0]})`,
      );
    }
    if (!command.takesCommand && !command.repeatsLast && this.#operands.length > command.operands.length) {
      const extra = this.#operands[command.operands.length];
      throw new SbError(
        "usage.option",
        `Cannot read "${extra}": sb ${command.name} takes ${
          command.operands.length === 0 ? "no operands" : `only ${command.operands.join(" ")}`
        }`,
      );
    }
  }
}
