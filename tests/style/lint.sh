#!/usr/bin/env bash
# clang-format, the house rules, clang-tidy: silent and 0, or each finding and 1. Needs what ./dev lint installs.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0

mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cc' '*.h' '*.c')
echo "clang-format: ${#sources[@]} files" >&2
clang-format-19 --dry-run --Werror "${sources[@]}" || failed=1

echo "house rules" >&2
python3 tests/style/house_rules.py . || failed=1

echo "clang-tidy: configuring" >&2
cmake --preset tidy -DBERTH_FUZZ=ON >/dev/null
# The header that the build generates from the snapshot schema must exist before tidy can parse their users.
cmake --build --preset tidy -j "$(nproc)" --target berth_snapshot_schema_header >/dev/null
mapfile -t units < <(python3 - <<'PY'
import json, os
root = os.getcwd()
entries = json.load(open("build-tidy/compile_commands.json"))
files = sorted({os.path.relpath(e["file"], root) for e in entries})
print("\n".join(f for f in files if not f.startswith("..") and not f.startswith("build")))
PY
)
# With arguments: only these files.
if [ $# -gt 0 ]; then units=("$@"); fi
echo "clang-tidy: ${#units[@]} files" >&2
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy-19 -p build-tidy --quiet 2>/dev/null || failed=1

[ $failed -eq 0 ] && echo "lint: no finding" >&2
exit $failed
