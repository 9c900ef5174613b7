/** Completion scripts of bash, zsh and fish, from the command table. Pure. */
import {
  type CommandRow,
  COMMANDS,
  type Completion,
  GLOBAL_OPTIONS,
  type OptionRow,
  SHELLS,
} from "./table.ts";

/** A shell that completions are written for. */
export type Shell = typeof SHELLS[number];

/** The completion script of a shell. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case "bash":
      return bashScript();
    case "zsh":
      return zshScript();
    case "fish":
      return fishScript();
  }
}

function optionsOf(command: CommandRow): OptionRow[] {
  return [...command.options, ...GLOBAL_OPTIONS];
}

function words(option: OptionRow): string[] {
  return [...(option.short ? [`-${option.short}`] : []), `--${option.long}`];
}

const COMMAND_NAMES = COMMANDS.map((command) => command.name).join(" ");

/** Every option with a value, once: names are unique over the table. */
function valueOptions(): OptionRow[] {
  const all = [...COMMANDS.flatMap((command) => command.options), ...GLOBAL_OPTIONS];
  return [...new Map(all.map((option) => [option.long, option])).values()]
    .filter((option) => option.value !== undefined);
}

const BASH: Readonly<Record<Completion, string>> = {
  file: 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word")',
  command: 'mapfile -t COMPREPLY < <(compgen -c -- "$word")',
  user: 'mapfile -t COMPREPLY < <(compgen -u -- "$word")',
  pid: 'mapfile -t COMPREPLY < <(compgen -W "$(ps -eo pid=)" -- "$word")',
  process: 'mapfile -t COMPREPLY < <(compgen -W "$(ps -eo comm=)" -- "$word")',
  subcommand: `mapfile -t COMPREPLY < <(compgen -W "${COMMAND_NAMES}" -- "$word")`,
  target: "_sb_target",
};

function bashChoices(choices: readonly string[]): string {
  return `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word"))`;
}

function bashOperands(command: CommandRow): string {
  const [first] = command.operandCompletion ?? [];
  if (first === undefined) return "";
  return typeof first === "string" ? BASH[first] : bashChoices(first);
}

