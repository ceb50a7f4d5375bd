"""What berth.h says, read from its text: functions with their dates, structures, pinned values and integer types.

The gates compare these with the library, the layout assertions and the table of symbols. The header is plain enough for regular expressions;
whatever they do not understand is an error, so that nothing escapes a gate by being written in another way.
"""

import collections
import pathlib
import re

Function = collections.namedtuple("Function", "name result parameters comment introduced deprecated")
Structure = collections.namedtuple("Structure", "name members")

DATES = re.compile(r"Since: (\d+\.\d+)\.(?:\s+Deprecated: (\d+\.\d+)\.)?\s+Threads: (?:any|any, const|one|none other)\. \*/$")


def read(path):
    return pathlib.Path(path).read_text(encoding="ascii")


def without_comments(header):
    return re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)


def functions(header):
    """Each declaration in its order; the dates are None where the comment lacks them."""
    found = []
    for match in re.finditer(r"BERTH_API ([^;{}()]*?)\b(berth_\w+)\(((?:[^;])*);", header):
        before = header[: match.start()].rstrip()
        comment = before[before.rfind("/*") :] if before.endswith("*/") else ""
        comment = re.sub(r"\s*\n \*\s*", " ", comment)
        dates = DATES.search(comment)
        found.append(Function(match[2], match[1].strip(), match[3].rstrip(), comment, *(dates.groups() if dates else (None, None))))
    return found


def structures(header):
    found = []
    text = without_comments(header)
    for match in re.finditer(r"struct (berth_\w+)\s*\{(.*?)\}\s*(berth_\w+)?;", text, re.DOTALL):
        members = []
        for member in filter(None, (part.strip() for part in match[2].split(";"))):
            name = re.fullmatch(r"[^,()]*?\b(\w+)(?:\[\w+\])*", member) or re.fullmatch(r"[^()]*\(\*(\w+)\)\([^()]*\)", member)
            if not name:
                raise ValueError(f"{match[1]}: the member '{member}' is not understood; declare one member, of a named type, at a time")
            members.append(name[1])
        found.append(Structure(match[1], members))
    if len(found) != len(re.findall(r"\bstruct\b[^;(){}]*\{", text)) or re.search(r"\bunion\b", text):
        raise ValueError("a structure is not understood; write typedef struct berth_NAME {...} berth_NAME;")
    return found


def values(header):
    """Names of enumerators and of the macros that pin the size of an edition."""
    text = without_comments(header)
    names = re.findall(r"\b(BERTH_\w+) = ", text)
    enumerators = [name for body in re.findall(r"\benum\b[^{};]*\{(.*?)\}", text, re.DOTALL) for name in body.split(",") if name.strip()]
    if len(enumerators) != len(names):
        raise ValueError("an enumerator is not understood; give each one its value: BERTH_NAME = 1")
    return names + re.findall(r"^#define (BERTH_\w+_SIZE_V\d+) ", text, re.MULTILINE)


def integer_types(header):
    return re.findall(r"typedef u?int\d+_t (berth_\w+);", without_comments(header))


def symbol(function):
    """As nm prints it: the version node is the edition that introduced the function, BERTH_1 for all of 1.0."""
    major, minor = function.introduced.split(".")
    return f"{function.name}@@BERTH_{major}" + (f".{minor}" if minor != "0" else "")


def symbol_table(text):
    """{symbol: (introduced, deprecated or None)} of symbols.md."""
    rows = re.findall(r"^\| `(berth_\w+)` \| (\d+\.\d+) \| (\d+\.\d+|-) \|$", text, re.MULTILINE)
    return {name: (introduced, None if deprecated == "-" else deprecated) for name, introduced, deprecated in rows}
