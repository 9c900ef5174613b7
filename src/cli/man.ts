/** The manual page sb(1), from the command table. Pure; format: man(7). */
import {
  ABOUT,
  type CommandRow,
  COMMANDS,
  type ExampleRow,
  GLOBAL_OPTIONS,
  type OptionRow,
} from "./table.ts";
import { VERSION } from "./version.ts";

/** The page's source. */
export function manPage(): string {
  return [
    `.TH SB 1 "" "sb ${VERSION}" "User Commands"`,
    ".nh",
    ".SH NAME",
    `sb \\- ${roff(ABOUT.summary)}`,
    ".SH SYNOPSIS",
    ...COMMANDS.flatMap((command) => command.forms.map((form) => synopsis(command, form))),
    ".SH DESCRIPTION",
    ...ABOUT.description.map(roff),
    ".SH OPTIONS OF EVERY COMMAND",
    ...GLOBAL_OPTIONS.flatMap(optionRoff),
    ...COMMANDS.flatMap(commandRoff),
    ".SH EXIT STATUS",
    ...block(ABOUT.exits),
    ".SH ENVIRONMENT",
    ".TP",
    "NO_COLOR",
    "When set and not empty, no colour.",
    ".SH SEE ALSO",
    ".BR perf (1),",
    ".BR strace (1),",
    ".BR bpftrace (8)",
    "",
  ].join("\n");
}

/** A text that no formatter takes for a request or an escape. */
function roff(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
  );
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function synopsis(command: CommandRow, form: string): string {
  return `.br\n.B sb ${command.name}\n${roff(form)}`.trimEnd();
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
