#!/usr/bin/env python3
"""layout.c must hold everything of berth.h that crosses the boundary by layout: each structure, member, pinned value and integer type.

What it holds the compiler checks. Lines are only ever added (--write does that); one that no longer compiles is a broken promise.

usage: check_layout.py [--write] BERTH.H LAYOUT.C
"""

import pathlib
import subprocess
import sys
import tempfile

import header_facts


def wanted(header):
    """(how the line of layout.c begins, the printf that writes its values) of each fact."""
    for name in header_facts.integer_types(header):
        yield f"INTEGER({name}, ", f'"%d, %d", (int)sizeof({name}), ({name})~({name})0 < ({name})1'
    for structure in header_facts.structures(header):
        name = structure.name
        yield f"STRUCTURE({name}, ", f'"%d, %d", (int)sizeof({name}), (int)offsetof(struct {{ char before; {name} it; }}, it)'
        for member in structure.members:
            yield f"MEMBER({name}, {member}, ", f'"%d, %d", (int)offsetof({name}, {member}), (int)sizeof((({name}*)0)->{member})'
    for name in header_facts.values(header):
        yield f"VALUE({name}, ", f'"%ld", (long){name}'


def missing(header, layout):
    return [beginning for beginning, _ in wanted(header) if beginning not in layout]


def write(header_path, layout_path, facts):
    program = '#include <berth/berth.h>\n#include <stdio.h>\nint main(void) {\n'
    for beginning, values in facts:
        program += f'  printf("{beginning}"); printf({values}); puts(");");\n'
    with tempfile.TemporaryDirectory() as folder:
        source, binary = pathlib.Path(folder) / "layout.c", pathlib.Path(folder) / "layout"
        source.write_text(program + "  return 0;\n}\n", encoding="ascii")
        include = pathlib.Path(header_path).parent.parent
        subprocess.run(["cc", "-std=c99", f"-I{include}", source, "-o", binary], check=True)
        lines = subprocess.run([binary], check=True, text=True, stdout=subprocess.PIPE).stdout
    with open(layout_path, "a", encoding="ascii") as layout:
        layout.write(lines)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    header, layout = map(header_facts.read, arguments[:2])
    lacking = missing(header, layout)
    if "--write" in sys.argv[1:]:
        if lacking:
            write(arguments[0], arguments[1], [fact for fact in wanted(header) if fact[0] in lacking])
        print(f"layout.c: {len(lacking)} lines added")
        return 0
    for beginning in lacking:
        print(f"layout.c lacks {beginning}...)")
    if lacking:
        print("./dev abi-baseline adds what is missing.")
    return 1 if lacking or not header_facts.structures(header) else 0


if __name__ == "__main__":
    sys.exit(main())
