#compdef sb
# zsh completion of sb, made by: sb completions zsh

# Targets: files, programs, libraries, and behind the colon the symbols, which sb knows.
_sb_target() {
  local -a found
  found=(${(f)"$(_call_program targets ${(q)sb} --complete-target=${(q)${(Q)PREFIX}} 2>/dev/null)"})
  compadd -S '' -a found
  [[ $PREFIX == *:* ]] || { _files -S ''; [[ $PREFIX == */* ]] || _command_names -e -S '' }
}

_sb() {
  local curcontext=$curcontext state line sb=$words[1]
  typeset -A opt_args
  _arguments -C -s -S \
    '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
    '(-V --version)'{-V,--version}'[Print the version]' \
    '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
    '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
    '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
    '1:command:->command' \
    '*::argument:->argument'
  case $state in
  command)
    local -a commands=(
      'run:Run a command with functions slowed in its process tree'
      'attach:Slow functions in a process tree that is running'
      'sweep:Find out which function matters, by slowing each and measuring'
      'count:Count kernel operations per process\: kmalloc, schedule, mutexes'
      'symbols:List the functions of a file that can be targets'
      'add:Add a probe that stays when sb has ended'
      'update:Change the delay of added probes'
      'remove:Remove added probes, and print their last figures'
      'list:List added probes and their figures'
      'clear:Remove every added probe that has no owner'
      'enable:Let added probes take effect'
      'disable:Take the breakpoints of added probes out, and keep their figures'
      'status:Say whether added probes are enabled, and what they did altogether'
      'delay:Print or set the delay of sb add without one'
      'serve:Serve probes to other programs\: JSON-RPC on a Unix socket'
      'call:Call a method of the server and print what it answers'
      'module:Build, load, unload or look at the kernel modules'
      'doctor:Say what works on this machine, what does not, and how to mend it'
      'help:Print the help of sb, or of a command'
      'completions:Print the completions of a shell'
      'man:Print the manual page of sb, or of a command'
    )
    _describe command commands ;;
  argument)
    case $line[1] in
    run)
      _arguments -s -S \
        '*'{-s,--slow=}'[Slow TARGET by SPEC; without =SPEC count its hits only. Repeat for more probes]:TARGET=SPEC:_sb_target' \
        '(-f --file)'{-f,--file=}'[Read probes and options from a configuration file; options given here win]:FILE.toml:_files' \
        '--every=[Default for all probes\: delay each Nth hit (n = N, 2N, …)]:N:' \
        '--probability=[Default for all probes\: delay a chosen hit with probability P, 0 to 1]:P:' \
        '--times=[Default for all probes\: at most N delays]:N:' \
        '--start=[Default for all probes\: open the window T after the start, up to 30d]:T:' \
        '--duration=[Default for all probes\: close the window T after it opened, up to 30d]:T:' \
        '--how=[Default for all probes\: spin holds the CPU, sleep gives it up (needs the kernel module)]:HOW:(spin sleep)' \
        '--compensate=[Default for all probes\: subtract the floor from the delay (yes)]:BOOL:(yes no)' \
        '--no-compensate[The same as --compensate=no]' \
        '--backend=[What carries the probes out\: eBPF programs, or the kernel module where it is loaded (see sb help module); auto (default) takes eBPF where it works, the module for how=sleep]:NAME:(auto ebpf kmod)' \
        '--isolation=[How other processes are kept free of the trap; auto (default) takes the strongest that works, the report says which]:HOW:(auto private-file per-process shared)' \
        '--return=[Accept return trampolines where return instructions cannot be decoded; a C++ exception through one ends the program]:HOW:(trampoline)' \
        '--dry-run[Resolve and print the plan; apply nothing, start nothing]' \
        '(-u --user)'{-u,--user=}'[Run COMMAND as USER, with USER'\''s groups]:USER:_users' \
        '(-o --output)'{-o,--output=}'[Write the report to FILE, to stdout (-) or to an open descriptor (&N) instead of stderr]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '(-):command:_command_names -e' \
        '*::arguments:_normal' ;;
    attach)
      _arguments -s -S \
        '(-p --pid)'{-p,--pid=}'[The root of the tree\: a process, not one of its threads]:PID:_pids' \
        '(-n --name)'{-n,--name=}'[The one process of that name (as in ps -o comm)]:COMM:_process_names -a' \
        '*'{-s,--slow=}'[Slow TARGET by SPEC; without =SPEC count its hits only. Repeat for more probes]:TARGET=SPEC:_sb_target' \
        '(-f --file)'{-f,--file=}'[Read probes and options from a configuration file; options given here win]:FILE.toml:_files' \
        '--for=[Undo after T, up to 30d]:T:' \
        '(-i --interval)'{-i,--interval=}'[Report each T, 10ms or more; figures count from the start]:T:' \
        '--every=[Default for all probes\: delay each Nth hit (n = N, 2N, …)]:N:' \
        '--probability=[Default for all probes\: delay a chosen hit with probability P, 0 to 1]:P:' \
        '--times=[Default for all probes\: at most N delays]:N:' \
        '--start=[Default for all probes\: open the window T after the start, up to 30d]:T:' \
        '--duration=[Default for all probes\: close the window T after it opened, up to 30d]:T:' \
        '--how=[Default for all probes\: spin holds the CPU, sleep gives it up (needs the kernel module)]:HOW:(spin sleep)' \
        '--compensate=[Default for all probes\: subtract the floor from the delay (yes)]:BOOL:(yes no)' \
        '--no-compensate[The same as --compensate=no]' \
        '--backend=[What carries the probes out\: eBPF programs, or the kernel module where it is loaded (see sb help module); auto (default) takes eBPF where it works, the module for how=sleep]:NAME:(auto ebpf kmod)' \
        '--isolation=[How other processes are kept free of the trap; auto (default) takes the strongest that works, the report says which]:HOW:(auto private-file per-process shared)' \
        '--return=[Accept return trampolines where return instructions cannot be decoded; a C++ exception through one ends the program]:HOW:(trampoline)' \
        '--dry-run[Resolve and print the plan; apply nothing, start nothing]' \
        '(-o --output)'{-o,--output=}'[Write the report to FILE, to stdout (-) or to an open descriptor (&N) instead of stderr]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' ;;
    sweep)
      _arguments -s -S \
        '*'{-s,--slow=}'[A function to slow, or several together\: TARGET+TARGET, or a pattern. NAME is what the results call it. Repeat for more; a file'\''s targets stay]:\[NAME=\]TARGET:_sb_target' \
        '--delays=[Delays of a hit, 0,1us,5us,20us; auto (default) chooses 4 to 5 for each target that add 2 % to 80 % to a run]:LIST:' \
        '--repeats=[Runs of each target under each delay (10); from MIN on it ends when --until holds, at MAX anyway]:N|MIN..MAX:' \
        '--until=[Stop once the 95 % interval of each sensitivity is this wide (5%); repeats are 3..30 then]:SHARE:' \
        '--warmups=[Runs of each target before the first that is measured (1); auto delays take one at least]:N:' \
        '--metric=[What is read off a run\: wall (default), user+sys, regex\:…, json\:… or command\:…]:METRIC:' \
        '--better=[Which results of regex, json or command are better (lower)]:WHICH:(lower higher)' \
        '--seed=[Of the order of the runs and of the intervals'\'' draws (1)]:N:' \
        '--budget=[Start no run that will probably not end within T, warm-ups included; whole blocks where possible]:T:' \
        '--max-failures=[End after so many failed runs (3)]:N:' \
        '--backend=[What carries the probes out (see sb help run)]:NAME:(auto ebpf kmod)' \
        '--results=[What the names of the results begin with\: NAME.cells.ndjson, NAME.sweep.json, NAME.report.html; without it FILE'\''s name, or sweep]:NAME:_files' \
        '--resume[Go on with the results of that name\: runs that are there are not repeated]' \
        '--force[Replace the results of that name]' \
        '--html=[Write the report to FILE instead of NAME.report.html]:FILE:_files' \
        '--no-html[Write no HTML report]' \
        '--svg[Write the pictures of the report as NAME.*.svg, too]' \
        '--csv[Write NAME.cells.csv and NAME.levels.csv, too]' \
        '--no-gain[Do not time the functions (two runs or more), nor extrapolate to what half their time would give]' \
        '--show-output[Pass on what COMMAND writes, to stdout and stderr; otherwise it is dropped]' \
        '--dry-run[Resolve targets and print the design; run nothing]' \
        '--report=[Run nothing\: analyse NAME'\''s cells again and write its results and reports anew]:NAME:_files' \
        '(-o --output)'{-o,--output=}'[Write the answer to FILE, to stdout (-) or to an open descriptor (&N) instead of stderr]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1::FILE.toml:_files' ;;
    count)
      _arguments -s -S \
        '(-p --pid)'{-p,--pid=}'[The root of the tree\: a process, not one of its threads]:PID:_pids' \
        '--for=[With --pid\: end after T, up to 30d]:T:' \
        '(-i --interval)'{-i,--interval=}'[With --pid\: report each T, 10ms or more; counts go on from the start, rates are of the interval]:T:' \
        '(-u --user)'{-u,--user=}'[Run COMMAND as USER, with USER'\''s groups]:USER:_users' \
        '(-o --output)'{-o,--output=}'[Write the report to FILE, to stdout (-) or to an open descriptor (&N) instead of stderr]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '(-):command:_command_names -e' \
        '*::arguments:_normal' ;;
    symbols)
      _arguments -s -S \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1:FILE:_files' \
        '2::PATTERN:' ;;
    add)
      _arguments -s -S \
        '(-p --pid)'{-p,--pid=}'[Only the process PID and its descendants]:PID:_pids' \
        '(-a --all-processes)'{-a,--all-processes}'[Every process on the machine\: all that map the file pay, services of the system too]' \
        '--every=[Delay each Nth hit (n = N, 2N, …)]:N:' \
        '--probability=[Delay a chosen hit with probability P, 0 to 1]:P:' \
        '--times=[At most N delays]:N:' \
        '--start=[Open the window T from now, up to 30d]:T:' \
        '--duration=[Close the window T after it opened, up to 30d]:T:' \
        '--how=[spin holds the CPU, sleep gives it up (needs the kernel module)]:HOW:(spin sleep)' \
        '--compensate=[Subtract the floor from the delay (yes)]:BOOL:(yes no)' \
        '--no-compensate[The same as --compensate=no]' \
        '--tag=[A name for the probe\: letters, digits, . _ -, up to 64]:NAME:' \
        '--owner=[Remove the probe when process PID ends; it is live at once, whether probes are enabled or not]:PID:_pids' \
        '--backend=[auto (default) takes the kernel module where it is loaded]:NAME:(auto ebpf kmod)' \
        '--return=[Accept return trampolines where return instructions cannot be decoded; a C++ exception through one ends the program]:HOW:(trampoline)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1:TARGET:_sb_target' \
        '2::DELAY:' ;;
    update)
      _arguments -s -S \
        '--every=[Delay each Nth hit (n = N, 2N, …)]:N:' \
        '--probability=[Delay a chosen hit with probability P, 0 to 1]:P:' \
        '--times=[At most N delays]:N:' \
        '--start=[Open the window T from now, up to 30d]:T:' \
        '--duration=[Close the window T after it opened, up to 30d]:T:' \
        '--how=[spin holds the CPU, sleep gives it up (needs the kernel module)]:HOW:(spin sleep)' \
        '--compensate=[Subtract the floor from the delay (yes)]:BOOL:(yes no)' \
        '--no-compensate[The same as --compensate=no]' \
        '--backend=[Only this backend; auto (default) means all that there are]:NAME:(auto ebpf kmod)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1:TARGET|ID|@TAG:' \
        '2:DELAY:' ;;
    remove)
      _arguments -s -S \
        '--backend=[Only this backend; auto (default) means all that there are]:NAME:(auto ebpf kmod)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '*:TARGET|ID|@TAG:' ;;
    list)
      _arguments -s -S \
        '--all[The probes of running sb run and sb attach, too]' \
        '--backend=[Only this backend; auto (default) means all that there are]:NAME:(auto ebpf kmod)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' ;;
    clear)
      _arguments -s -S \
        '--all[Those with an owner, too, and whatever another version of sb has pinned; no running sb run or sb attach]' \
        '--backend=[Only this backend; auto (default) means all that there are]:NAME:(auto ebpf kmod)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' ;;
    enable)
      _arguments -s -S \
        '--backend=[Only this backend; auto (default) means all that there are]:NAME:(auto ebpf kmod)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' ;;
    disable)
      _arguments -s -S \
        '--backend=[Only this backend; auto (default) means all that there are]:NAME:(auto ebpf kmod)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' ;;
    status)
      _arguments -s -S \
        '--backend=[Only this backend; auto (default) means all that there are]:NAME:(auto ebpf kmod)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' ;;
    delay)
      _arguments -s -S \
        '--backend=[Only this backend; auto (default) means all that there are]:NAME:(auto ebpf kmod)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1::TIME:' ;;
    serve)
      _arguments -s -S \
        '--socket=[Listen at PATH (default /run/sb/sb.sock as root, otherwise $XDG_RUNTIME_DIR/sb.sock)]:PATH:_files' \
        '--backend=[What carries probes out (default auto\: eBPF, the module for delays that sleep)]:NAME:(auto ebpf kmod)' \
        '*--limit=[Of a user who is not root\: connections=16, probes=64, counts=16, delay=10ms (of one hit); these are the defaults]:NAME=VALUE:' \
        '--log=[How events are written to stderr (default text; --json is the same as --log json)]:FORM:(text json)' \
        '--unit=[Print that unit for systemd, and serve nothing; ExecStart is /usr/bin/sb]:NAME:(sb.service sb.socket)' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' ;;
    call)
      _arguments -s -S \
        '--socket=[Connect to PATH (default $SB_SOCKET, /run/sb/sb.sock or $XDG_RUNTIME_DIR/sb.sock)]:PATH:_files' \
        '(-w --wait)'{-w,--wait}'[Keep the session, and print notifications, until Ctrl-C]' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1:METHOD:' \
        '*::PARAMS:' ;;
    module)
      _arguments -s -S \
        '--kdir=[Build against this kernel tree (default /lib/modules/RELEASE/build)]:DIR:_files' \
        '--max-targets=[load\: room for N targets of speed_bump (default 4096)]:N:' \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1:ACTION:(build load unload status)' \
        '*::MODULE:(speed_bump tracer)' ;;
    doctor)
      _arguments -s -S \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' ;;
    help)
      _arguments -s -S \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1::COMMAND:(run attach sweep count symbols add update remove list clear enable disable status delay serve call module doctor help completions man)' ;;
    completions)
      _arguments -s -S \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1:SHELL:(bash zsh fish)' ;;
    man)
      _arguments -s -S \
        '(-h --help)'{-h,--help}'[Print the help of sb, or of the command]' \
        '(-V --version)'{-V,--version}'[Print the version]' \
        '--json[Write JSON, errors too; the shapes are in docs/json.md]' \
        '(-q --quiet)'{-q,--quiet}'[No progress lines, notes or warnings on stderr]' \
        '--color=[auto (default) colours on a terminal and honours NO_COLOR]:WHEN:(auto always never)' \
        '1::COMMAND:(run attach sweep count symbols add update remove list clear enable disable status delay serve call module doctor help completions man)' ;;
    esac ;;
  esac
}
if [[ $funcstack[1] == _sb ]]; then _sb "$@"; else compdef _sb sb; fi
