/** The help of sb and of each command, from the table. Pure; 80 columns. */
import {
  ABOUT,
  type CommandRow,
  COMMANDS,
  type ExampleRow,
  GLOBAL_OPTIONS,
  type OptionRow,
} from "./table.ts";

const WIDTH = 80;

/** Breaks a text at spaces. @param indent columns in front of each line */
export function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((text) => " ".repeat(indent) + text);
}

/** `-s, --slow TARGET=SPEC`, or with choices `--color auto|always|never`. */
export function optionUsage(option: OptionRow): string {
  const value = option.value === undefined ? "" : ` ${option.choices?.join("|") ?? option.value}`;
  return `${option.short ? `-${option.short}, ` : ""}--${option.long}${value}`;
}

function optionLines(options: readonly OptionRow[]): string[] {
  return options.flatMap((option) => {
    const usage = `  ${option.short ? "" : "    "}${optionUsage(option)}`;
    const [first, ...more] = wrap(option.help, 26);
    return usage.length < 25 ? [usage.padEnd(26) + first.trimStart(), ...more] : [usage, first, ...more];
  });
}

function exampleLines(examples: readonly ExampleRow[]): string[] {
  return examples.flatMap((example, index) => [
    ...(index > 0 ? [""] : []),
    `  # ${example.what}`,
    `  ${example.line}`,
  ]);
}

/** The help of sb: commands and what holds everywhere. */
export function mainHelp(): string {
  const first = COMMANDS.slice(0, 4).map((command) => command.examples[0]);
  return [
    `sb: ${ABOUT.summary}`,
    "",
    ...ABOUT.description.flatMap((text) => wrap(text, 0)),
    "",
    "USAGE",
    "  sb [OPTIONS] COMMAND …",
    "",
    "COMMANDS",
    ...COMMANDS.map((command) => `  ${command.name.padEnd(13)}${command.summary}`),
    "",
    "OPTIONS",
    ...optionLines(GLOBAL_OPTIONS),
    "",
    "EXAMPLES",
    ...exampleLines(first),
    "",
    "EXIT STATUS",
    ...ABOUT.exits.map((line) => `  ${line}`),
    "",
    "sb help COMMAND says more.",
    "",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: CommandRow): string {
  return [
    `sb ${command.name}: ${command.summary}`,
    "",
    "USAGE",
    ...command.forms.map((form) => `  sb ${command.name} ${form}`.trimEnd()),
    "",
    ...command.description.flatMap((text) => wrap(text, 0)),
    "",
    ...command.sections.flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`), ""]),
    ...(command.options.length > 0 ? ["OPTIONS", ...optionLines(command.options), ""] : []),
    "OPTIONS OF EVERY COMMAND",
    ...optionLines(GLOBAL_OPTIONS),
    "",
    "EXAMPLES",
    ...exampleLines(command.examples),
    "",
  ].join("\n");
}
