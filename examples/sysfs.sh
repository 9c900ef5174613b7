#!/bin/sh
# Slows one function for one process tree, with nothing but echo and cat on the files of the kernel module:
#
#   sudo sh examples/sysfs.sh                                         nanosleep of libc, in five runs of sleep
#   sudo sh examples/sysfs.sh /usr/bin/app:parse 1000000 app file     another function, delay (ns) and command
#
# speed_bump.ko must be loaded (sudo sb module load). docs/speed_bump.md has the whole interface.
set -eu

module=/sys/kernel/speed_bump
libc=$(ldd /bin/sleep | sed -n 's/.*=> \(.*libc\.so[^ ]*\).*/\1/p')
target=${1:-$libc:nanosleep}
delay_ns=${2:-100000000}
if [ $# -gt 2 ]; then shift 2; else set -- sh -c 'for run in 1 2 3 4 5; do sleep 0; done'; fi
tag=example-$$

if [ ! -w $module/targets ]; then
  echo "$0: $module/targets cannot be written: load speed_bump.ko, and be root" >&2
  exit 1
fi

# What this script changed and nothing else: others may use the module too.
enabled_before=$(cat $module/enabled)
clean_up() {
  if grep -q " tag=$tag " $module/targets_list; then echo "-@$tag" >$module/targets; fi
  echo "$enabled_before" >$module/enabled
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

milliseconds() {
  start=$(date +%s%N)
  "$@" >/dev/null
  echo $((($(date +%s%N) - start) / 1000000)) ms
}

echo "without: $(milliseconds "$@")"

# This shell and everything it starts.
echo "+$target $delay_ns pid=$$ tag=$tag" >$module/targets
echo 1 >$module/enabled
echo "with: $(milliseconds "$@")"
grep " tag=$tag " $module/targets_list
cat $module/stats

clean_up
echo "after: $(milliseconds "$@")"
