#!/usr/bin/env python3
"""Applies each mutation of mutations.json to a copy of the tree, builds the tests that should notice, and reports which test reddened.

usage: mutate.py [NAME...]      (without names: all of them)

A mutation is {"name", "area", "file", "find", "replace", "tests"}: `find` must occur in the file exactly once, `tests` is a list of
[build target, gtest filter]. A mutation that no listed test catches survives, and a survivor fails the run; so does one that no longer
applies or no longer compiles, because then it shows nothing.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build-mutate" / "tree"
BUILD = ROOT / "build-mutate" / "build"
TEST_SECONDS_MAX = 240


def run(command, **options):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def copy_tree():
    files = run(["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]).stdout.split("\n")
    wanted = {name for name in files if name and (ROOT / name).is_file()}
    for stale in [p for p in COPY.rglob("*") if p.is_file() and str(p.relative_to(COPY)) not in wanted]:
        stale.unlink()
    for name in wanted:
        source, target = ROOT / name, COPY / name
        content = source.read_bytes()
        # Files that did not change keep their time, so that only what a mutation touched is built again.
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(source.stat().st_mode)


def configure():
    command = ["cmake", "-S", str(COPY), "-B", str(BUILD), "-G", "Ninja", "-DBERTH_DEVELOPER=ON", "-DCMAKE_BUILD_TYPE=None",
               "-DCMAKE_CXX_FLAGS=-O1", "-DBERTH_WARNINGS_AS_ERRORS=OFF", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"]
    result = run(command)
    if result.returncode != 0:
        sys.exit("mutate: the copy does not configure:\n" + result.stdout)


def build(targets):
    return run(["ninja", "-C", str(BUILD), "-j", str(os.cpu_count()), *sorted(targets)])


def reddened(target, gtest_filter):
    """The first failing case, or None when all pass; a filter that selects no test is an error of the list."""
    # A property that fails is enough; what it shrinks to is nobody's question here.
    environment = dict(os.environ, BERTH_MUTATION="1", RC_PARAMS="noshrink=1")
    try:
        result = run([str(BUILD / "bin" / target), f"--gtest_filter={gtest_filter}", "--gtest_brief=1"], env=environment, cwd=COPY,
                     timeout=TEST_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return f"{target} (did not end within {TEST_SECONDS_MAX} s)"
    if "Running 0 tests" in result.stdout or "from 0 test suites ran" in result.stdout:
        sys.exit(f"mutate: {target} has no test {gtest_filter}")
    if result.returncode == 0:
        return None
    failed = re.search(r"\[  FAILED  \] (\S+)", result.stdout)
    return failed[1].rstrip(",") if failed else f"{target} (exit status {result.returncode})"


def apply(mutation):
    path = COPY / mutation["file"]
    text = path.read_text(encoding="utf-8")
    if text.count(mutation["find"]) != 1:
        return None, f"does not apply: found {text.count(mutation['find'])} times in {mutation['file']}"
    path.write_text(text.replace(mutation["find"], mutation["replace"]), encoding="utf-8")
    return text, None


def try_mutation(mutation):
    original, trouble = apply(mutation)
    if trouble:
        return False, trouble
    try:
        result = build({target for target, _ in mutation["tests"]})
        if result.returncode != 0:
            return False, "does not compile: " + result.stdout[-600:]
        for target, gtest_filter in mutation["tests"]:
            caught_by = reddened(target, gtest_filter)
            if caught_by:
                return True, caught_by
        return False, "SURVIVED"
    finally:
        (COPY / mutation["file"]).write_text(original, encoding="utf-8")


def main():
    mutations = json.loads((ROOT / "tests" / "mutations" / "mutations.json").read_text(encoding="utf-8"))
    names = set(sys.argv[1:])
    unknown = names - {m["name"] for m in mutations}
    if unknown:
        sys.exit(f"mutate: unknown mutation {', '.join(sorted(unknown))}")
    chosen = [m for m in mutations if not names or m["name"] in names]
    COPY.mkdir(parents=True, exist_ok=True)
    copy_tree()
    configure()
    started = time.monotonic()
    result = build({target for m in chosen for target, _ in m["tests"]})
    if result.returncode != 0:
        sys.exit("mutate: the unchanged copy does not build:\n" + result.stdout[-3000:])
    for target, gtest_filter in sorted({(t, f) for m in chosen for t, f in m["tests"]}):
        if caught_by := reddened(target, gtest_filter):
            sys.exit(f"mutate: {caught_by} fails without any mutation")
    survivors = 0
    for mutation in chosen:
        caught, what = try_mutation(mutation)
        survivors += not caught
        print(f"{'caught ' if caught else 'MISSED '} {mutation['area']:<11} {mutation['name']:<44} {what}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutations caught in {time.monotonic() - started:.0f} s")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
