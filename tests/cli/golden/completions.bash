# bash completion of sb, made by: sb completions bash
_sb() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= index options operands
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case ${COMP_WORDS[index]} in
    --) COMP_WORDS=("${COMP_WORDS[@]:index+1}"); COMP_CWORD=$((COMP_CWORD - index - 1))
      if ((COMP_CWORD == 0)); then COMPREPLY=($(compgen -c -- "$word")); else compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); fi
      return ;;
    -*) ;;
    *) [[ -z $command ]] && command=${COMP_WORDS[index]} ;;
    esac
  done
  case $before in
    -s|--slow) :; return ;;
    -f|--file) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
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
    -u|--user) COMPREPLY=($(compgen -u -- "$word")); return ;;
    -o|--output) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
    -p|--pid) COMPREPLY=($(compgen -W "$(ps -eo pid=)" -- "$word")); return ;;
    -n|--name) COMPREPLY=($(compgen -W "$(ps -eo comm=)" -- "$word")); return ;;
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
    --results) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
    --html) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
    --report) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
    --tag) :; return ;;
    --owner) COMPREPLY=($(compgen -W "$(ps -eo pid=)" -- "$word")); return ;;
    --socket) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
    --limit) :; return ;;
    --log) COMPREPLY=($(compgen -W "text json" -- "$word")); return ;;
    --kdir) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
    --max-targets) :; return ;;
    --color) COMPREPLY=($(compgen -W "auto always never" -- "$word")); return ;;
  esac
  case $command in
    run) options="-s --slow -f --file --every --probability --times --start --duration --how --compensate --no-compensate --backend --isolation --return --dry-run -u --user -o --output -h --help -V --version --json -q --quiet --color"; operands='COMPREPLY=($(compgen -c -- "$word"))' ;;
    attach) options="-p --pid -n --name -s --slow -f --file --for -i --interval --every --probability --times --start --duration --how --compensate --no-compensate --backend --isolation --return --dry-run -o --output -h --help -V --version --json -q --quiet --color"; operands='' ;;
    sweep) options="-s --slow --delays --repeats --until --warmups --metric --better --seed --budget --max-failures --backend --results --resume --force --html --no-html --svg --csv --no-gain --show-output --dry-run --report -o --output -h --help -V --version --json -q --quiet --color"; operands='compopt -o filenames; COMPREPLY=($(compgen -f -- "$word"))' ;;
    count) options="-p --pid --for -i --interval -u --user -o --output -h --help -V --version --json -q --quiet --color"; operands='COMPREPLY=($(compgen -c -- "$word"))' ;;
    symbols) options="-h --help -V --version --json -q --quiet --color"; operands='compopt -o filenames; COMPREPLY=($(compgen -f -- "$word"))' ;;
    add) options="-p --pid -a --all-processes --every --probability --times --start --duration --how --compensate --no-compensate --tag --owner --backend --return -h --help -V --version --json -q --quiet --color"; operands='compopt -o filenames; COMPREPLY=($(compgen -f -- "$word"))' ;;
    update) options="--every --probability --times --start --duration --how --compensate --no-compensate --backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    remove) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    list) options="--all --backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    clear) options="--all --backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    enable) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    disable) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    status) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    delay) options="--backend -h --help -V --version --json -q --quiet --color"; operands='' ;;
    serve) options="--socket --backend --limit --log -h --help -V --version --json -q --quiet --color"; operands='' ;;
    call) options="--socket -w --wait -h --help -V --version --json -q --quiet --color"; operands='' ;;
    module) options="--kdir --max-targets -h --help -V --version --json -q --quiet --color"; operands='COMPREPLY=($(compgen -W "build load unload status" -- "$word"))' ;;
    doctor) options="-h --help -V --version --json -q --quiet --color"; operands='' ;;
    help) options="-h --help -V --version --json -q --quiet --color"; operands='COMPREPLY=($(compgen -W "run attach sweep count symbols add update remove list clear enable disable status delay serve call module doctor help completions man" -- "$word"))' ;;
    completions) options="-h --help -V --version --json -q --quiet --color"; operands='COMPREPLY=($(compgen -W "bash zsh fish" -- "$word"))' ;;
    man) options="-h --help -V --version --json -q --quiet --color"; operands='' ;;
    *) options="-h --help -V --version --json -q --quiet --color"; operands='COMPREPLY=($(compgen -W "run attach sweep count symbols add update remove list clear enable disable status delay serve call module doctor help completions man" -- "$word"))' ;;
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); else eval "$operands"; fi
}
complete -F _sb sb
