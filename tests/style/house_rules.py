#!/usr/bin/env python3
"""The rules of the house that no compiler knows: include floors, sizes, banned words. Prints each breach and exits 1; silent otherwise.

usage: house_rules.py ROOT [--self-test]

--self-test plants one breach of every rule in a scratch tree and fails unless each is reported: a check that cannot fail is a defect.
"""

import pathlib
import re
import sys
import tempfile

# Each floor may include itself and what stands before it.
FLOORS = ["base", "parallel", "snapshot", "query", "placement", "cluster", "service", "ecs"]

# Headers that belong to one place; everything else may not include them.
OWNED_HEADERS = [
    (r"^(tbb|oneapi)/", ("engine/parallel/",), "oneTBB"),
    (r"^flatbuffers/|snapshot_generated\.h$", ("engine/snapshot/", "bindings/server/", "tests/unit/snapshot/"), "FlatBuffers"),
    (r"^simdjson", ("engine/ecs/",), "simdjson"),
    (r"^re2/", ("engine/query/",), "RE2"),
    (r"^asio|^boost/asio", ("bindings/server/",), "Asio"),
    (r"^CLI/", ("bindings/cli/",), "CLI11"),
    (r"^nlohmann/", ("bindings/", "tests/"), "nlohmann-json"),
    (r"^fmt/", ("bindings/", "bench/", "tests/"), "fmt"),
]

LINES_PER_FILE_MAX = 600
COLUMNS_MAX = 140
BANNED_IDENTIFIERS = re.compile(r"\b(n_[a-z]\w*|num_\w+|tmp\w*|info|manager|util|helper)\b")
# Inputs of an engine that is a pure function: nothing of these may appear below capi/.
BANNED_IN_ENGINE = re.compile(
    r"std::(cout|cerr|clog|getenv|random_device)|\b(printf|fprintf|puts|getenv|time\(nullptr\)|system_clock|steady_clock)\b"
)
UNFINISHED = re.compile(r"\b(FIXME|XXX|HACK)\b")
SUFFIXES = {".cc", ".h", ".c"}


def floor_of(path):
    parts = path.split("/")
    if parts[0] == "engine" and len(parts) > 2 and parts[1] in FLOORS:
        return parts[1]
    return None


def include_breaches(path, number, header):
    floor = floor_of(path)
    target = re.match(r"^engine/(\w+)/", header)
    if floor and target:
        if target[1] not in FLOORS:
            yield f"{path}:{number}: includes {header}, which is on no floor"
        elif FLOORS.index(target[1]) > FLOORS.index(floor):
            yield f"{path}:{number}: floor {floor} may not include {header}: {target[1]} stands above it"
    if floor and re.match(r"^(capi|bindings|berth)/", header):
        yield f"{path}:{number}: the engine may not include {header}"
    if path.startswith("bindings/") and header.startswith("engine/"):
        yield f"{path}:{number}: bindings include berth/berth.h and nothing of the engine, found {header}"
    if path.startswith("tests/oracle/") and header.startswith("engine/") and not header.startswith("engine/base/"):
        if not path.endswith("_test.cc"):
            yield f"{path}:{number}: the oracle shares only engine/base with the engine, found {header}"
    for pattern, homes, name in OWNED_HEADERS:
        if re.search(pattern, header) and not path.startswith(homes):
            yield f"{path}:{number}: {name} belongs to {' and '.join(homes)}, found {header}"


def line_breaches(path, number, line):
    include = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
    if include:
        yield from include_breaches(path, number, include[1])
        return
    if len(line) > COLUMNS_MAX and "R\"" not in line and "http" not in line:
        yield f"{path}:{number}: {len(line)} columns, at most {COLUMNS_MAX}"
    if not line.isascii():
        yield f"{path}:{number}: sources are ASCII; write the character as an escape"
    if UNFINISHED.search(line):
        yield f"{path}:{number}: unfinished: {line.strip()}"
    code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    code = re.sub(r"//.*", "", code)
    banned = BANNED_IDENTIFIERS.search(code)
    if banned:
        yield f"{path}:{number}: banned identifier {banned[0]}"
    if path.startswith("engine/"):
        impure = BANNED_IN_ENGINE.search(code)
        if impure:
            yield f"{path}:{number}: the engine has no clock, entropy, environment or output, found {impure[0]}"


def file_breaches(root, path):
    text = (root / path).read_text(encoding="utf-8")
    lines = text.split("\n")
    if len(lines) > LINES_PER_FILE_MAX:
        yield f"{path}: {len(lines)} lines, at most {LINES_PER_FILE_MAX}: split it by idea"
    if path.endswith(".h") and "#pragma once" not in text and "#ifndef BERTH_" not in text:
        yield f"{path}: a header without #pragma once"
    if path.endswith(".h") and not lines[0].startswith(("//", "/*")):
        yield f"{path}: a header begins with a paragraph: what it is, its thread rule, its lifetime"
    in_block_comment = False
    for number, line in enumerate(lines, 1):
        opens = line.strip().startswith("/*")
        if in_block_comment or opens:
            in_block_comment = "*/" not in line
            if not line.isascii():
                yield f"{path}:{number}: sources are ASCII; write the character as an escape"
            continue
        yield from line_breaches(path, number, line)


def breaches(root):
    for top in ("engine", "capi", "bindings", "bench", "fuzz", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in SUFFIXES and file.is_file():
                yield from file_breaches(root, str(file.relative_to(root)))


PLANTED = {
    "engine/query/a.cc": '#include "engine/placement/decision.h"\n',
    "engine/query/b.cc": "#include <tbb/parallel_for.h>\n",
    "engine/ecs/c.cc": "#include <flatbuffers/flatbuffers.h>\n",
    "engine/snapshot/d.cc": "#include <simdjson.h>\n",
    "bindings/cli/e.cc": '#include "engine/ecs/documents.h"\n',
    "tests/oracle/f.cc": '#include "engine/query/program.h"\n',
    "engine/base/g.h": "#pragma once\n",
    "engine/base/h.cc": "int n_items = 0;\n",
    "engine/base/i.cc": "auto now = std::chrono::system_clock::now();\n",
    "engine/base/j.cc": "// " + "x" * 150 + "\n",
    "engine/base/k.cc": "\n" * 700,
    "engine/base/l.cc": "// FIXME later\n",
    "engine/base/m.cc": "// caf\u00e9\n",
    "engine/query/n.cc": '#include "capi/handles.h"\n',
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in PLANTED.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        found = "\n".join(breaches(root))
        missed = [path for path in PLANTED if path + ":" not in found]
        if missed:
            print("house_rules: planted breaches were not reported:", *missed, sep="\n  ")
            return 1
    return 0


def main():
    if "--self-test" in sys.argv[1:]:
        return self_test()
    found = list(breaches(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    for breach in found:
        print(breach)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
