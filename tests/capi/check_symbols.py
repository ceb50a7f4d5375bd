#!/usr/bin/env python3
"""What libberth.so exports must be exactly the list in capi/abi/symbols.txt, and it must bring no allocator and no RUNPATH along.

usage: check_symbols.py LIBBERTH SYMBOLS.TXT
"""

import re
import subprocess
import sys


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def faults(library, listed):
    # "A" marks the version node itself.
    rows = [row.split() for row in run("nm", "-D", "--defined-only", library).splitlines()]
    exported = sorted(row[-1] for row in rows if row[-2] != "A")
    found = [f"exported but not listed: {name}" for name in exported if name not in listed]
    found += [f"listed but not exported: {name}" for name in listed if name not in exported]
    if listed != sorted(listed):
        found.append("symbols.txt is not sorted")
    dynamic = run("readelf", "-d", library)
    if re.search(r"NEEDED.*(jemalloc|tcmalloc|mimalloc)", dynamic):
        found.append("the library must not choose its host's allocator")
    if re.search(r"RUNPATH|RPATH", dynamic):
        found.append("the library must not have a RUNPATH")
    if not re.search(r"SONAME.*\[libberth\.so\.1\]", dynamic):
        found.append("the soname is not libberth.so.1")
    if "BIND_NOW" not in dynamic and "NOW" not in dynamic:
        found.append("the library is not linked with -z now")
    return found


def main():
    library, listed_path = sys.argv[1:3]
    listed = open(listed_path, encoding="ascii").read().split()
    found = faults(library, listed)
    print("\n".join(found))
    return 1 if found or not listed else 0


if __name__ == "__main__":
    sys.exit(main())
