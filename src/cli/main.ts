/** From arguments to a command to an exit code; the one place where errors become output. */
import { asSbError, type SbError } from "../core/mod.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { type ColourChoice, paintFor } from "./output/colour.ts";
import { errorJson, errorText } from "./output/errors.ts";
import { type Sink, stderrSink, stdoutSink } from "./output/sink.ts";
import { hasOption, type Invocation, optionValue, parseCommandLine } from "./parse.ts";
import { findCommand } from "./table.ts";
import { VERSION } from "./version.ts";

/** Runs sb. @returns the exit code */
export async function runCli(argv: readonly string[]): Promise<number> {
  const worker = workerUser(argv);
  if (worker !== undefined) {
    const { serveFiles } = await import("../../rpc/worker/mod.ts");
    return await serveFiles(worker);
  }
  const target = targetToComplete(argv);
  if (target !== undefined) {
    const { completeTarget } = await import("../symbols/mod.ts");
    return print(completeTarget(target).map((line) => `${line}\n`).join(""));
  }
  let invocation: Invocation;
  try {
    invocation = parseCommandLine(argv);
  } catch (thrown) {
    const error = asSbError(thrown);
    await showError(error, guessPlace(argv));
    return error.row.exit;
  }
  try {
    return await dispatch(invocation);
  } catch (thrown) {
    let error = asSbError(thrown);
    if (error.code === "backend.unavailable") error = (await import("./findings.ts")).withFindings(error);
    await showError(error, placeOf(invocation));
    if (!startsCommand(invocation)) return error.row.exit;
    const { runFailureStatus } = await import("./commands/run.ts");
    return runFailureStatus(error);
  }
}

/** Whether sb was to start a command, whose exit status is sb's. */
function startsCommand({ command, operands }: Invocation): boolean {
  return command?.name === "run" || (command?.name === "count" && operands.length > 0);
}

/** Whom this process is to read files for, where the server started it: an argument that no command line has. */
function workerUser([first, ...rest]: readonly string[]): string | undefined {
  return rest.length === 0 && first?.startsWith("--serve-files=")
    ? first.slice(first.indexOf("=") + 1)
    : undefined;
}

/** The beginning of a target, where a shell's completion asks what it may become: an argument of no command line, too. */
function targetToComplete([first, ...rest]: readonly string[]): string | undefined {
  return rest.length === 0 && first?.startsWith("--complete-target=")
    ? first.slice(first.indexOf("=") + 1)
    : undefined;
}

async function dispatch(invocation: Invocation): Promise<number> {
  const name = invocation.command?.name;
  // Help needs none of the rest: its imports stay apart.
  if (hasOption(invocation, "help")) {
    return print(invocation.command ? commandHelp(invocation.command) : mainHelp());
  }
  if (hasOption(invocation, "version")) return print(`sb ${VERSION}\n`);
  switch (name) {
    case undefined: {
      const { noCommand } = await import("./commands/printed.ts");
      throw noCommand();
    }
    case "help":
    case "completions":
    case "man": {
      const { printedText } = await import("./commands/printed.ts");
      return print(printedText(name, invocation.operands[0]));
    }
  }
  const { hasPins, refuseBorrowedPrivileges } = await import("../sys/mod.ts");
  refuseBorrowedPrivileges();
  if (hasPins()) {
    const { standAside } = await import("../../mod.ts");
    standAside();
  }
  switch (name) {
    case "run": {
      const { runCommand } = await import("./commands/run.ts");
      return await runCommand(invocation);
    }
    case "attach": {
      const { attachCommand } = await import("./commands/attach.ts");
      return await attachCommand(invocation);
    }
    case "sweep": {
      const { sweepCommand } = await import("./commands/sweep.ts");
      return await sweepCommand(invocation);
    }
    case "count": {
      const { countCommandLine } = await import("./commands/count.ts");
      return await countCommandLine(invocation);
    }
    case "symbols": {
      const { symbolsCommand } = await import("./commands/symbols.ts");
      return symbolsCommand(invocation);
    }
    case "add":
    case "update":
    case "remove":
    case "list":
    case "clear":
    case "enable":
    case "disable":
    case "status":
    case "delay": {
      const { controlCommand } = await import("./commands/controlling.ts");
      return await controlCommand(name, invocation);
    }
    case "serve": {
      const { serveCommand } = await import("./commands/serve.ts");
      return await serveCommand(invocation);
    }
    case "call": {
      const { callCommand } = await import("./commands/call.ts");
      return await callCommand(invocation);
    }
    case "module": {
      const { moduleCommand } = await import("./commands/module.ts");
      return await moduleCommand(invocation);
    }
    case "doctor": {
      const { doctorCommand } = await import("./commands/doctor.ts");
      return doctorCommand(invocation);
    }
  }
  throw new Error(`the table has a command that is not dispatched: ${name}`);
}

function print(text: string): number {
  stdoutSink().write(text);
  return 0;
}

/** Where an error is shown, and in which form. */
interface ErrorPlace {
  json: boolean;
  colour: ColourChoice;
  /** Whether results of this command go to the report's place instead of stdout. */
  reports: boolean;
  /** The value of --output. */
  output: string | undefined;
}

function placeOf(invocation: Invocation): ErrorPlace {
  return {
    json: hasOption(invocation, "json"),
    colour: (optionValue(invocation, "color") ?? "auto") as ColourChoice,
    reports: invocation.command?.reports === true,
    output: optionValue(invocation, "output"),
  };
}

/** For a command line that could not be read. */
function guessPlace(argv: readonly string[]): ErrorPlace {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  const name = own.find((word) => !word.startsWith("-"));
  return {
    json: own.includes("--json"),
    colour: "auto",
    reports: findCommand(name ?? "")?.reports === true,
    output: undefined,
  };
}

async function showError(error: SbError, place: ErrorPlace): Promise<void> {
  if (!place.json) {
    const stderr = stderrSink();
    stderr.write(errorText(error, paintFor(place.colour, stderr.terminal)));
    return;
  }
  using sink = await errorSink(error, place);
  sink.write(errorJson(error));
}

async function errorSink(error: SbError, place: ErrorPlace): Promise<Sink> {
  if (!place.reports) return stdoutSink();
  if (place.output === undefined || error.code === "output.unwritable") return stderrSink();
  const { openReport } = await import("./output/report_place.ts");
  try {
    return openReport(place.output);
  } catch {
    return stderrSink();
  }
}
