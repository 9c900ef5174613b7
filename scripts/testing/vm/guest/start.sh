#!/bin/sh
# The second program in the guest, in its final root: runs the command with its output going to the host as it
# comes, looks for what the kernel complained of, and writes the status that the host ends with.
control=/run/vm
. "${0%/*}/complaints.sh"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
busybox ifconfig lo 127.0.0.1 up
ulimit -S -n 1024 && ulimit -H -n 1048576
for online in /sys/devices/system/cpu/cpu*/online; do
  [ ! -e "$online" ] || echo 1 >"$online"
done
# As systemd has it; a kernel without BPF has none.
mount -t bpf bpf /sys/fs/bpf 2>/dev/null || :
release=$(uname -r)
if [ -s $control/modules ]; then
  mkdir -p "/lib/modules/$release"
  mount --bind "$(cat $control/modules)/$release" "/lib/modules/$release"
fi

# Pipes, so that the command sees no terminal and may open /dev/stdout again.
mkfifo /run/stdout /run/stderr
cat /run/stdout >>$control/stdout &
copiers=$!
cat /run/stderr >>$control/stderr &
copiers="$copiers $!"
# Held open: the copying ends when the last writer has gone.
exec 3>/run/stdout 4>/run/stderr

copied() {
  for copier in $copiers; do if kill -0 "$copier" 2>/dev/null; then return 1; fi; done
}

complaint() {
  echo "scripts/vm: $1" >>$control/complaint
}

# Leaks younger than five seconds are not reported, and a pointer that moved during a scan is found by the next.
scan_leaks() {
  [ -e /sys/kernel/debug/kmemleak ] || return 0
  sleep 6
  echo scan >/sys/kernel/debug/kmemleak
  echo scan >/sys/kernel/debug/kmemleak
  cat /sys/kernel/debug/kmemleak >/run/leaks
  [ -s /run/leaks ] || return 0
  complaint "kmemleak reports leaks $1"
  cat /run/leaks >>$control/complaint
}

load_module() {
  [ -s $control/module ] || return 0
  insmod "$(cat $control/module)" 2>&4
}

unload_module() {
  [ -s $control/module ] || return 0
  name=$(basename "$(cat $control/module)" .ko)
  [ -e "/sys/module/$name" ] || return 0
  rmmod "$name" 2>/run/rmmod || complaint "the module cannot be unloaded: $(cat /run/rmmod)"
}

# A guest that does not come so far is booted again.
: >$control/booted
if load_module; then
  sh $control/command.sh </dev/null >&3 2>&4 3>&- 4>&-
  status=$?
else
  complaint "the module cannot be loaded"
  status=98
fi
exec 3>&- 4>&-
# What a process left in the background still writes is not waited for.
tries=0
until copied || [ $tries = 20 ]; do
  tries=$((tries + 1))
  sleep 0.05
done

# Once with the module's names in the stacks, and once more for what its exit forgets.
[ -e $control/allow_warn ] || scan_leaks "at the end of the command"
unload_module
if [ ! -e $control/allow_warn ]; then
  [ ! -s $control/module ] || scan_leaks "after the module was unloaded"
  if dmesg | complaints >/run/said; then
    complaint "the kernel complained: $(head -n 1 /run/said)"
    dmesg | tail -n 200 >>$control/complaint
  fi
fi
if [ -s $control/complaint ] && [ $status = 0 ]; then status=98; fi
echo $status >$control/status.part
mv $control/status.part $control/status
exec busybox poweroff -f
