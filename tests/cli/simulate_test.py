#!/usr/bin/env python3
"""simulate as a user meets it: traces, steps, charts, refusals. usage: simulate_test.py PATH/TO/berth"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

BERTH = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "berth"

NODES = "sn,cpu_milli,memory_mib,gpu,model\nnode-1,2000,4096,2,T4\nnode-2,4000,8192,0,\n"
TRACE = """arrival,departure,cpu,memory,gpus,group,memberOf
0,100,1024,1024,1,a,attribute:gpu.model == T4
10,60,2048,1024,,b,
20,60,4096,1024,,b,
30,,512,1024,2,a,
50,90.5,512,512,,a,
"""


class Simulate(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.write("nodes.csv", NODES)
        self.write("pods.csv", TRACE)
        self.berth("import", "--openb", "-o", "fleet.berth", "nodes.csv")

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def run_berth(self, *arguments, stdin=""):
        return subprocess.run([BERTH, *arguments], input=stdin, text=True, capture_output=True, cwd=self.folder, timeout=60, check=False)

    def berth(self, *arguments, stdin=""):
        done = self.run_berth(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def simulate(self, *arguments, stdin=""):
        return json.loads(self.berth("simulate", "-s", "fleet.berth", "--trace", "pods.csv", "--seed", "1", *arguments, stdin=stdin))

    def refused(self, *arguments, stdin=""):
        """One line on standard error, nothing on standard output, no file written; gives the line."""
        before = sorted(self.folder.iterdir())
        done = self.run_berth("simulate", "-s", "fleet.berth", *arguments, stdin=stdin)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(sorted(self.folder.iterdir()), before)
        return done.stderr.rstrip("\n")

    def test_nodes_become_instances_with_their_model(self):
        instances = json.loads(self.berth("describe-container-instances", "-s", "fleet.berth"))["containerInstances"]
        first, second = instances
        self.assertTrue(first["containerInstanceArn"].endswith("container-instance/openb/node-1"))
        resources = {r["name"]: r.get("stringSetValue") or r["integerValue"] for r in first["remainingResources"]}
        self.assertEqual((resources["CPU"], resources["MEMORY"], len(resources["GPU"])), (2048, 4096, 2))
        self.assertEqual(first["attributes"], [{"name": "gpu.model", "value": "T4"}])
        self.assertEqual(second["attributes"], [])
        self.write("bad.csv", NODES + "node-1,1,1,0,\n")
        done = self.run_berth("import", "--openb", "-o", "bad.berth", "bad.csv")
        self.assertEqual((done.returncode, done.stderr), (2, "berth: bad.csv: line 4: the node node-1 stands twice; leave one out\n"))

    def test_the_summary_adds_up(self):
        answer = self.simulate("--placement-strategy", "type=binpack,field=memory")
        self.assertEqual(answer["seed"], 1)
        self.assertEqual(answer["tasks"], {"arrived": 5, "placed": 3, "refused": 2, "departed": 3, "running": 0, "runningMax": 3,
                                           "gpuSharesRoundedUp": 0})
        self.assertEqual(answer["refusals"], [{"reason": "RESOURCE:CPU", "tasks": 1}, {"reason": "RESOURCE:GPU", "tasks": 1}])
        self.assertEqual([answer["resources"][r]["capacity"] for r in ("cpuUnits", "memoryMib", "gpus")], [6144, 12288, 2])
        self.assertEqual((answer["beginSeconds"], answer["endSeconds"]), (0, 100))
        table = self.berth("simulate", "-s", "fleet.berth", "--trace", "pods.csv", "--seed", "1", "--output", "table")
        self.assertIn("Replayed 5 tasks over 1 min 40 s on 2 instances (seed 1): 3 placed, 2 refused.", table)

    def test_steps_are_the_golden_ones(self):
        self.simulate("--placement-strategy", "type=binpack,field=memory", "--step", "20", "-o", "steps.csv")
        golden = pathlib.Path(__file__).resolve().parent.parent / "golden" / "simulate" / "steps.csv"
        self.assertEqual(self.read("steps.csv"), golden.read_text(encoding="utf-8"))

    def test_one_seed_gives_one_replay_and_another_path_to_the_trace_the_same(self):
        self.simulate("-o", "a.csv")
        self.assertEqual(self.simulate("-o", "b.csv"), json.loads(self.berth(
            "simulate", "-s", "fleet.berth", "--trace", "-", "--seed", "1", "-o", "c.csv", stdin=TRACE)))
        self.assertEqual(self.read("a.csv"), self.read("b.csv"))
        self.assertEqual(self.read("a.csv"), self.read("c.csv"))

    def test_the_chart_is_xml_with_the_lines_that_there_are(self):
        self.write("a & <b>.csv", TRACE)
        self.berth("simulate", "-s", "fleet.berth", "--trace", "a & <b>.csv", "--seed", "1", "--chart", "chart.svg")
        root = xml.fromstring(self.read("chart.svg"))
        name = "{http://www.w3.org/2000/svg}"
        self.assertEqual(root.tag, name + "svg")
        self.assertEqual(root.find(name + "title").text, "a & <b>.csv on fleet.berth")
        texts = [text.text for text in root.iter(name + "text")]
        for wanted in ("CPU", "Memory", "GPU", "RESOURCE:CPU", "RESOURCE:GPU", "Time since the first arrival, in seconds"):
            self.assertIn(wanted, texts)
        # Three resources twice, and the bars of two reasons.
        self.assertEqual(len(list(root.iter(name + "path"))), 8)
        width, height = (float(root.get(side)) for side in ("width", "height"))
        for text in root.iter(name + "text"):
            self.assertTrue(0 <= float(text.get("x")) <= width and 0 <= float(text.get("y")) <= height)
        self.simulate("--inflate", "0.5", "--chart", "chart.svg")
        self.assertIn("No task was refused.", self.read("chart.svg"))

    def test_flags_do_what_they_say(self):
        self.assertEqual(self.simulate("--until", "25")["tasks"]["arrived"], 3)
        self.assertEqual(self.simulate("--no-departures")["tasks"]["departed"], 0)
        self.assertEqual(self.simulate("--compress", "10")["endSeconds"], 100)
        self.assertEqual(self.simulate("--compress", "10", "--until", "5")["tasks"]["arrived"], 5)
        none = self.simulate("--placement-constraints", "type=memberOf,expression=attribute:gpu.model == A100")
        self.assertEqual(none["refusals"], [{"reason": "RESOURCE:GPU", "tasks": 2},
                                            {"reason": "MemberOf placement constraint unsatisfied.", "tasks": 2},
                                            {"reason": "RESOURCE:CPU", "tasks": 1}])
        inflated = self.simulate("--inflate", "1.5", "--order", "given")
        self.assertEqual((inflated["inflated"], inflated["demandedPercent"]), ("gpus", 150))
        self.assertNotIn("beginSeconds", inflated)

    def test_refusals_name_the_file_the_line_and_the_mend(self):
        self.write("bad.csv", "arrival,cpu,memory\n1,2,3\n4,x,6\n")
        self.assertEqual(self.refused("--trace", "bad.csv", "-o", "steps.csv", "--chart", "chart.svg"),
                         "berth: bad.csv: line 3: cpu: expected an integer from 0 to 2147483647, found 'x'")
        self.assertEqual(self.refused("--trace", "-", stdin="arrival,cpu\n1,2\n"),
                         "berth: standard input: line 1: the column memory is missing; a trace needs arrival, cpu and memory")
        self.assertIn("absent.csv: cannot be read", self.refused("--trace", "absent.csv"))
        self.assertIn("fleet.berth: this is a snapshot, which -s takes", self.refused("--trace", "fleet.berth"))
        pods = ("--trace", "pods.csv")
        for arguments, message in (
                (("--step", "0"), "--step: expected a number from 0.001 to 1e+12, found 0"),
                (("--step", "x"), "--step: expected a number, found 'x'"),
                (("--inflate", "1", "--until", "5"), "--until: an inflation has no time and no departures; leave out either this or inflate"),
                (("--order", "given"), "--order: tasks arrive by the trace's times; order is for inflate"),
                (("-o", "fleet.berth"), "simulate: -o: fleet.berth is a snapshot; name another file for the steps"),
                (("--chart", "nowhere/chart.svg"), "simulate: --chart: there is no directory nowhere/")):
            self.assertEqual(self.refused(*pods, *arguments), "berth: " + message)
        self.assertIn("--order: ", self.refused(*pods, "--inflate", "1", "--order", "smallest"))
        self.assertIn("placementStrategy[0].field", self.refused(*pods, "--placement-strategy", "type=binpack,field=disk"))

    def test_a_file_that_is_replaced_keeps_its_mode_and_nothing_is_left_beside_it(self):
        self.write("steps.csv", "old\n")
        os.chmod(self.folder / "steps.csv", 0o640)
        self.simulate("-o", "steps.csv")
        self.assertTrue(self.read("steps.csv").startswith("time_s,"))
        self.assertEqual((self.folder / "steps.csv").stat().st_mode & 0o777, 0o640)
        self.assertEqual([p.name for p in self.folder.iterdir() if "part" in p.name], [])


if __name__ == "__main__":
    unittest.main()
