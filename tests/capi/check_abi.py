#!/usr/bin/env python3
"""abidiff, without a suppression: the types that libberth.so's functions reach must be those of the stored baseline, capi/abi/berth-1.abi.

The library's types are reduced to what berth.h declares, so that a baseline holds nothing of the engine. A library without debug
information would compare as equal, so that is looked at first.

usage: check_abi.py [--write] LIBBERTH FOLDER_OF_BERTH.H BERTH-1.ABI
"""

import pathlib
import subprocess
import sys
import tempfile

# Left out is what says nothing about an interface: paths and lines, other libraries, types that only the library's own code sees.
ABIDW = ["abidw", "--exported-interfaces-only", "--drop-private-types", "--no-elf-needed", "--no-corpus-path", "--no-comp-dir-path",
         "--no-show-locs", "--no-parameter-names", "--type-id-style", "hash"]


def has_debug_information(library):
    sections = subprocess.run(["readelf", "--section-headers", "--wide", library], check=True, text=True, stdout=subprocess.PIPE).stdout
    return ".debug_info" in sections


def dump(library, header_folder, path):
    """Why there is no dump, or None."""
    if not has_debug_information(library):
        return f"{library} has no .debug_info: abidiff would find no difference, whatever changed; build it with -g"
    subprocess.run([*ABIDW, "--headers-dir", header_folder, "--out-file", path, library], check=True)
    return None


def difference(library, header_folder, baseline):
    """What has changed since the baseline, or an empty text. abidiff's 0 is the only good answer; 4, 8 and 12 are changes."""
    with tempfile.TemporaryDirectory() as folder:
        current = pathlib.Path(folder) / "current.abi"
        fault = dump(library, header_folder, current)
        if fault:
            return fault
        done = subprocess.run(["abidiff", baseline, current], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return "" if done.returncode == 0 else f"abidiff says {done.returncode}\n{done.stdout}"


def main():
    library, header_folder, baseline = [argument for argument in sys.argv[1:] if argument != "--write"][:3]
    if "--write" in sys.argv[1:]:
        fault = dump(library, header_folder, baseline)
    else:
        fault = difference(library, header_folder, baseline)
    if fault:
        print(fault)
        print("When the change is meant, ./dev abi-baseline writes the baseline anew; commit it together with the change.")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
