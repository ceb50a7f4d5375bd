#!/usr/bin/env bash
# Installs a build into a folder, moves that folder, as those who unpack an archive do, and lets consumers compile against it.
# usage: prefix_test.sh BUILD PROJECT_ROOT
set -euo pipefail
build=$1 root=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/first" >"$scratch/install.log" || { cat "$scratch/install.log" >&2; exit 1; }
mv "$scratch/first" "$scratch/prefix"
! grep -rl "$scratch/first\|$root" "$scratch/prefix" --include=*.cmake --include=*.pc --include=*.h ||
  { echo "prefix_test: these files know where they were made" >&2; exit 1; }
bash "$root/tests/install/consumers.sh" "$scratch/prefix" "$root/capi/examples" "$root/tests/install/consumer"
