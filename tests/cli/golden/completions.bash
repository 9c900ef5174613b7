# bash completion of sb, made by: sb completions bash

# The words as sb gets them, in "words": readline ends a word at each character of COMP_WORDBREAKS, as : and =.
_sb_words() {
  local line=${COMP_LINE:0:COMP_POINT} gap part index
  words=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    gap=${line%%[![:space:]]*} line=${line#"${line%%[![:space:]]*}"}
    part=${COMP_WORDS[index]}
    [[ $line == "$part"* ]] || part=$line
    line=${line#"$part"}
    if ((index == 0)) || [[ -n $gap ]]; then words+=("$part"); else words[${#words[@]}-1]+=$part; fi
  done
}

# Targets: files, programs, libraries, and behind the colon the symbols, which sb knows.
_sb_target() {
  local found=() index path
  compopt -o nospace
  if [[ $word != *:* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    for index in "${!COMPREPLY[@]}"; do
      path=${COMPREPLY[index]}
      [[ $path != "~/"* ]] || path=$HOME/${path:2}
      [[ ! -d $path ]] || COMPREPLY[index]+=/
    done
    [[ $word == */* ]] || mapfile -t found < <(compgen -c -- "$word")
    COMPREPLY+=("${found[@]}")
  fi
  path=${words[0]}
  [[ $path != "~/"* ]] || path=$HOME/${path:2}
  mapfile -t found < <("$path" "--complete-target=$word" 2>/dev/null)
  COMPREPLY+=("${found[@]}")
  [[ -z $quote ]] || return
  for index in "${!COMPREPLY[@]}"; do
    [[ ${COMPREPLY[index]} == "~/"* ]] || printf -v "COMPREPLY[index]" %q "${COMPREPLY[index]}"
  done
}

# Readline replaces what is behind the last character that ends a word, and knows nothing of what is before it.
_sb_cut() {
  local breaks= cut= mark index
  for mark in : = @; do [[ $COMP_WORDBREAKS != *"$mark"* ]] || breaks+=$mark; done
  [[ -n $quote || -z $breaks || $lead$word != *[$breaks]* ]] || cut=${word%"${word##*[$breaks]}"} lead=
  for index in "${!COMPREPLY[@]}"; do COMPREPLY[index]=$lead${COMPREPLY[index]#"$cut"}; done
}

_sb_find() {
  case $before in
    -s|--slow) _sb_target; return ;;
    -f|--file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --every) :; return ;;
    --probability) :; return ;;
    --times) :; return ;;
    --start) :; return ;;
    --duration) :; return ;;
    --how) COMPREPLY=($(compgen -W "spin sleep" -- "$word")); return ;;
    --compensate) COMPREPLY=($(compgen -W "yes no" -- "$word")); return ;;
    --backend) COMPREPLY=($(compgen -W "auto ebpf kmod" -- "$word")); return ;;
    --isolation) COMPREPLY=($(compgen -W "auto private-file per-process shared" -- "$word")); return ;;
    --return) COMPREPLY=($(compgen -W "trampoline" -- "$word")); return ;;
    -u|--user) mapfile -t COMPREPLY < <(compgen -u -- "$word"); return ;;
    -o|--output) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    -p|--pid) mapfile -t COMPREPLY < <(compgen -W "$(ps -eo pid=)" -- "$word"); return ;;
    -n|--name) mapfile -t COMPREPLY < <(compgen -W "$(ps -eo comm=)" -- "$word"); return ;;
    --for) :; return ;;
    -i|--interval) :; return ;;
    --delays) :; return ;;
    --repeats) :; return ;;
    --until) :; return ;;
    --warmups) :; return ;;
    --metric) :; return ;;
    --better) COMPREPLY=($(compgen -W "lower higher" -- "$word")); return ;;
    --seed) :; return ;;
    --budget) :; return ;;
    --max-failures) :; return ;;
    --results) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --html) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --report) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --tag) :; return ;;
    --owner) mapfile -t COMPREPLY < <(compgen -W "$(ps -eo pid=)" -- "$word"); return ;;
    --socket) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --limit) :; return ;;
    --log) COMPREPLY=($(compgen -W "text json" -- "$word")); return ;;
    --unit) COMPREPLY=($(compgen -W "sb.service sb.socket" -- "$word")); return ;;
    --kdir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --max-targets) :; return ;;
    --color) COMPREPLY=($(compgen -W "auto always never" -- "$word")); return ;;
  esac
  case $command in
    run) options="-s --slow -f --file --every --probability --times --start --duration --how --compensate --no-compensate --backend --isolation --return --dry-run -u --user -o --output -h --help -V --version --json -q --quiet --color"; operands='mapfile -t COMPREPLY < <(compgen -c -- "$word")' ;;
    attach) options="-p --pid -n --name -s --slow -f --file --for -i --interval --every --probability --times --start --duration --how --compensate --no-compensate --backend --isolation --return --dry-run -o --output -h --help -V --version --json -q --quiet --color"; operands='' ;;
    sweep) options="-s --slow --delays --repeats --until --warmups --metric --better --seed --budget --max-failures --backend --results --resume --force --html --no-html --svg --csv --no-gain --show-output --dry-run --report -o --output -h --help -V --version --json -q --quiet --color"; operands='compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word")' ;;
    count) options="-p --pid --for -i --interval -u --user -o --output -h --help -V --version --json -q --quiet --color"; operands='mapfile -t COMPREPLY < <(compgen -c -- "$word")' ;;
    symbols) options="-h --help -V --version --json -q --quiet --color"; operands='compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word")' ;;
    add) options="-p --pid -a --all-processes --every --probability --times --start --duration --how --compensate --no-compensate --tag --owner --backend --return -h --help -V --version --json -q --quiet --color"; operands='_sb_target' ;;
    update) options="--every --probability --times --start --duration --how --compensate --no-compensate --backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    remove) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    list) options="--all --backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    clear) options="--all --backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    enable) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    disable) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    status) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    delay) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    serve) options="--socket --backend --limit --log --unit -h --help -V --version --json -q --quiet --color"; operands='' ;;
    call) options="--socket -w --wait -h --help -V --version --json -q --quiet --color"; operands='' ;;
    module) options="--kdir --max-targets -h --help -V --version --json -q --quiet --color"; operands='COMPREPLY=($(compgen -W "build load unload status" -- "$word"))' ;;
    doctor) options="-h --help -V --version --json -q --quiet --color"; operands='' ;;
    help) options="-h --help -V --version --json -q --quiet --color"; operands='mapfile -t COMPREPLY < <(compgen -W "run attach sweep count symbols add update remove list clear enable disable status delay serve call module doctor help completions man" -- "$word")' ;;
    completions) options="-h --help -V --version --json -q --quiet --color"; operands='COMPREPLY=($(compgen -W "bash zsh fish" -- "$word"))' ;;
    man) options="-h --help -V --version --json -q --quiet --color"; operands='mapfile -t COMPREPLY < <(compgen -W "run attach sweep count symbols add update remove list clear enable disable status delay serve call module doctor help completions man" -- "$word")' ;;
    *) options="-h --help -V --version --json -q --quiet --color"; operands='mapfile -t COMPREPLY < <(compgen -W "run attach sweep count symbols add update remove list clear enable disable status delay serve call module doctor help completions man" -- "$word")' ;;
  esac
  if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word"); else eval "$operands"; fi
}

_sb() {
  local words word before command= index options operands quote= lead=
  _sb_words
  word=${words[${#words[@]}-1]} before=${words[${#words[@]}-2]}
  COMPREPLY=()
  for ((index = 1; index < ${#words[@]} - 1; index++)); do
    case ${words[index]} in
    --) if ((index == ${#words[@]} - 2)); then mapfile -t COMPREPLY < <(compgen -c -- "$word"); else compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); fi
      return ;;
    -*) ;;
    *) [[ -z $command ]] && command=${words[index]} ;;
    esac
  done
  case $word in
  --*=*) before=${word%%=*} lead=${word%%=*}= word=${word#*=} ;;
  \'* | \"*) quote=${word:0:1} word=${word:1} ;;
  esac
  [[ -n $quote ]] || word=${word//\\/}
  _sb_find
  _sb_cut
}
complete -F _sb sb
