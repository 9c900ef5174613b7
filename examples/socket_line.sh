#!/bin/sh
# Speaks to a server of sb by hand, in lines of JSON through socat: each umask(2) takes this shell 20 ms longer while the
# connection is open.
#
#   sudo sb serve &
#   sh examples/socket_line.sh [SOCKET]
#
# It prints, for dash, which calls umask(2) three times for one `umask 022`:
#   umask ten times: 1 ms, with 20 ms more each: 602 ms, afterwards: 1 ms
#   30 hits, 20000027 ns longer each
#
# One question alone needs no script:
#   echo '{"jsonrpc":"2.0","id":1,"method":"server.info"}' | socat -t5 - UNIX-CONNECT:/run/sb/sb.sock
set -eu

socket=${1:-${SB_SOCKET:-/run/sb/sb.sock}}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
mkfifo "$folder/to" "$folder/from"

# The connection is the session: it lasts until descriptor 3 is closed.
socat "UNIX-CONNECT:$socket" - <"$folder/to" >"$folder/from" &
exec 3>"$folder/to" 4<"$folder/from"

ask() {
  printf '%s\n' "$1" >&3
  IFS= read -r answer <&4
  case $answer in *'"error"'*) printf '%s\n' "$answer" >&2 && exit 1 ;; esac
}

# Sets `took` to the milliseconds that umask takes ten times. The shell does it itself: it starts nothing for it.
run() {
  start=$(date +%s%N)
  for _ in 1 2 3 4 5 6 7 8 9 10; do umask 022; done
  took=$((($(date +%s%N) - start) / 1000000))
}

run && before=$took
ask '{"jsonrpc":"2.0","id":1,"method":"probe.add","params":{"target":"libc.so.6:umask","delay_ns":20000000,"scope":{"tree":'$$'}}}'
run && slowed=$took
ask '{"jsonrpc":"2.0","id":2,"method":"probe.stats"}'
exec 3>&- # The end of the session: the server undoes it.
wait
run && after=$took
echo "umask ten times: $before ms, with 20 ms more each: $slowed ms, afterwards: $after ms"
printf '%s\n' "$answer" | sed 's/.*"hits":\([0-9]*\).*"mean_ns":\([0-9]*\).*/\1 hits, \2 ns longer each/'
