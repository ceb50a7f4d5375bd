# shellcheck shell=bash
# For scripts to source: makes a fresh Debian 12 with debootstrap, from this machine's own apt sources, and runs commands in it. Needs root.
#   make_bare_root ROOT PACKAGES   PACKAGES: comma-separated names besides the minimal base
#   in_bare_root ROOT COMMAND      a line of shell, in an environment that holds nothing of the caller's but its proxy
#   leave_bare_root ROOT           unmounts what make_bare_root and its callers mounted

leave_bare_root() { umount "$1/proc" "$1/shared/data" 2>/dev/null || true; }

make_bare_root() {
  local root=$1 packages=$2 mirror file
  [ "$(id -u)" -eq 0 ] || { echo "bare_root: needs root" >&2; exit 2; }
  # The mirror and suites that this machine itself uses.
  mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } | awk '
    $1 == "URIs:" { print $2; exit }
    $1 == "deb" { for (i = 2; i <= NF; ++i) if ($i ~ /^https?:/) { print $i; exit } }')
  [ -n "$mirror" ] || { echo "bare_root: no apt mirror found in /etc/apt" >&2; exit 2; }
  leave_bare_root "$root"
  # Never past a mount that is still there.
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  echo "bare_root: debootstrap into $root" >&2
  debootstrap --variant=minbase --include="$packages" bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; exit 1; }
  # Debian's own sources with their security updates, and a proxy where this machine needs one; third parties' repositories stay out.
  rm -f "$root/etc/apt/sources.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
    [ -f "$file" ] && cp "$file" "$root${file}"
  done
  { grep -lsE 'Acquire::https?::Proxy' /etc/apt/apt.conf.d/* || true; } | xargs -r cp -t "$root/etc/apt/apt.conf.d/"
  cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
  cp /etc/hosts "$root/etc/hosts" 2>/dev/null || true
  mount -t proc proc "$root/proc"
}

in_bare_root() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb CI=true DEBIAN_FRONTEND=noninteractive \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    chroot "$1" bash -c "$2" </dev/null
}
