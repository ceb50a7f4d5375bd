#!/usr/bin/env python3
"""README.md shows what is printed: its pasted outputs are the demo's, and its lines work when pasted.
usage: readme_test.py PATH/TO/berth PROJECT_ROOT [INCLUDE_FOLDER LIBRARY_FOLDER]"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BERTH = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(sys.argv[2]).resolve()
INCLUDES, LIBRARIES = (pathlib.Path(folder).resolve() for folder in sys.argv[3:5]) if len(sys.argv) > 4 else (None, None)
PROMPT = "$ berth "


def fenced_blocks():
    """(language, text) of each fenced block, in order."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def steps_of(text):
    """{command line: what it printed}; a line that ends with a backslash goes on in the next."""
    steps = {}
    for piece in ("\n" + re.sub(r" \\\n\s*", " ", text)).split("\n" + PROMPT)[1:]:
        command, _, output = piece.partition("\n")
        steps[command] = output.rstrip("\n")
    return steps


class Readme(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.environment = {**os.environ, "PATH": f"{BERTH.parent}:{os.environ['PATH']}"}

    def run_here(self, *command):
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_pasted_outputs_are_the_demos(self):
        demo = steps_of(re.sub("\x1b\\[[0-9;]*m", "", self.run_here("bash", str(ROOT / "bindings/cli/demo.sh"), str(BERTH))))
        pasted = {}
        for _, text in fenced_blocks():
            pasted.update(steps_of(text))
        self.assertGreaterEqual(len(pasted), 2)
        for command, output in pasted.items():
            self.assertIn(command, demo)
            # Behind its last step the demo says what comes next.
            self.assertEqual(demo[command].split("\n\nA ")[0].split("\n\nWhat ")[0], output, command)

    def test_lines_without_an_account_work_when_pasted(self):
        blocks = [text for language, text in fenced_blocks() if language == "sh" and "berth generate" in text]
        self.assertEqual(len(blocks), 1)
        printed = self.run_here("bash", "-euo", "pipefail", "-c", blocks[0])
        self.assertIn('did you mean \\"ecs.instance-type\\"', printed)

    @unittest.skipUnless(LIBRARIES and shutil.which("cc"), "no C compiler, or no library to link")
    def test_the_c_program_compiles_and_places(self):
        (program,) = [text for language, text in fenced_blocks() if language == "c"]
        (self.folder / "example.c").write_text(program, encoding="utf-8")
        self.run_here("cc", "-Wall", "-Werror", "example.c", *(f"-I{folder}" for folder in [INCLUDES, ROOT / "capi/include"]),
                      f"-L{LIBRARIES}", "-lberth", f"-Wl,-rpath,{LIBRARIES}", "-o", "example")
        self.assertIn("Placed 2 of 2 tasks", self.run_here("./example"))


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main()
