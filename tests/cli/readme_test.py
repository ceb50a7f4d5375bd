#!/usr/bin/env python3
"""README.md shows what is printed: its pasted outputs are the demo's, and its lines work when pasted.
usage: readme_test.py PATH/TO/berth PROJECT_ROOT [INCLUDE_FOLDER LIBRARY_FOLDER]"""

import json
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
        demo = steps_of(self.run_here("bash", str(ROOT / "bindings/cli/demo.sh"), str(BERTH)))
        pasted = {}
        for _, text in fenced_blocks():
            pasted.update(steps_of(text))
        self.assertGreaterEqual(len(pasted), 2)
        for command, output in pasted.items():
            self.assertIn(command, demo)
            self.assertNotIn("\x1b", demo[command])
            # Behind its last step the demo says what comes next.
            self.assertEqual(demo[command].split("\n\nA ")[0].split("\n\nWhat ")[0], output, command)

    def test_lines_without_an_account_work_when_pasted(self):
        blocks = [text for language, text in fenced_blocks() if language == "sh" and "berth generate" in text]
        self.assertEqual(len(blocks), 1)
        printed = self.run_here("bash", "-euo", "pipefail", "-c", blocks[0])
        self.assertIn('did you mean \\"ecs.instance-type\\"', printed)
        # One web.json in the page: that of the lines is the demo's.
        demo = (ROOT / "bindings/cli/demo.sh").read_text(encoding="utf-8").split("cat >web.json <<'JSON'\n")[1].split("\nJSON\n")[0]
        self.assertEqual(json.loads((self.folder / "web.json").read_text(encoding="utf-8")), json.loads(demo))

    def test_the_import_pipeline_works_with_and_without_running_tasks(self):
        (block,) = [text for language, text in fenced_blocks() if language == "sh" and "aws ecs list-tasks" in text]
        prefix = "arn:aws:ecs:us-east-1:123456789012"
        resources = [{"name": name, "type": "INTEGER", "integerValue": 4096} for name in ("CPU", "MEMORY")]
        instance = {"containerInstanceArn": f"{prefix}:container-instance/web/{1:032x}", "ec2InstanceId": "i-1", "version": 1,
                    "status": "ACTIVE", "agentConnected": True, "runningTasksCount": 0, "pendingTasksCount": 0,
                    "registeredResources": resources, "remainingResources": resources, "attributes": []}
        task = {"taskArn": f"{prefix}:task/web/{2:032x}", "containerInstanceArn": instance["containerInstanceArn"], "lastStatus": "RUNNING",
                "clusterArn": f"{prefix}:cluster/web", "group": "family:web", "taskDefinitionArn": f"{prefix}:task-definition/web:1"}
        definition = {"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "cpu": 256, "memory": 512}]}
        for task_count in (0, 1):
            printed = {"list-container-instances": instance["containerInstanceArn"], "list-tasks": task["taskArn"] if task_count else "",
                       "describe-container-instances": json.dumps({"containerInstances": [instance], "failures": []}),
                       "describe-tasks": json.dumps({"tasks": [task], "failures": []}),
                       "describe-task-definition": json.dumps({"taskDefinition": definition})}
            # A stand-in for aws, which prints what its second argument asks for.
            for verb, text in printed.items():
                (self.folder / verb).write_text(text + "\n", encoding="utf-8")
            aws = self.folder / "aws"
            aws.write_text(f'#!/bin/sh\ncat "{self.folder}/$2"\n', encoding="utf-8")
            aws.chmod(0o755)
            self.environment["PATH"] = f"{self.folder}:{self.environment['PATH']}"
            self.run_here("bash", "-euo", "pipefail", "-c", block)
            self.assertEqual(json.loads(self.run_here("berth", "inspect", "-s", "web.berth"))["tasks"], task_count)

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
