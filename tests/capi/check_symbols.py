#!/usr/bin/env python3
"""What libberth.so exports must be exactly the list in capi/abi/symbols.txt, and it must bring no allocator and no RUNPATH along.

usage: check_symbols.py LIBBERTH SYMBOLS.TXT
"""

import re
import subprocess
import sys


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def main():
    library, listed_path = sys.argv[1:3]
    # "A" marks the version node itself.
    rows = [row.split() for row in run("nm", "-D", "--defined-only", library).splitlines()]
    exported = sorted(row[-1] for row in rows if row[-2] != "A")
    listed = open(listed_path, encoding="ascii").read().split()
    faults = [f"exported but not listed: {name}" for name in exported if name not in listed]
    faults += [f"listed but not exported: {name}" for name in listed if name not in exported]
    if listed != sorted(listed):
        faults.append("symbols.txt is not sorted")
    dynamic = run("readelf", "-d", library)
    if re.search(r"NEEDED.*(jemalloc|tcmalloc|mimalloc)", dynamic):
        faults.append("the library must not choose its host's allocator")
    if re.search(r"RUNPATH|RPATH", dynamic):
        faults.append("the library must not have a RUNPATH")
    if not re.search(r"SONAME.*\[libberth\.so\.0\]", dynamic):
        faults.append("the soname is not libberth.so.0")
    if "BIND_NOW" not in dynamic and "NOW" not in dynamic:
        faults.append("the library is not linked with -z now")
    print("\n".join(faults))
    return 1 if faults or not listed else 0


if __name__ == "__main__":
    sys.exit(main())
