#!/usr/bin/env bash
# Compiles and runs the example against an installation, outside of the source tree: once with find_package, once with pkg-config, and once
# from Python; then the installed command. usage: consumers.sh PREFIX EXAMPLES CONSUMER
#   PREFIX    where Berth is installed, such as /usr
#   EXAMPLES  capi/examples
#   CONSUMER  tests/install/consumer
set -euo pipefail
prefix=$1 examples=$(cd "$2" && pwd) consumer=$(cd "$3" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() { echo "consumers: $*" >&2; exit 1; }
places() {  # name, command...
  local name=$1
  shift
  "$@" >"$name.txt" || fail "$name does not run"
  grep -q "Placed 3 of 3 tasks" "$name.txt" || { cat "$name.txt" >&2; fail "$name did not place"; }
  echo "consumers: $name placed its tasks"
}

configure() {  # version, build folder
  cmake -S source -B "$2" -DCMAKE_PREFIX_PATH="$prefix" -DBERTH_WANTED="$1" -DCMAKE_BUILD_TYPE=Release >"$2.log" 2>&1
}
mkdir source
cp "$consumer/CMakeLists.txt" "$examples/place.c" source/
configure 1.0 build || { cat build.log >&2; fail "find_package(berth 1.0) found nothing"; }
cmake --build build >>build.log 2>&1 || { cat build.log >&2; fail "the project does not build"; }
places "find_package" build/place
# What is installed is no other major version, and none from the future.
! configure 2.0 build-2 || fail "find_package(berth 2.0) was content with 1"
! configure 1.999 build-future || fail "find_package(berth 1.999) was content with an older one"
! configure 0.1 build-0 || fail "find_package(berth 0.1) was content with 1"

# pkg-config looks into /usr by itself; any other prefix has to be named.
if [ "$prefix" != /usr ]; then
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name berth.pc)")
  export PKG_CONFIG_PATH
fi
pkg-config --exists berth || fail "pkg-config does not know berth"
library_folder=$(pkg-config --variable=libdir berth)
# shellcheck disable=SC2046  # Each flag is a word.
cc -std=c99 -pedantic -Wall -Wextra -Werror "$examples/place.c" $(pkg-config --cflags --libs "berth >= 1.0") \
  -Wl,-rpath,"$library_folder" -o place || fail "the program does not compile with pkg-config's flags"
places "pkg-config" ./place

python3 "$examples/place.py" 1000 "$library_folder/libberth.so.1" >python.txt || fail "place.py does not run"
[ "$(wc -l <python.txt)" -eq 6 ] || fail "place.py did not place"
echo "consumers: place.py placed its tasks"

"$prefix/bin/berth" generate -o fleet.berth --instances 50 --seed 7 >/dev/null 2>&1 || fail "the installed command does not run"
"$prefix/bin/berth" list-container-instances -s fleet.berth >/dev/null || fail "the installed command does not answer"
echo "consumers: the installed command answers"
