#!/usr/bin/env python3
"""A check that cannot fail is a defect: plants a breach for every gate of the ABI and wants to see it red.

Breaches are planted in copies of berth.h and in libraries that hold nothing but its functions, empty, so that no engine is built for this.
That such a library, from another compiler and another language, passes while the header is sound shows that the gates look at the
interface alone.

usage: gates_can_fail.py BERTH.H VERSION_SCRIPT FOLDER_OF_THE_LISTS (capi/abi) LIBBERTH
"""

import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import check_abi
import check_layout
import check_symbols
import header_facts

HERE = pathlib.Path(__file__).resolve().parent
HEADER, VERSION_SCRIPT, LISTS, LIBBERTH = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
BASELINE, SYMBOLS = LISTS / "berth-1.abi", (LISTS / "symbols.txt").read_text(encoding="ascii").split()
C99 = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"]
CXX20 = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]

GROWN = ("  uint64_t length;\n} berth_text_range;", "  uint64_t length;\n  uint64_t more;\n} berth_text_range;")
RETYPED = ("  uint64_t length;\n} berth_text_range;", "  int64_t length;\n} berth_text_range;")
SWAPPED = ("  uint64_t offset;\n  uint64_t length;\n} berth_text_range;", "  uint64_t length;\n  uint64_t offset;\n} berth_text_range;")
NARROWED = ("typedef uint32_t berth_format;", "typedef uint8_t berth_format;")
SIGNED = ("typedef uint32_t berth_format;", "typedef int32_t berth_format;")
RENUMBERED = ("BERTH_CONFLICT = 12,", "BERTH_CONFLICT = 15,")
ANOTHER_RESULT = ("BERTH_API uint32_t berth_version(void)", "BERTH_API uint64_t berth_version(void)")
ANOTHER_PARAMETER = ("berth_engine_options* options, uint32_t struct_size)", "berth_engine_options* options, uint64_t struct_size)")
ADDED = ("BERTH_API uint32_t berth_version(void)", "BERTH_API void berth_more(void) BERTH_NOEXCEPT;\nBERTH_API uint32_t berth_version(void)")
REMOVED = ("BERTH_API uint32_t berth_version(void) BERTH_NOEXCEPT;\n", "")

# Functions that take the place of the library's, each with one promise broken, and what the old consumer says of them.
CHANGED_BEHAVIOUR = {
    "another default": ("""berth_status berth_engine_options_init(berth_engine_options* options, uint32_t size) {
        if (options == NULL || size < 16) return BERTH_INVALID_ARGUMENT;
        memset(options, 0, size); options->struct_size = size; options->executor = BERTH_EXECUTOR_SERIAL; return BERTH_OK; }""",
                        "BERTH_EXECUTOR_TBB"),
    "the structure has grown and its size is not looked at": ("""berth_status berth_engine_options_init(berth_engine_options* o, uint32_t size) {
        if (o == NULL || size < 16) return BERTH_INVALID_ARGUMENT;
        memset(o, 0, size < 20 ? 20 : size); o->struct_size = size; o->executor = BERTH_EXECUTOR_TBB; return BERTH_OK; }""",
                                                              "options.later"),
    "an output written on failure": ("""berth_status berth_program_select(berth_engine* engine, berth_program* program, uint32_t index,
        berth_snapshot* snapshot, uint64_t* words, size_t capacity, uint64_t* selected, berth_error** error) {
        (void)engine; (void)program; (void)index; (void)snapshot; (void)words; (void)capacity; (void)error;
        *selected = 0; return BERTH_INVALID_ARGUMENT; }""", "selected == 43"),
    "another major version": ("uint32_t berth_version(void) { return (uint32_t)2 << 16; }", "berth_version"),
}


