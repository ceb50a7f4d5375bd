#!/usr/bin/env python3
"""The rules of berth.h that no compiler knows: each declaration has a comment that ends with its thread rule and says since when, none
throws, and each one stands in capi/abi/symbols.txt.

usage: check_header.py BERTH.H SYMBOLS.TXT | --self-test
"""

import re
import sys

ENDING = re.compile(r"Since: \d+\.\d+\.\s+Threads: (any|any, const|one|none other)\. \*/$")


def breaches(header, listed):
    names = []
    for match in re.finditer(r"BERTH_API ([^;{}]*?)\b(berth_\w+)\(([^;]*);", header):
        name = match[2]
        names.append(name)
        before = header[: match.start()].rstrip()
        comment = before[before.rfind("/*") :] if before.endswith("*/") else ""
        text = re.sub(r"\s*\n \*\s*", " ", comment)
        if not ENDING.search(text):
            yield f"{name}: its comment must end with 'Since: ...' and 'Threads: ...'"
        if not match[3].rstrip().endswith("BERTH_NOEXCEPT"):
            yield f"{name}: lacks BERTH_NOEXCEPT"
    declared = sorted(f"{name}@@BERTH_0" for name in names)
    for name in sorted(set(declared) ^ set(listed)):
        yield f"{name}: header and symbols.txt disagree"
    if not names:
        yield "no declaration was found"


SOUND = "/* Does it. Since: 0.1. Threads: any. */\nBERTH_API void berth_a(int b) BERTH_NOEXCEPT;\n"
PLANTED = [
    SOUND.replace(" Threads: any.", ""),
    SOUND.replace(" Since: 0.1.", ""),
    SOUND.replace(" BERTH_NOEXCEPT", ""),
    SOUND + "BERTH_API void berth_c(void) BERTH_NOEXCEPT;\n",
    "",
]


def self_test():
    listed = ["berth_a@@BERTH_0"]
    faults = list(breaches(SOUND, listed)) + [p for p in PLANTED if not list(breaches(p, listed))]
    if not list(breaches(SOUND, [])):
        faults.append("a symbol that is not listed was not reported")
    print("\n".join(faults))
    return 1 if faults else 0


def main():
    if "--self-test" in sys.argv[1:]:
        return self_test()
    header = open(sys.argv[1], encoding="ascii").read()
    found = list(breaches(header, open(sys.argv[2], encoding="ascii").read().split()))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
