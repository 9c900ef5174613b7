/** The manual pages sb(1) and sb-COMMAND(1), from the command table. Pure; format: man(7). */
import {
  ABOUT,
  type CommandRow,
  COMMANDS,
  type ExampleRow,
  GLOBAL_OPTIONS,
  type OptionRow,
} from "./table.ts";
import { VERSION } from "./version.ts";

/** The source of sb(1): all there is. */
export function manPage(): string {
  return page("SB", "sb", ABOUT.summary, [
    ".SH SYNOPSIS",
    ...synopsis(COMMANDS),
    ".SH DESCRIPTION",
    ...ABOUT.description.map(roff),
    ".SH OPTIONS OF EVERY COMMAND",
    ...GLOBAL_OPTIONS.flatMap(optionRoff),
    ...COMMANDS.flatMap((command) => commandRoff(command)),
    ".SH EXIT STATUS",
    ...block(ABOUT.exits),
    ".SH ENVIRONMENT",
    ".TP",
    "NO_COLOR",
    "When set and not empty, no colour.",
    ".SH SEE ALSO",
    ...COMMANDS.map((command) => reference(pageName(command), 1, ",")),
    ...["perf", "strace"].map((name) => reference(name, 1, ",")),
    reference("bpftrace", 8, ""),
  ]);
}

/** The source of a command's own page, sb-COMMAND(1). */
export function commandManPage(command: CommandRow): string {
  return page(`SB-${command.name.toUpperCase()}`, pageName(command), command.summary, [
    ".SH SYNOPSIS",
    ...synopsis([command]),
    ".SH DESCRIPTION",
    ...command.description.flatMap((text, index) => [...(index > 0 ? [".PP"] : []), roff(text)]),
    ...(command.options.length > 0 ? [".SH OPTIONS", ...command.options.flatMap(optionRoff)] : []),
    ".SH OPTIONS OF EVERY COMMAND",
    ...GLOBAL_OPTIONS.flatMap(optionRoff),
    ...command.sections.flatMap(({ title, lines }) => [`.SH ${roff(title)}`, ...block(lines)]),
    ".SH EXAMPLES",
    ...command.examples.flatMap(exampleRoff),
    ".SH SEE ALSO",
    reference("sb", 1, ""),
  ]);
}

/** The name of a command's page. */
export function pageName(command: CommandRow): string {
  return `sb-${command.name}`;
}

function page(title: string, name: string, summary: string, parts: readonly string[]): string {
  return [
    `.TH ${title} 1 "" "sb ${VERSION}" "User Commands"`,
    ".nh",
    ".SH NAME",
    `${roff(name)} \\- ${roff(summary)}`,
    ...parts,
    "",
  ].join("\n");
}

function reference(name: string, section: number, end: string): string {
  return `.BR ${roff(name)} (${section})${end}`;
}

/** A text that no formatter takes for a request or an escape. */
function roff(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
  );
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function synopsis(commands: readonly CommandRow[]): string[] {
  const forms = commands.flatMap(({ name, forms }) => forms.map((form) => ({ name, form })));
  return forms.flatMap(({ name, form }, index) => [
    ...(index > 0 ? [".br"] : []),
    `.B sb ${name}`,
    ...(form === "" ? [] : [roff(form)]),
  ]);
}

function block(lines: readonly string[]): string[] {
  return [".nf", ...lines.map(roff), ".fi"];
}

function optionRoff(option: OptionRow): string[] {
  const names = [...(option.short ? [`-${option.short}`] : []), `--${option.long}`];
  const value = option.value === undefined
    ? ""
    : ` \\fI${roff(option.choices?.join("|") ?? option.value)}\\fR`;
  return [".TP", names.map((name) => `\\fB${roff(name)}\\fR`).join(", ") + value, roff(option.help)];
}

function exampleRoff(example: ExampleRow): string[] {
  return [".TP", `\\fB${roff(example.line)}\\fR`, roff(example.what)];
}

function commandRoff(command: CommandRow): string[] {
  return [
    `.SH SB ${command.name.toUpperCase()}`,
    `${roff(command.summary)}.`,
    ...command.description.flatMap((text) => [".PP", roff(text)]),
    ...(command.options.length > 0 ? [".SS Options", ...command.options.flatMap(optionRoff)] : []),
    ...command.sections.flatMap(({ title, lines }) => [`.SS ${capital(title)}`, ...block(lines)]),
    ".SS Examples",
    ...command.examples.flatMap(exampleRoff),
  ];
}

function capital(title: string): string {
  return title[0] + title.slice(1).toLowerCase();
}