class GatesCanFail(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.header = self.folder / "include/berth/berth.h"
        self.header.parent.mkdir(parents=True)
        shutil.copy(HEADER, self.header)

    def plant(self, breach):
        sound = HEADER.read_text(encoding="ascii")
        self.assertEqual(sound.count(breach[0]), 1, f"the place of a breach is gone: {breach[0]}")
        self.header.write_text(sound.replace(*breach), encoding="ascii")

    def compiles(self, *command):
        done = subprocess.run([*command, f"-I{self.folder}/include"], cwd=self.folder, capture_output=True, text=True, check=False)
        return done.returncode == 0

    def library(self, compiler="gcc", flags=("-g", "-O2"), suffix="c", version_script=VERSION_SCRIPT):
        """A library with the functions of the planted header and no content."""
        source, library = self.folder / f"empty.{suffix}", self.folder / "libberth.so.1"
        text = '#include "berth/berth.h"\n'
        for function in header_facts.functions(header_facts.read(self.header)):
            parameters = re.sub(r"\)\s*BERTH_NOEXCEPT$", ")", function.parameters)
            body = "" if function.result == "void" else "return 0; "
            text += f"{function.result} {function.name}({parameters} BERTH_NOEXCEPT {{ {body}}}\n"
        source.write_text(text, encoding="ascii")
        links = ["-Wl,-soname,libberth.so.1", "-Wl,-z,now", f"-Wl,--version-script={version_script}"]
        done = subprocess.run([compiler, "-w", "-shared", "-fPIC", *flags, f"-I{self.folder}/include", source, *links, "-o", library],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return library

    def abi_difference(self, library):
        return check_abi.difference(library, self.header.parent.parent, BASELINE)

    def report(self, gate, breach, answer):
        print(f"{gate} <- {breach}\n    {str(answer).strip().replace(chr(10), chr(10) + '    ')}")

    def test_a_sound_header_passes_whatever_compiles_it(self):
        compilers = [("gcc", ("-g", "-O0"), "c"), ("gcc", ("-g", "-O3"), "c"), ("g++", ("-g", "-O1"), "cc")]
        if shutil.which("clang-19"):
            compilers += [("clang-19", ("-g", "-O2"), "c"), ("clang++-19", ("-g", "-O0", "-std=c++20"), "cc")]
        for compiler in compilers:
            with self.subTest(compiler=compiler):
                library = self.library(*compiler)
                self.assertEqual(self.abi_difference(library), "")
                self.assertEqual(check_symbols.faults(library, SYMBOLS), [])

    def test_abidiff(self):
        breaches = dict(GROWN=GROWN, RETYPED=RETYPED, SWAPPED=SWAPPED, NARROWED=NARROWED, SIGNED=SIGNED, ANOTHER_RESULT=ANOTHER_RESULT,
                        ANOTHER_PARAMETER=ANOTHER_PARAMETER, ADDED=ADDED, REMOVED=REMOVED)
        for name, breach in breaches.items():
            with self.subTest(breach=name):
                self.plant(breach)
                answer = self.abi_difference(self.library())
                self.report("abidiff", name, answer)
                self.assertRegex(answer, "abidiff says (4|8|12)\n")

    def test_abidiff_without_debug_information(self):
        answer = self.abi_difference(self.library(flags=("-O2",)))
        self.report("abidiff", "no -g", answer)
        self.assertIn("no .debug_info", answer)

    def test_layout(self):
        self.assertTrue(self.compiles("cc", *C99, "-c", HERE / "layout.c"))
        for name, breach in dict(GROWN=GROWN, SWAPPED=SWAPPED, NARROWED=NARROWED, SIGNED=SIGNED, RENUMBERED=RENUMBERED).items():
            with self.subTest(breach=name):
                self.plant(breach)
                self.assertFalse(self.compiles("cc", *C99, "-c", HERE / "layout.c"))
                self.report("layout", name, "does not compile")

    def test_layout_is_complete(self):
        layout = header_facts.read(HERE / "layout.c")
        more = [("  BERTH_IO_ERROR = 13\n", "  BERTH_IO_ERROR = 13,\n  BERTH_MORE = 14\n"), GROWN,
                ("typedef uint32_t berth_format;", "typedef uint32_t berth_format;\ntypedef uint32_t berth_more;")]
        for breach in more:
            self.plant(breach)
            missing = check_layout.missing(header_facts.read(self.header), layout)
            self.report("layout is complete", breach[1].strip().split("\n")[-1], missing)
            self.assertEqual(len(missing), 1)

    def test_symbols(self):
        everything = self.folder / "everything.map"
        everything.write_text("BERTH_1 { global: *; };\n", encoding="ascii")
        unversioned = self.folder / "unversioned.map"
        unversioned.write_text("{ global: berth_*; local: *; };\n", encoding="ascii")
        leak = ("BERTH_API uint32_t berth_version(void)",
                "BERTH_API void leaked(void) BERTH_NOEXCEPT;\nBERTH_API uint32_t berth_version(void)")
        for name, breach, script in [("ADDED", ADDED, VERSION_SCRIPT), ("REMOVED", REMOVED, VERSION_SCRIPT),
                                     ("no version node", ("#endif /* BERTH_BERTH_H */", "#endif"), unversioned)]:
            with self.subTest(breach=name):
                self.plant(breach)
                found = check_symbols.faults(self.library(version_script=script), SYMBOLS)
                self.report("symbols", name, found[:2])
                self.assertTrue(found)
        self.plant(leak)
        library = self.library(version_script=everything)
        subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", library, "-Wl,-soname,libberth.so.1", "-Wl,-z,now"],
                       input="void leaked(void) {}\n", text=True, check=True)
        found = check_symbols.faults(library, SYMBOLS)
        self.report("symbols", "a symbol of another name", found[:1])
        self.assertIn("exported but not listed: leaked", found)

    def test_the_soname(self):
        library = self.folder / "libberth.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", library, "-Wl,-soname,libberth.so.2"], input="", text=True, check=True)
        found = check_symbols.faults(library, [])
        self.report("symbols", "another soname", found)
        self.assertIn("the soname is not libberth.so.1", found)

    @unittest.skipUnless(platform.machine() == "x86_64", "the old consumer's object file is of x86_64")
    def test_old_consumer(self):
        def link(library, more=()):
            library_flags = [f"-L{library.parent}", f"-l:{library.name}", f"-Wl,-rpath,{library.parent}"]
            return self.compiles("cc", HERE / "consumer-1.0.o", *more, *library_flags, "-o", "consumer")

        def run():
            return subprocess.run([self.folder / "consumer", self.folder], capture_output=True, text=True, check=False)

        self.assertTrue(link(LIBBERTH))
        self.assertEqual(run().returncode, 0)
        for name, (code, promise) in CHANGED_BEHAVIOUR.items():
            with self.subTest(breach=name):
                (self.folder / "planted.c").write_text(f'#include <string.h>\n#include "berth/berth.h"\n{code}\n', encoding="ascii")
                self.assertTrue(link(LIBBERTH, ["planted.c"]))
                done = run()
                self.report("old consumer", name, done.stdout)
                self.assertEqual(done.returncode, 1)
                self.assertIn(promise, done.stdout)
        self.plant(REMOVED)
        self.assertFalse(link(self.library()))
        self.report("old consumer", "REMOVED", "does not link")

    def test_header(self):
        units = (HERE / "header_c99.c", HERE / "header_cxx20.cc", HERE / "header_cxx20_again.cc")

        def accepted():
            objects = [self.folder / f"unit{index}.o" for index in range(len(units))]
            if not all(self.compiles("c++" if unit.suffix == ".cc" else "cc", *(CXX20 if unit.suffix == ".cc" else C99), "-fPIC", "-c", unit,
                                     "-o", made) for unit, made in zip(units, objects)):
                return False
            return self.compiles("c++", "-shared", *objects, "-o", "units.so")

        self.assertTrue(accepted())
        first = "#include <stddef.h>\n"
        for name, breach in {
                "a definition": (first, first + "#ifdef __cplusplus\nextern \"C\"\n#endif\nint berth_defined(void);\n"
                                                "#ifdef __cplusplus\nextern \"C\"\n#endif\nint berth_defined(void) { return 0; }\n"),
                "no guard": ("#ifndef BERTH_BERTH_H\n", "#if 1\n"),
                "a word of C++": ("berth_engine_free(berth_engine* engine)", "berth_engine_free(berth_engine* class)"),
                "not C99": (first, first + "#ifndef __cplusplus\n_Static_assert(1, \"\");\n#endif\n"),
                "may throw": ("#define BERTH_NOEXCEPT noexcept", "#define BERTH_NOEXCEPT"),
                "a missing include": ("#include <stdint.h>\n", ""),
        }.items():
            with self.subTest(breach=name):
                self.plant(breach)
                self.assertFalse(accepted())
                self.report("header", name, "does not compile or link")


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main()
