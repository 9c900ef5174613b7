/** The commands that only tell: symbols, doctor, help, completions, man. Data only. */
import type { CommandRow } from "./model.ts";

/** `sb symbols`. */
export const SYMBOLS: CommandRow = {
  name: "symbols",
  summary: "List the functions of a file that can be targets",
  forms: ["[OPTIONS] FILE [PATTERN]"],
  description: [
    "Prints file offset, size, kind and name of each symbol, and the demangled name of C++ and Rust symbols. FILE is a path, a program in PATH or a library name. PATTERN is a glob, a /regex/ or a name, over both names.",
  ],
  options: [],
  operands: ["FILE", "[PATTERN]"],
  operandCompletion: ["file"],
  sections: [],
  examples: [
    { line: "sb symbols python3.11 'PyObject_*'", what: "as nm -C, but only what a target can name" },
    { line: "sb symbols libc '/^(m|c|re)alloc$/'", what: "a regular expression; it runs in linear time" },
    {
      line: "sb symbols --json ./app | jq -r '.symbols[] | select(.size > 4096).name'",
      what: "the big ones",
    },
  ],
};

/** `sb doctor`. */
export const DOCTOR: CommandRow = {
  name: "doctor",
  summary: "Say what works on this machine, what does not, and how to mend it",
  forms: ["[OPTIONS]"],
  description: [
    "Checks the kernel, the privileges and the libraries that sb uses, and shows the evidence for each verdict.",
  ],
  options: [],
  operands: [],
  sections: [{ title: "EXIT STATUS", lines: ["0 a backend is usable, 3 none is"] }],
  examples: [
    { line: "sudo sb doctor", what: "with the privileges that run would have" },
    { line: "sb doctor --json | jq .backends", what: "for a script" },
  ],
};

/** `sb help`. */
export const HELP: CommandRow = {
  name: "help",
  summary: "Print the help of sb, or of a command",
  forms: ["[COMMAND]"],
  description: ["The same as sb --help, or sb COMMAND --help."],
  options: [],
  operands: ["[COMMAND]"],
  operandCompletion: ["subcommand"],
  sections: [],
  examples: [{ line: "sb help run", what: "targets, delays and examples" }],
};

/** The shells that completions are written for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** `sb completions`. */
export const COMPLETIONS: CommandRow = {
  name: "completions",
  summary: "Print the completions of a shell",
  forms: ["bash|zsh|fish"],
  description: ["Prints a script that completes commands, options and their values."],
  options: [],
  operands: ["SHELL"],
  operandCompletion: [SHELLS],
  sections: [],
  examples: [
    { line: "sb completions bash > ~/.local/share/bash-completion/completions/sb", what: "for bash" },
    { line: "sb completions zsh > ~/.zfunc/_sb", what: "for zsh, with ~/.zfunc in fpath" },
    { line: "sb completions fish > ~/.config/fish/completions/sb.fish", what: "for fish" },
  ],
};

/** `sb man`. */
export const MAN: CommandRow = {
  name: "man",
  summary: "Print the manual page of sb, or of a command",
  forms: ["[COMMAND]"],
  description: ["Prints the manual page sb(1), or sb-COMMAND(1), in the man(7) format."],
  options: [],
  operands: ["[COMMAND]"],
  operandCompletion: ["subcommand"],
  sections: [],
  examples: [
    { line: "sb man | man -l -", what: "read it" },
    { line: "sb man run > /usr/local/share/man/man1/sb-run.1", what: "for man sb-run" },
  ],
};
