# The second half of dist/sb's start: finds Deno and the program where an earlier start unpacked them, or unpacks them. The
# first half is that of scripts/sb; scripts/build puts in what is between at signs.
#
# Whoever can change these files has whatever sb is run as, so they are run only from a folder that root or this user
# has, on a path that nobody else can change, and only when they are the ones whose hash stands here.
build=build-@ID@
damaged='the file of sb is damaged'
tools=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin${PATH:+:$PATH}

give_up() {
  printf 'error: Cannot start "sb": %s\n' "$1" >&2
  [ -z "${2-}" ] || printf 'hint: %s\n' "$2" >&2
  exit "$failed"
}

# A script gains nothing by these bits; who set them hopes that it does.
if [ -u "$0" ] || [ -g "$0" ]; then
  give_up 'its file is set-user-ID or set-group-ID' "chmod ug-s $0, and use sudo sb"
fi

user=
while read -r name _ effective _; do
  case $name in Uid:) user=$effective ;; esac
done <"/proc/$$/status"
[ -n "$user" ] || give_up '/proc is not mounted' 'mount -t proc proc /proc'

# Whether nobody but root and this user can change what a folder's canonical path leads to.
is_ours() {
  rest=$1
  set -- /
  while [ -n "${rest#/}" ]; do
    set -- "$@" "$rest"
    rest=${rest%/*}
  done
  PATH=$tools stat -c '%u %a' -- "$@" 2>/dev/null | {
    seen=0
    while read -r owner mode; do
      case $owner in 0 | "$user") ;; *) exit 1 ;; esac
      case $mode in
        [1357]???) ;; # sticky: names in it are safe from others
        *[2367]? | *[2367]) exit 1 ;;
      esac
      seen=$((seen + 1))
    done
    [ "$seen" = $# ]
  }
}

# What changes when a file does, in "facts"; the time of the last change of its inode is nobody's to set.
look_at() {
  facts=$(
    export PATH="$tools"
    stat -c '%d %i %s %u %a %y %z' -- "$1/deno" "$1"/*.js "$1/manifest" "$1"/lib/* 2>/dev/null | sha256sum
  )
}

# Whether all files of a build have the content that this file was made with.
is_whole() (
  export PATH="$tools"
  cd -- "$1" 2>/dev/null || exit 1
  printf '@HASH@  manifest\n' | sha256sum -c --status 2>/dev/null && sha256sum -c --status manifest 2>/dev/null
)

# Whether a build is there that may be run; notes what was verified, so that the next start need not do it again.
is_ready() {
  [ -x "$1/deno" ] && is_ours "$1" || return 1
  look_at "$1"
  { read -r noted <"$1/verified"; } 2>/dev/null || noted=
  [ "$noted" != "$facts" ] || return 0
  is_whole "$1" || return 1
  { echo "$facts" >"$1/verified"; } 2>/dev/null
  return 0
}

# The canonical path of a folder, which is made where it is missing, in "folder"; otherwise why not, in "why".
open_folder() {
  wanted=$1 missing=
  while [ ! -d "$wanted/" ]; do
    if [ -e "$wanted" ] || [ -L "$wanted" ]; then
      why='a file is in the way'
      return 1
    fi
    missing=${wanted##*/}${missing:+/$missing}
    wanted=${wanted%/*}
  done
  folder=$(cd -P -- "$wanted/" 2>/dev/null && pwd -P) || folder=
  why='another user can change it'
  [ -n "$folder" ] && is_ours "$folder" || return 1
  [ -n "$missing" ] || return 0
  folder=${folder%/}/$missing
  why=$( (umask 077 && PATH=$tools LC_ALL=C mkdir -p -- "$folder") 2>&1) || {
    why=${why##*: }
    return 1
  }
  # Where the folder above is everybody's, somebody may have been faster.
  why='another user can change it'
  is_ours "$folder"
}

# Builds that no process runs and that were not started for a month go, and what a killed start left.
sweep_folder() (
  export PATH="$tools"
  find "$1" -maxdepth 1 -name 'making-*' -user "$user" -mmin +60 -exec rm -rf {} + 2>/dev/null
  find "$1" -mindepth 2 -maxdepth 2 -path '*/build-*/deno' -user "$user" -atime +30 2>/dev/null | while read -r old; do
    ls -l /proc/[0-9]*/exe 2>/dev/null | grep -qF " $old" || rm -rf -- "${old%/deno}"
  done
)

# Puts a build into a folder of ours; otherwise tells why not, in "why".
unpack() {
  umask 077
  export PATH="$tools" LC_ALL=C
  if ! making=$(mktemp -d "$1/making-XXXXXX" 2>&1); then
    echo "${making##*: }"
    exit 1
  fi
  trap 'rm -rf -- "$making"' EXIT
  trap 'exit 130' HUP INT TERM
  if ! said=$(tail -c +@OFFSET@ -- "$0" | tar -xzf - -C "$making" --no-same-owner 2>&1); then
    case $said in
      *'No space left'* | *'Wrote only'* | *'quota exceeded'*) echo 'no space is left' ;;
      *gzip:*) echo "$damaged" ;;
      *) printf '%s\n' "$said" | head -n 1 ;;
    esac
    exit 1
  fi
  if ! is_whole "$making"; then
    echo "$damaged"
    exit 1
  fi
  if [ ! -x "$making/deno" ]; then
    echo 'programs may not be run there'
    exit 1
  fi
  look_at "$making"
  echo "$facts" >"$making/verified"
  # A damaged one is there, or another start was faster.
  if [ -e "$1/$build" ] && ! is_ready "$1/$build"; then mv -T -- "$1/$build" "$making/damaged"; fi
  if ! said=$(mv -T -- "$making" "$1/$build" 2>&1) && ! is_ready "$1/$build"; then
    echo "${said##*: }"
    exit 1
  fi
  rm -rf -- "$1/$build/damaged"
  sweep_folder "$1"
}

# Where it may be, best first, one a line: sudo may leave HOME and XDG_CACHE_HOME as the calling user has them.
places() {
  case ${XDG_CACHE_HOME-} in /*) printf '%s\n' "$XDG_CACHE_HOME/sb" ;; esac
  case ${HOME-} in /*) [ ! -d "$HOME" ] || printf '%s\n' "$HOME/.cache/sb" ;; esac
  [ "$user" != 0 ] || echo /var/cache/sb
  printf '%s\n' "/var/tmp/sb-$user" "/tmp/sb-$user"
}

find_ready() {
  while read -r place; do
    [ -d "$place/$build" ] || continue
    at=$(cd -P -- "$place/$build" 2>/dev/null && pwd -P) || continue
    if is_ready "$at"; then return 0; fi
  done <<END
$(places)
END
  return 1
}

make_ready() {
  tried=
  while read -r place; do
    if open_folder "$place"; then
      if why=$(unpack "$folder"); then
        at=$folder/$build
        return 0
      fi
    fi
    tried="$tried${tried:+, }$place ($why)"
  done <<END
$(places)
END
  hint='Set XDG_CACHE_HOME to a folder of your own with 100 MB of space'
  case $why in "$damaged") hint="Copy $0 anew" ;; esac
  give_up "there is no place to unpack it: $tried" "$hint"
}

find_ready || make_ready
# Deno's own cache holds compiled code: it must be nobody else's, either.
[ -n "${DENO_DIR+set}" ] || added=$added,DENO_DIR
export DENO_DIR="$at/cache"