function bashScript(): string {
  const values = valueOptions().map((option) => {
    const reply = option.choices
      ? bashChoices(option.choices)
      : option.completion
      ? BASH[option.completion]
      : ":";
    return `    ${words(option).join("|")}) ${reply}; return ;;`;
  });
  const commands = COMMANDS.map((command) => {
    const list = optionsOf(command).flatMap(words).join(" ");
    const operands = command.takesCommand ? BASH.command : bashOperands(command);
    return `    ${command.name}) options="${list}"; operands='${operands.replaceAll("'", "'\\''")}' ;;`;
  });
  return `# bash completion of sb, made by: sb completions bash

# The words as sb gets them, in "words": readline ends a word at each character of COMP_WORDBREAKS, as : and =.
_sb_words() {
  local line=\${COMP_LINE:0:COMP_POINT} gap part index
  words=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    gap=\${line%%[![:space:]]*} line=\${line#"\${line%%[![:space:]]*}"}
    part=\${COMP_WORDS[index]}
    [[ $line == "$part"* ]] || part=$line
    line=\${line#"$part"}
    if ((index == 0)) || [[ -n $gap ]]; then words+=("$part"); else words[\${#words[@]}-1]+=$part; fi
  done
}

# Targets: files, programs, libraries, and behind the colon the symbols, which sb knows.
_sb_target() {
  local found=() index path
  compopt -o nospace
  if [[ \$word != *:* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "\$word")
    for index in "\${!COMPREPLY[@]}"; do
      path=\${COMPREPLY[index]}
      [[ \$path != "~/"* ]] || path=\$HOME/\${path:2}
      [[ ! -d \$path ]] || COMPREPLY[index]+=/
    done
    [[ \$word == */* ]] || mapfile -t found < <(compgen -c -- "\$word")
    COMPREPLY+=("\${found[@]}")
  fi
  path=\${words[0]}
  [[ \$path != "~/"* ]] || path=\$HOME/\${path:2}
  mapfile -t found < <("\$path" "--complete-target=\$word" 2>/dev/null)
  COMPREPLY+=("\${found[@]}")
  [[ -z \$quote ]] || return
  for index in "\${!COMPREPLY[@]}"; do
    [[ \${COMPREPLY[index]} == "~/"* ]] || printf -v "COMPREPLY[index]" %q "\${COMPREPLY[index]}"
  done
}

# Readline replaces what is behind the last character that ends a word, and knows nothing of what is before it.
_sb_cut() {
  local breaks= cut= mark index
  for mark in : = @; do [[ $COMP_WORDBREAKS != *"$mark"* ]] || breaks+=$mark; done
  [[ -n $quote || -z $breaks || $lead$word != *[$breaks]* ]] || cut=\${word%"\${word##*[$breaks]}"} lead=
  for index in "\${!COMPREPLY[@]}"; do COMPREPLY[index]=$lead\${COMPREPLY[index]#"$cut"}; done
}

_sb_find() {
  case $before in
${values.join("\n")}
  esac
  case $command in
${commands.join("\n")}
    *) options="${GLOBAL_OPTIONS.flatMap(words).join(" ")}"; operands='${BASH.subcommand}' ;;
  esac
  if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word"); else eval "$operands"; fi
}

_sb() {
  local words word before command= index options operands quote= lead=
  _sb_words
  word=\${words[\${#words[@]}-1]} before=\${words[\${#words[@]}-2]}
  COMPREPLY=()
  for ((index = 1; index < \${#words[@]} - 1; index++)); do
    case \${words[index]} in
    --) if ((index == \${#words[@]} - 2)); then ${BASH.command}; else ${BASH.file}; fi
      return ;;
    -*) ;;
    *) [[ -z $command ]] && command=\${words[index]} ;;
    esac
  done
  case $word in
  --*=*) before=\${word%%=*} lead=\${word%%=*}= word=\${word#*=} ;;
  \\'* | \\"*) quote=\${word:0:1} word=\${word:1} ;;
  esac
  [[ -n $quote ]] || word=\${word//\\\\/}
  _sb_find
  _sb_cut
}
complete -F _sb sb
`;
}

const ZSH: Readonly<Record<Completion, string>> = {
  file: "_files",
  command: "_command_names -e",
  user: "_users",
  pid: "_pids",
  process: "_process_names -a",
  subcommand: `(${COMMAND_NAMES})`,
  target: "_sb_target",
};

function zshText(text: string): string {
  return text.replace(/[\[\]:\\]/g, "\\$&").replaceAll("'", "'\\''");
}

function zshOption(option: OptionRow): string {
  const action = option.choices
    ? `(${option.choices.join(" ")})`
    : option.completion
    ? ZSH[option.completion]
    : "";
  const value = option.value === undefined ? "" : `:${zshText(option.value)}:${action}`;
  const names = words(option);
  const long = option.value === undefined ? `--${option.long}` : `--${option.long}=`;
  const help = `[${zshText(option.help)}]${value}`;
  if (option.repeat) return names.length > 1 ? `'*'{-${option.short},${long}}'${help}'` : `'*${long}${help}'`;
  return names.length > 1 ? `'(${names.join(" ")})'{-${option.short},${long}}'${help}'` : `'${long}${help}'`;
}

function zshOperands(command: CommandRow): string[] {
  if (command.takesCommand) return ["'(-):command:_command_names -e'", "'*::arguments:_normal'"];
  return command.operands.map((name, index) => {
    const completion = command.operandCompletion?.[index];
    const action = completion === undefined
      ? ""
      : typeof completion === "string"
      ? ZSH[completion]
      : `(${completion.join(" ")})`;
    const optional = name.startsWith("[");
    const place = command.repeatsLast && index === command.operands.length - 1 ? "*" : String(index + 1);
    return `'${place}${optional ? "::" : ":"}${name.replace(/[[\]]/g, "")}:${action}'`;
  });
}

