#!/usr/bin/env python3
"""The rules of berth.h that no compiler knows: each declaration has a comment that ends with its thread rule and says since when, none
throws, and each one stands, with the same dates, in capi/abi/symbols.txt and capi/abi/symbols.md.

usage: check_header.py BERTH.H SYMBOLS.TXT SYMBOLS.MD | --self-test
"""

import sys

import header_facts


def breaches(header, listed, table):
    functions = header_facts.functions(header)
    if not functions:
        yield "no declaration was found"
    for function in functions:
        if function.introduced is None:
            yield f"{function.name}: its comment must end with 'Since: MAJOR.MINOR.', maybe 'Deprecated: MAJOR.MINOR.', and 'Threads: ...'"
        if not function.parameters.endswith("BERTH_NOEXCEPT"):
            yield f"{function.name}: lacks BERTH_NOEXCEPT"
    dated = [function for function in functions if function.introduced]
    declared = {function.name: (function.introduced, function.deprecated) for function in dated}
    for symbol in sorted({header_facts.symbol(function) for function in dated} ^ set(listed)):
        yield f"{symbol}: header and symbols.txt disagree"
    for name in sorted(set(declared) | set(table)):
        if declared.get(name) != table.get(name):
            yield f"{name}: the header says {declared.get(name, 'nothing')}, symbols.md says {table.get(name, 'nothing')} (since, deprecated)"


SOUND = "/* Does it. Since: 1.0. Threads: any. */\nBERTH_API void berth_a(int b) BERTH_NOEXCEPT;\n"
PLANTED = [
    SOUND.replace(" Threads: any.", ""),
    SOUND.replace(" Since: 1.0.", ""),
    SOUND.replace(" Since: 1.0.", " Since: 1.1."),
    SOUND.replace(" Since: 1.0.", " Since: 1.0. Deprecated: 1.1."),
    SOUND.replace(" BERTH_NOEXCEPT", ""),
    SOUND + "BERTH_API void berth_c(void) BERTH_NOEXCEPT;\n",
    "",
]


def self_test():
    listed = ["berth_a@@BERTH_1"]
    table = {"berth_a": ("1.0", None)}
    faults = list(breaches(SOUND, listed, table)) + [p for p in PLANTED if not list(breaches(p, listed, table))]
    for planted in (([], table), (listed, {}), (listed, {"berth_a": ("1.0", "1.1")}), (listed, {**table, "berth_b": ("1.0", None)})):
        if not list(breaches(SOUND, *planted)):
            faults.append(f"not reported: {planted}")
    print("\n".join(faults))
    return 1 if faults else 0


def main():
    if "--self-test" in sys.argv[1:]:
        return self_test()
    header, listed, table = map(header_facts.read, sys.argv[1:4])
    found = list(breaches(header, listed.split(), header_facts.symbol_table(table)))
    print("\n".join(found))
    if found:
        print("When the change of the header is meant, ./dev abi-baseline writes both lists anew.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
