#!/bin/sh
# Runs the test files that /run/job/files lists ("NUMBER PATH" lines), each in a process of its own, in one guest.
#   run_tests.sh LIMIT     seconds that a file may take; 0 where guest time is not real, and the host watches alone
# A file makes NUMBER.started, .out, .status, .left (what it left behind), .kernel (what the kernel complained of) and,
# last, .done. When a file leaves the module so that it cannot go on, this ends, and the host boots again for the rest.
# deno.tar, if it is there, is what Deno has in its cache.
limit=$1
job=/run/job
name=$(basename "$SB_MODULE" .ko)
. "${0%/*}/complaints.sh"

module_loaded() {
  [ -e "/sys/module/$name" ]
}

references() {
  cat "/sys/module/$name/refcnt" 2>/dev/null || echo 0
}

# Those that a file loads by itself.
others="tracer tracer_module"

# One line each; empty when all is as it was before the file.
left_behind() {
  [ "$(references)" = 0 ] || echo "references to the module: $(references)"
  for list in targets_list scopes; do
    [ ! -s "/sys/kernel/$name/$list" ] || sed "s/^/$list: /" "/sys/kernel/$name/$list"
  done
  for other in $others; do [ ! -e "/sys/module/$other" ] || echo "module $other"; done
  for pid in $(cat /proc/1/task/1/children); do
    case " $children " in *" $pid "*) ;; *) echo "process $pid $(tr '\0' ' ' <"/proc/$pid/cmdline")" ;; esac
  done
  grep -vxF "$mounts" /proc/mounts || true
}

# What ends with its owner may take a moment to.
settled() {
  tries=0
  while left=$(left_behind) && [ -n "$left" ]; do
    tries=$((tries + 1))
    if [ $tries = 100 ]; then
      echo "$left" >"$job/$1.left"
      return 1
    fi
    sleep 0.1
  done
}

clean_up() {
  for pid in $(cat /proc/1/task/1/children); do
    case " $children " in *" $pid "*) ;; *) kill -KILL "$pid" ;; esac
  done
  grep -vxF "$mounts" /proc/mounts | while read -r _ place _; do umount -l "$place"; done
  for other in $others; do [ ! -e "/sys/module/$other" ] || rmmod "$other"; done
  # Unloaded and loaded again it has no targets; where that fails, so would the next file.
  ! module_loaded || rmmod "$name"
}

run_limited() {
  if [ "$limit" = 0 ]; then "$@"; else timeout -k 5 "$limit" "$@"; fi
}

run_file() {
  run_limited scripts/deno test -A --no-check --no-prompt "$2" >"$job/$1.out" 2>&1
  status=$?
  if [ $status = 124 ]; then
    echo w >/proc/sysrq-trigger
    { echo "ended after $limit s; tasks that wait in the kernel:" && dmesg; } >>"$job/$1.out"
  fi
  echo $status >"$job/$1.status"
}

if [ -e $job/deno.tar ]; then
  mkdir /run/deno
  tar -C /run/deno -xf $job/deno.tar
  export DENO_DIR=/run/deno
fi
dmesg -c >/run/before
if complaints </run/before >/run/said; then cp /run/before $job/boot.kernel; fi
children=$(cat /proc/1/task/1/children)
mounts=$(cat /proc/mounts)
while read -r number path; do
  : >"$job/$number.started"
  module_loaded || insmod "$SB_MODULE" || exit
  run_file "$number" "$path"
  settled "$number" || clean_up || : >$job/broken
  dmesg -c >/run/kernel
  if complaints </run/kernel >/run/said; then cp /run/kernel "$job/$number.kernel"; fi
  : >"$job/$number.done"
  [ ! -e $job/broken ] || exit 0
done <$job/files
