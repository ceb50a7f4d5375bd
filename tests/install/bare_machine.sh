#!/usr/bin/env bash
# Runs the two commands, `./dev demo` and `./dev test`, in a fresh Debian 12 made by debootstrap that holds none of the packages.
# Needs root. Uses this machine's own apt sources; BERTH_BARE_MACHINE_DIR (default: a new folder beside the build) is where it is made.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source-path=SCRIPTDIR source=bare_root.sh
. tests/install/bare_root.sh
root=${BERTH_BARE_MACHINE_DIR:-$PWD/build-bare/debian}
trap 'leave_bare_root "$root"' EXIT
make_bare_root "$root" ca-certificates,git

git clone -q . "$root/berth"
if [ -d "${BERTH_DATA:-../shared/data}" ]; then
  mkdir -p "$root/shared/data"
  mount --bind "$(cd "${BERTH_DATA:-../shared/data}" && pwd)" "$root/shared/data"
fi
for step in demo test; do
  echo "bare_machine: ./dev $step" >&2
  begin=$SECONDS
  in_bare_root "$root" "cd /berth && ./dev $step"
  echo "bare_machine: ./dev $step took $((SECONDS - begin)) s" >&2
done