function zshScript(): string {
  const cases = COMMANDS.map((command) => {
    const specs = [...optionsOf(command).map(zshOption), ...zshOperands(command)];
    return `    ${command.name})\n      _arguments -s -S \\\n        ${specs.join(" \\\n        ")} ;;`;
  });
  return `#compdef sb
# zsh completion of sb, made by: sb completions zsh

# Targets: files, programs, libraries, and behind the colon the symbols, which sb knows.
_sb_target() {
  local -a found
  found=(\${(f)"$(_call_program targets \${(q)sb} --complete-target=\${(q)\${(Q)PREFIX}} 2>/dev/null)"})
  compadd -S '' -a found
  [[ $PREFIX == *:* ]] || { _files -S ''; [[ $PREFIX == */* ]] || _command_names -e -S '' }
}

_sb() {
  local curcontext=$curcontext state line sb=$words[1]
  typeset -A opt_args
  _arguments -C -s -S \\
    ${GLOBAL_OPTIONS.map(zshOption).join(" \\\n    ")} \\
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
  command)
    local -a commands=(
${COMMANDS.map((command) => `      '${command.name}:${zshText(command.summary)}'`).join("\n")}
    )
    _describe command commands ;;
  argument)
    case $line[1] in
${cases.join("\n")}
    esac ;;
  esac
}
if [[ $funcstack[1] == _sb ]]; then _sb "$@"; else compdef _sb sb; fi
`;
}

const FISH: Readonly<Record<Completion, string>> = {
  file: "",
  command: "(__fish_complete_command)",
  user: "(__fish_complete_users)",
  pid: "(__fish_complete_pids)",
  process: "(__fish_complete_proc)",
  subcommand: COMMAND_NAMES,
  target: "(__sb_target)",
};

function fishText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function fishOption(option: OptionRow, condition: string): string {
  const parts = [`complete -c sb${condition}`];
  if (option.short) parts.push(`-s ${option.short}`);
  parts.push(`-l ${option.long}`);
  if (option.value !== undefined) {
    parts.push(option.completion === "file" ? "-r -F" : "-x");
    const values = option.choices?.join(" ") ?? (option.completion ? FISH[option.completion] : "");
    if (values !== "") parts.push(`-a ${fishText(values)}`);
  }
  parts.push(`-d ${fishText(option.help)}`);
  return parts.join(" ");
}

/** Targets: files, programs, libraries, and behind the colon the symbols, which sb knows. */
const FISH_TARGET = [
  "function __sb_target",
  "    set -l word (commandline -ct | string replace -r -- '^--[a-z-]+=' '' | string unescape)",
  "    set -l tokens (commandline -opc)",
  '    $tokens[1] "--complete-target=$word" 2>/dev/null',
  "    string match -q '*:*' -- $word; or __fish_complete_path $word",
  "    string match -q '*[:/]*' -- $word; or complete -C $word",
  "end",
];

function fishScript(): string {
  const lines = [
    "# fish completion of sb, made by: sb completions fish",
    ...FISH_TARGET,
    "complete -c sb -f",
  ];
  for (const option of GLOBAL_OPTIONS) lines.push(fishOption(option, ""));
  for (const command of COMMANDS) {
    const summary = fishText(command.summary);
    lines.push(`complete -c sb -n __fish_use_subcommand -a ${command.name} -d ${summary}`);
  }
  for (const command of COMMANDS) {
    const condition = ` -n '__fish_seen_subcommand_from ${command.name}'`;
    for (const option of command.options) lines.push(fishOption(option, condition));
    const [first] = command.operandCompletion ?? [];
    if (command.takesCommand) lines.push(`complete -c sb${condition} -x -a '(__fish_complete_subcommand)'`);
    else if (first === "file") lines.push(`complete -c sb${condition} -F`);
    else if (first !== undefined) {
      const values = typeof first === "string" ? FISH[first] : first.join(" ");
      lines.push(`complete -c sb${condition} -a ${fishText(values)}`);
    }
  }
  return lines.join("\n") + "\n";
}
