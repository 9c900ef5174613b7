#!/bin/sh
# The first program in the guest: makes its root file system out of the host's, read-only, under a tmpfs overlay,
# with folders of its own where the host keeps what is temporary. Runs on busybox, from the initial file system.
export PATH=/bin

give_up() {
  echo "scripts/vm: Cannot $1"
  poweroff -f
}

mount -t devtmpfs dev /dev
while read -r module; do
  insmod "/modules/$module" || give_up "load $module"
done </modules/order

share=trans=virtio,version=9p2000.L,msize=512000
mkdir -p /lower /upper /host /control
mount -t 9p -o "ro,$share,cache=loose" host /lower || give_up "mount the host's files"
# cache=none: both sides see at once what the other wrote.
mount -t 9p -o "rw,$share,cache=none" control /control || give_up "mount the control folder"
mount -t tmpfs -o size=60% upper /upper
mkdir /upper/files /upper/work /upper/root
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work root /upper/root ||
  give_up "mount the overlay"

# Without what is mounted below it: the way to the host's /tmp behind the guest's.
mount --bind /upper/root /host
cd /upper/root || give_up "enter the root"
mount -t proc proc proc
mount -t sysfs sys sys
mount --move /dev dev
ln -s /proc/self/fd dev/fd
for link in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${link%:*}" "dev/${link#*:}"; done
mkdir -p dev/pts dev/shm
mount -t devpts pts dev/pts
for folder in tmp run dev/shm; do mount -t tmpfs -o mode=1777 tmpfs "$folder"; done
mount -t debugfs debug sys/kernel/debug
mount -t tracefs trace sys/kernel/tracing
mount -t bpf bpf sys/fs/bpf
mount -t cgroup2 cgroup sys/fs/cgroup
mount -t configfs config sys/kernel/config 2>/dev/null

while read -r path; do
  if [ -d "/host$path" ]; then mkdir -p ".$path"; else mkdir -p ".${path%/*}" && : >".$path"; fi
  mount --bind "/host$path" ".$path" || give_up "keep $path"
done </control/keep

mkdir -p run/host run/vm run/lock
mount --move /host run/host
mount --move /control run/vm
if [ -e run/vm/job ]; then
  mkdir run/job
  mount -t 9p -o "rw,$share,cache=none" job run/job || give_up "mount the job folder"
fi
exec switch_root /upper/root /bin/sh "$(cat run/vm/start)"
