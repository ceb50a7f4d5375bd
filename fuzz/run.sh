#!/usr/bin/env bash
# Runs the fuzz targets. usage: fuzz/run.sh smoke | planted | TARGET [SECONDS]
#   smoke    every target for a while (BERTH_FUZZ_SECONDS each, default 30): executions and coverage are printed
#   planted  builds each target with its planted bug and fails unless the target finds it
#   TARGET   one target (expression, snapshot, ecs_json, capi) for SECONDS (default 600)
# New inputs stay in build-asan-ubsan/corpus; a crashing input is kept in build-asan-ubsan/artifacts and named.
set -euo pipefail
cd "$(dirname "$0")/.."
targets=(expression snapshot ecs_json capi)
planted_seconds=180
jobs=$(nproc)

build() {  # folder [cmake arguments...]
  local folder=$1
  shift
  cmake --preset asan-ubsan -B "$folder" "$@" >/dev/null
  cmake --build "$folder" -j "$jobs" --target make_snapshot_corpus "${targets[@]/%/_fuzzer}" >&2
}

seeds_of() {  # folder target -> a directory of seeds
  local folder=$1 target=$2
  local seeds=$folder/corpus/$target
  mkdir -p "$seeds" "$folder/artifacts"
  [ -d "fuzz/corpus/$target" ] && cp -n fuzz/corpus/"$target"/* "$seeds"/
  [ "$target" = snapshot ] && "$folder/bin/make_snapshot_corpus" "$seeds"
  echo "$seeds"
}

fuzz_one() {  # folder target seconds log
  local folder=$1 target=$2 seconds=$3 log=$4
  local seeds dictionary=()
  seeds=$(seeds_of "$folder" "$target")
  [ -f "fuzz/dictionaries/$target.dict" ] && dictionary=("-dict=fuzz/dictionaries/$target.dict")
  "$folder/bin/${target}_fuzzer" "$seeds" "${dictionary[@]}" -max_total_time="$seconds" -print_final_stats=1 -timeout=25 \
    -rss_limit_mb=4096 -artifact_prefix="$folder/artifacts/$target-" >"$log" 2>&1
}

report() {  # target log
  local executions coverage
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$2")
  coverage=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$2" | tail -n 1)
  printf 'fuzz %-12s %10s executions, %s\n' "$1" "${executions:-no}" "${coverage:-no coverage}"
}

smoke() {
  local folder=build-asan-ubsan seconds=${BERTH_FUZZ_SECONDS:-30} target failed=0 pids=()
  build "$folder"
  for target in "${targets[@]}"; do
    fuzz_one "$folder" "$target" "$seconds" "$folder/$target.log" &
    pids+=($!)
    # As many at once as there are processors.
    if [ ${#pids[@]} -ge "$jobs" ]; then wait "${pids[0]}" || failed=1; pids=("${pids[@]:1}"); fi
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  for target in "${targets[@]}"; do
    report "$target" "$folder/$target.log"
    # A target that did not run is a failure, not a pass.
    grep -q '^stat::number_of_executed_units: *[1-9]' "$folder/$target.log" || { tail -n 40 "$folder/$target.log"; failed=1; }
  done
  [ $failed -eq 0 ] || { echo "fuzz: a target failed; its log and input are in $folder" >&2; exit 1; }
}

planted() {
  local target bug folder failed=0
  for target in "${targets[@]}"; do
    bug=${target^^}
    folder=build-fuzz-planted-$target
    cmake --preset asan-ubsan -B "$folder" -DBERTH_DEVELOPER=OFF -DBERTH_PLANTED_BUG="$bug" >/dev/null
    cmake --build "$folder" -j "$jobs" --target "${target}_fuzzer" make_snapshot_corpus >&2
    if fuzz_one "$folder" "$target" "$planted_seconds" "$folder/$target.log"; then
      echo "fuzz $target: the planted bug $bug was NOT found in $planted_seconds s"
      failed=1
    else
      printf 'fuzz %-12s found its planted bug: %s\n' "$target" "$(grep -m1 -oE 'ERROR: [^(]*|SUMMARY: .*' "$folder/$target.log")"
    fi
  done
  exit $failed
}

case ${1:-smoke} in
  smoke) smoke ;;
  planted) planted ;;
  *)
    build build-asan-ubsan
    status=0
    fuzz_one build-asan-ubsan "$1" "${2:-600}" "build-asan-ubsan/$1.log" || status=$?
    report "$1" "build-asan-ubsan/$1.log"
    [ $status -eq 0 ] || { tail -n 40 "build-asan-ubsan/$1.log"; exit $status; }
    ;;
esac
