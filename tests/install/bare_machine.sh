#!/usr/bin/env bash
# Runs the two commands, `./dev demo` and `./dev test`, in a fresh Debian 12 made by debootstrap that holds none of the packages.
# Needs root. Uses this machine's own apt sources; BERTH_BARE_MACHINE_DIR (default: a new folder beside the build) is where it is made.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" -eq 0 ] || { echo "bare_machine: needs root" >&2; exit 2; }
root=${BERTH_BARE_MACHINE_DIR:-$PWD/build-bare/debian}
# The mirror and suites that this machine itself uses.
mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } | awk '
  $1 == "URIs:" { print $2; exit }
  $1 == "deb" { for (i = 2; i <= NF; ++i) if ($i ~ /^https?:/) { print $i; exit } }')
[ -n "$mirror" ] || { echo "bare_machine: no apt mirror found in /etc/apt" >&2; exit 2; }

leave() { umount "$root/proc" "$root/shared/data" 2>/dev/null || true; }
trap leave EXIT
leave
# Never past a mount that is still there.
rm -rf --one-file-system "$root"
mkdir -p "$root"
echo "bare_machine: debootstrap into $root" >&2
debootstrap --variant=minbase --include=ca-certificates,git bookworm "$root" "$mirror" >"$root.log" 2>&1 ||
  { tail -n 20 "$root.log" >&2; exit 1; }
# Debian's own sources with their security updates, and a proxy where this machine needs one; third parties' repositories stay out.
rm -f "$root/etc/apt/sources.list"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
  [ -f "$file" ] && cp "$file" "$root${file}"
done
{ grep -lsE 'Acquire::https?::Proxy' /etc/apt/apt.conf.d/* || true; } | xargs -r cp -t "$root/etc/apt/apt.conf.d/"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cp /etc/hosts "$root/etc/hosts" 2>/dev/null || true
mount -t proc proc "$root/proc"

git clone -q . "$root/berth"
if [ -d "${BERTH_DATA:-../shared/data}" ]; then
  mkdir -p "$root/shared/data"
  mount --bind "$(cd "${BERTH_DATA:-../shared/data}" && pwd)" "$root/shared/data"
fi
for step in demo test; do
  echo "bare_machine: ./dev $step" >&2
  begin=$SECONDS
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb CI=true \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    chroot "$root" bash -c "cd /berth && ./dev $step" </dev/null
  echo "bare_machine: ./dev $step took $((SECONDS - begin)) s" >&2
done
