/** The commands that only print a text made from the table: help, completions, man. */
import { nearestNames, SbError } from "../../core/mod.ts";
import { completionScript, type Shell } from "../completions.ts";
import { commandHelp, mainHelp } from "../help.ts";
import { commandManPage, manPage } from "../man.ts";
import { COMMANDS, findCommand, SHELLS } from "../table.ts";

/** The text of `sb help`, `sb completions` and `sb man`. @throws SbError `usage.option` */
export function printedText(name: "help" | "completions" | "man", operand: string | undefined): string {
  if (name === "completions") return completionScript(readShell(operand ?? ""));
  const [ofSb, ofCommand] = name === "man" ? [manPage, commandManPage] : [mainHelp, commandHelp];
  if (operand === undefined) return ofSb();
  const command = findCommand(operand);
  if (command) return ofCommand(command);
  throw new SbError(
    "usage.option",
    `Cannot find the command "${operand}": sb has no such command${
      meant(operand, COMMANDS.map((row) => row.name))
    }`,
  );
}

/** The refusal of `sb` alone. */
export function noCommand(): SbError {
  return new SbError("usage.option", 'Cannot start "sb": a command is missing (sb --help lists them)');
}

function readShell(name: string): Shell {
  const shell = SHELLS.find((candidate) => candidate === name);
  if (shell !== undefined) return shell;
  throw new SbError(
    "usage.option",
    `Cannot write completions for "${name}": it is not one of ${SHELLS.join(", ")}${meant(name, SHELLS)}`,
  );
}

function meant(name: string, names: readonly string[]): string {
  const [found] = nearestNames(name, names, 1);
  return found === undefined ? "" : ` (did you mean ${found}?)`;
}
