#!/usr/bin/env bash
# Installs a build into a folder, moves that folder, as those who unpack an archive do, and lets consumers compile against it.
# usage: prefix_test.sh BUILD PROJECT_ROOT
set -euo pipefail
build=$(cd "$1" && pwd) root=$(cd "$2" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/first" >"$scratch/install.log" || { cat "$scratch/install.log" >&2; exit 1; }
mv "$scratch/first" "$scratch/prefix"
! grep -rl "$scratch/first\|$root" "$scratch/prefix" --include=*.cmake --include=*.pc --include=*.h ||
  { echo "prefix_test: these files know where they were made" >&2; exit 1; }
bash "$root/tests/install/consumers.sh" "$scratch/prefix" "$root/capi/examples" "$root/tests/install/consumer"

# A check that cannot fail is a defect: what is taken away must be missed.
for piece in berth.h berth.pc berth-config.cmake berth-config-version.cmake libberth.so libberth.so.1 berth-targets.cmake; do
  path=$(find "$scratch/prefix" -name "$piece")
  mv "$path" "$scratch/taken"
  ! bash "$root/tests/install/consumers.sh" "$scratch/prefix" "$root/capi/examples" "$root/tests/install/consumer" >"$scratch/red.log" 2>&1 ||
    { echo "prefix_test: nobody misses $piece" >&2; exit 1; }
  echo "without $piece: $(tail -n 1 "$scratch/red.log")"
  mv "$scratch/taken" "$path"
done
