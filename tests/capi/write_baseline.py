#!/usr/bin/env python3
"""Writes what the gates of the ABI compare with, from berth.h and the library: symbols.txt, symbols.md and berth-1.abi in capi/abi, and the
lines that layout.c lacks. Prints what each file gained and lost; the change is reviewed and committed with the one that caused it.

A function keeps the date of its row in symbols.md: what takes one back or redates it must first edit that row by hand.

usage: write_baseline.py LIBBERTH FOLDER_OF_BERTH.H FOLDER_OF_THE_LISTS (capi/abi)
"""

import pathlib
import subprocess
import sys

import check_abi
import header_facts

HERE = pathlib.Path(__file__).resolve().parent
TABLE_HEAD = """# Functions of libberth.so

When each came and since when it is deprecated; none ever goes away within one major version. `./dev abi-baseline` adds rows.

| Function | Since | Deprecated |
|---|---|---|
"""


def broken_promises(functions, table):
    declared = {function.name: function for function in functions}
    for name, (introduced, _) in table.items():
        if name not in declared:
            yield f"{name} stands in symbols.md and no longer in berth.h"
        elif declared[name].introduced != introduced:
            yield f"{name} is of {introduced} in symbols.md and of {declared[name].introduced} in berth.h"
    for function in functions:
        if function.introduced is None:
            yield f"{function.name} has no complete comment; it must end with 'Since: MAJOR.MINOR.' and 'Threads: ...'"


def write(path, text):
    before = set(path.read_text(encoding="ascii").splitlines()) if path.exists() else set()
    path.write_text(text, encoding="ascii")
    after = set(text.splitlines())
    print(f"{path.name}: {len(after - before)} lines added, {len(before - after)} lines gone")


def main():
    library, header_folder, lists = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    header = header_folder / "berth/berth.h"
    functions = header_facts.functions(header_facts.read(header))
    table_path = lists / "symbols.md"
    table = header_facts.symbol_table(header_facts.read(table_path)) if table_path.exists() else {}
    broken = list(broken_promises(functions, table))
    if broken:
        print("\n".join(broken))
        print("Nothing was written. If the function was never released, edit its row by hand, then run this again.")
        return 1
    write(lists / "symbols.txt", "".join(f"{symbol}\n" for symbol in sorted(map(header_facts.symbol, functions))))
    rows = "".join(f"| `{function.name}` | {function.introduced} | {function.deprecated or '-'} |\n" for function in sorted(functions))
    write(table_path, TABLE_HEAD + rows)
    before = (lists / "berth-1.abi").read_text(encoding="ascii") if (lists / "berth-1.abi").exists() else ""
    fault = check_abi.dump(library, header_folder, lists / "berth-1.abi")
    if fault:
        print(fault)
        return 1
    after = (lists / "berth-1.abi").read_text(encoding="ascii")
    print("berth-1.abi: " + ("as it was" if before == after else "written anew"))
    return subprocess.run([sys.executable, HERE / "check_layout.py", "--write", header, HERE / "layout.c"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
