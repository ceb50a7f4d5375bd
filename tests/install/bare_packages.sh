#!/usr/bin/env bash
# Installs the packages that `./dev package` made in a fresh Debian 12 made by debootstrap, first what runs, then what compiles, and lets the
# consumers use them; then takes them away again. usage: bare_packages.sh FOLDER_OF_THE_PACKAGES
# Needs root. BERTH_BARE_PACKAGES_DIR (default: a new folder beside the build) is where it is made.
set -euo pipefail
packages=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
# shellcheck source-path=SCRIPTDIR source=bare_root.sh
. tests/install/bare_root.sh
root=${BERTH_BARE_PACKAGES_DIR:-$PWD/build-bare/packages}
trap 'leave_bare_root "$root"' EXIT
make_bare_root "$root" ca-certificates
mkdir -p "$root/packages" "$root/tests"
cp "$packages"/*.deb "$root/packages/"
cp -r capi/examples tests/install/consumer tests/install/consumers.sh "$root/tests/"

step() {  # what, command
  echo "bare_packages: $1" >&2
  in_bare_root "$root" "set -euo pipefail; $2" >"$root.step.log" 2>&1 || { tail -n 30 "$root.step.log" >&2; exit 1; }
}
install="apt-get install -y -qq --no-install-recommends"
# With nothing but what the packages themselves ask for.
step "the library and the programs install and run" "
  apt-get update -qq && $install /packages/libberth1_*.deb /packages/berth_*.deb
  berth generate -o /tmp/fleet.berth --instances 50 --seed 7 && berth inspect -s /tmp/fleet.berth
  test ! -e /usr/include/berth"
step "consumers compile against libberth-dev" "
  $install /packages/libberth-dev_*.deb
  $install gcc libc6-dev make cmake pkg-config python3
  bash /tests/consumers.sh /usr /tests/examples /tests/consumer"
grep '^consumers:' "$root.step.log" >&2
step "the packages leave nothing behind" "
  dpkg --purge libberth-dev berth libberth1
  test -z \"\$(find / -xdev -name '*berth*' -not -path '/packages/*' -not -path '/tmp/*' -not -path '/tests/*')\""
echo "bare_packages: all good" >&2
