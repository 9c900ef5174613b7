/** The shape of the command table. Types only. */

/** What a shell offers for a value or an operand. */
export type Completion = "file" | "command" | "user" | "pid" | "process" | "subcommand" | "target";

/** An option of a command. */
export interface OptionRow {
  /** Without its dashes. */
  long: string;
  short?: string;
  /** The value's name in the help; without one the option takes no value. */
  value?: string;
  /** The only values accepted. */
  choices?: readonly string[];
  /** May be given more than once; otherwise the last one holds. */
  repeat?: true;
  completion?: Completion;
  /** One or two sentences without a full stop at the end. */
  help: string;
}

/** A command line that works as written, and what it is for. */
export interface ExampleRow {
  line: string;
  what: string;
}

/** A part of a command's help beyond its options. */
export interface SectionRow {
  title: string;
  /** Printed as they are; up to 78 columns. */
  lines: readonly string[];
}

/** A command. */
export interface CommandRow {
  name: string;
  /** One sentence without a full stop, for the list of commands. */
  summary: string;
  /** What follows `sb NAME`, one line a form. */
  forms: readonly string[];
  description: readonly string[];
  options: readonly OptionRow[];
  /** Names of the operands in order; a last one in brackets may be left out. */
  operands: readonly string[];
  /** The last operand may be given more than once. */
  repeatsLast?: true;
  operandCompletion?: readonly (Completion | readonly string[])[];
  /** Everything from the first operand, or behind `--`, is a command line and left alone. */
  takesCommand?: true;
  /** Its answer, an error's JSON too, goes to stderr or where --output says. */
  reports?: true;
  /** What stands behind `--`, and nothing before it, is a command line. */
  takesCommandBehind?: true;
  sections: readonly SectionRow[];
  examples: readonly ExampleRow[];
}
