#!/usr/bin/env python3
"""The command line as a user meets it: every verb, flag form, exit code and stream. usage: end_to_end_test.py PATH/TO/berth"""

import json
import os
import pathlib
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

BERTH = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "berth"
CLUSTER = "arn:aws:ecs:us-east-1:123456789012"


def instance(number, zone, cpu, cluster="prod", version=1):
    resources = [{"name": "CPU", "type": "INTEGER", "integerValue": cpu}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 4096}]
    return {
        "containerInstanceArn": f"{CLUSTER}:container-instance/{cluster}/{number:032x}", "ec2InstanceId": f"i-{number:08x}",
        "version": version, "status": "ACTIVE", "agentConnected": True, "runningTasksCount": 0, "pendingTasksCount": 0,
        "registeredResources": resources, "remainingResources": resources, "registeredAt": 1700000000.5,
        "attributes": [{"name": "ecs.availability-zone", "value": zone}, {"name": "ecs.instance-type", "value": "m5.large"}],
    }


DEFINITION = {"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "cpu": 512, "memory": 1024}]}
IDS = [f"{number:032x}" for number in (1, 2, 3)]


class CommandLine(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.write("instances.json", {"containerInstances": [instance(1, "us-east-1a", 1024), instance(2, "us-east-1b", 2048)], "failures": []})
        self.write("more.json", instance(3, "us-east-1a", 1024))
        self.write("td.json", {"taskDefinition": DEFINITION, "tags": []})
        self.berth("import", "-o", "fleet.berth", "instances.json", "more.json")

    def write(self, name, value):
        (self.folder / name).write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")

    def run_berth(self, *arguments, stdin="", **options):
        options = {"stdout": subprocess.PIPE, **options}
        return subprocess.run([BERTH, *arguments], input=stdin, text=True, stderr=subprocess.PIPE, cwd=self.folder, timeout=60, **options)

    def berth(self, *arguments, stdin=""):
        done = self.run_berth(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def answer(self, *arguments, stdin=""):
        return json.loads(self.berth(*arguments, stdin=stdin))

    def refused(self, *arguments, stdin="", code=2):
        """Exactly one line on standard error, nothing on standard output; gives the line."""
        done = self.run_berth(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("berth: "), done.stderr)
        return done.stderr

    def run_task(self, *arguments, stdin=""):
        return self.answer("run-task", "-s", "fleet.berth", "--seed", "1", "--task-definition", "td.json", *arguments, stdin=stdin)

    def placed_on(self, answer):
        return sorted(task["containerInstanceArn"].rsplit("/", 1)[1] for task in answer["tasks"])

    def instance_count(self, file):
        return len(self.answer("describe-container-instances", "-s", file)["containerInstances"])


class Import(CommandLine):
    def test_files_pages_and_standard_input_give_one_inventory(self):
        self.assertEqual(self.instance_count("fleet.berth"), 3)
        text = (self.folder / "instances.json").read_text() + "\n" + (self.folder / "more.json").read_text()
        self.berth("import", "-o", "piped.berth", "-", stdin=text)
        self.assertEqual((self.folder / "piped.berth").read_bytes(), (self.folder / "fleet.berth").read_bytes())

    def test_the_summary_is_on_standard_error_and_the_report_on_request(self):
        done = self.run_berth("import", "-o", "a.berth", "instances.json")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("2 instances", done.stderr)
        self.assertEqual(self.answer("import", "-o", "a.berth", "--output", "json", "instances.json")["instances"], 2)

    def test_control_characters_of_documents_reach_no_terminal(self):
        one = instance(1, "us-east-1a", 1024)
        one["containerInstanceArn"] += "\x1b[2J\x7f\r"
        one["un\x1bknown"] = 1
        del one["status"]
        self.write("odd.json", one)
        done = self.run_berth("import", "-o", "odd.berth", "--output", "json", "odd.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([c for c in done.stderr if (c < " " and c != "\n") or c == "\x7f"], [])
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("\\x1b[2J\\x7f\\x0d", done.stderr)
        self.assertIn("un\\x1bknown", done.stderr)
        self.assertTrue(any("\x1b[2J\x7f\r" in warning for warning in json.loads(done.stdout)["warnings"]), done.stdout)
        line = self.refused("import", "-o", "odd.berth", "--cluster", "ab\x1bsent", "odd.json")
        self.assertNotIn("\x1b", line)

    def test_dropped_fields_are_a_short_list(self):
        self.write("wide.json", [{**instance(n, "us-east-1a", 1024), **{f"field{k:02}": 1 for k in range(n, 12)}} for n in range(1, 4)])
        done = self.run_berth("import", "-o", "wide.berth", "--output", "json", "wide.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("fields that Berth does not keep: 11 (--output json lists all), most often\n          3  ", done.stderr)
        self.assertEqual(done.stderr.count("containerInstances[].field"), 5)
        self.assertEqual(len(json.loads(done.stdout)["droppedFields"]), 11)

    def test_cluster_filters(self):
        self.write("two.json", {"containerInstances": [instance(1, "a", 9), instance(2, "a", 9, cluster="other")]})
        self.berth("import", "-o", "a.berth", "--cluster", "other", "two.json")
        self.assertEqual(self.instance_count("a.berth"), 1)
        line = self.refused("import", "-o", "a.berth", "--cluster", "ohter", "two.json")
        self.assertIn("they hold", line)
        self.assertIn("other", line)
        self.assertEqual(self.instance_count("a.berth"), 1)

    def test_bad_input_names_the_file_and_keeps_the_old_snapshot(self):
        before = (self.folder / "fleet.berth").read_bytes()
        self.write("bad.json", {"containerInstances": [{"containerInstanceArn": 7}]})
        self.assertIn("bad.json: containerInstances[0].containerInstanceArn", self.refused("import", "-o", "fleet.berth", "bad.json"))
        self.write("cut.json", '{"containerInstances": [\n')
        self.assertIn("cut.json: line 2", self.refused("import", "-o", "fleet.berth", "instances.json", "cut.json"))
        self.assertIn("absent.json", self.refused("import", "-o", "fleet.berth", "absent.json"))
        self.refused("import", "-o", "fleet.berth")
        self.refused("import", "-o", "fleet.berth", "-", "-")
        self.refused("import", "instances.json")
        self.assertEqual((self.folder / "fleet.berth").read_bytes(), before)
        self.assertEqual([p.name for p in self.folder.iterdir() if "fleet" in p.name], ["fleet.berth"])


class RunTask(CommandLine):
    def test_the_answer_has_the_apis_shape(self):
        answer = self.run_task("--count", "2", "--started-by", "me", "--tags", "key=a,value=b", "--now", "2026-01-01T00:00:00Z")
        self.assertEqual(len(answer["tasks"]), 2)
        self.assertEqual(answer["failures"], [])
        task = answer["tasks"][0]
        self.assertEqual((task["startedBy"], task["group"], task["cpu"]), ("me", "family:web", "512"))
        self.assertEqual(task["tags"], [{"key": "a", "value": "b"}])
        self.assertEqual(task["createdAt"], 1767225600)
        self.assertEqual(answer["berth"]["seed"], 1)

    def test_definitions_come_in_every_form(self):
        wanted = self.run_task("--now", "1")
        for form in ("file://td.json", json.dumps(DEFINITION), "-"):
            got = self.answer("run-task", "-s", "fleet.berth", "--seed", "1", "--now", "1", "--task-definition", form,
                              stdin=json.dumps(DEFINITION))
            # The ids of tasks follow from the request's text, and so from whether the definition has its wrapper.
            self.assertEqual(self.placed_on(got), self.placed_on(wanted), form)
            self.assertEqual(got["tasks"][0]["taskDefinitionArn"], wanted["tasks"][0]["taskDefinitionArn"], form)

    def test_constraints_in_every_form(self):
        expression = "attribute:ecs.availability-zone in [us-east-1b, us-east-1c]"
        self.write("constraints.json", [{"type": "memberOf", "expression": expression}])
        for form in (f'type=memberOf,expression="{expression}"', f"type=memberOf,expression='{expression}'",
                     json.dumps([{"type": "memberOf", "expression": expression}]), json.dumps({"type": "memberOf", "expression": expression}),
                     "file://constraints.json"):
            self.assertEqual(self.placed_on(self.run_task("--placement-constraints", form)), [IDS[1]], form)
        both = self.run_task("--count", "3", "--placement-constraints", "type=memberOf,expression=attribute:ecs.availability-zone == us-east-1a",
                             "type=distinctInstance")
        self.assertEqual(self.placed_on(both), [IDS[0], IDS[2]])
        self.assertEqual(both["berth"]["placed"], 2)

    def test_strategies(self):
        spread = self.run_task("--count", "2", "--placement-strategy", "type=spread,field=attribute:ecs.availability-zone",
                               "type=binpack,field=cpu")
        self.assertEqual(len({task["availabilityZone"] for task in spread["tasks"]}), 2)
        packed = self.run_task("--count", "2", "--placement-strategy=type=binpack,field=cpu")
        self.assertEqual(len(set(self.placed_on(packed))), 1)

    def test_overrides_are_counted(self):
        answer = self.run_task("--overrides", '{"containerOverrides": [{"name": "web", "cpu": 2000}]}')
        self.assertEqual(self.placed_on(answer), [IDS[1]])
        answer = self.run_task("--overrides", "containerOverrides=[{name=web,cpu=2000}]")
        self.assertEqual(self.placed_on(answer), [IDS[1]])

    def test_nothing_fits_is_an_answer(self):
        answer = self.run_task("--overrides", '{"containerOverrides": [{"name": "web", "cpu": 9000}]}')
        self.assertEqual(answer["tasks"], [])
        self.assertEqual({failure["reason"] for failure in answer["failures"]}, {"RESOURCE:CPU"})
        self.assertEqual(len(answer["failures"]), 3)
        few = self.run_task("--max-failures", "1", "--overrides", '{"containerOverrides": [{"name": "web", "cpu": 9000}]}')
        self.assertEqual((len(few["failures"]), few["berth"]["failuresOmitted"]), (1, 2))

    def test_the_next_inventory_holds_the_decision(self):
        placed = self.placed_on(self.run_task("-o", "next.berth"))
        after = self.answer("describe-container-instances", "-s", "next.berth", "--container-instances", placed[0])["containerInstances"][0]
        before = self.answer("describe-container-instances", "-s", "fleet.berth", "--container-instances", placed[0])["containerInstances"][0]
        cpu = [next(r["integerValue"] for r in i["remainingResources"] if r["name"] == "CPU") for i in (before, after)]
        self.assertEqual(cpu[0] - cpu[1], 512)

    def test_an_inventory_that_nothing_changed_is_said_to_be_unchanged(self):
        before = (self.folder / "fleet.berth").read_bytes()
        line = "nothing was placed on a container instance; next.berth holds the inventory unchanged\n"
        task = ("--seed", "1", "--task-definition", "td.json", "-o", "next.berth")
        self.write("fargate.json", {**DEFINITION, "cpu": "512", "memory": "1024", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]})
        network = '{"awsvpcConfiguration": {"subnets": ["subnet-1"]}}'
        fargate = ("--launch-type", "FARGATE", "--network-configuration", network, "--subnets", "subnet-1=us-east-1a")
        for arguments in (("run-task", "--seed", "1", "--task-definition", "fargate.json", "-o", "next.berth", *fargate),
                          ("run-task", *task, "--overrides", '{"containerOverrides": [{"name": "web", "cpu": 9000}]}'),
                          ("start-task", *task, "--container-instances", "absent")):
            done = self.run_berth(*arguments, "-s", "fleet.berth")
            self.assertEqual((done.returncode, done.stderr), (0, line), arguments)
            self.assertEqual((self.folder / "next.berth").read_bytes(), before)
        done = self.run_berth("run-task", *task, "-s", "fleet.berth")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_fresh_seed_is_reported_and_repeats_the_decision(self):
        done = self.run_berth("run-task", "-s", "fleet.berth", "--task-definition", "td.json", "--now", "1")
        seed = done.stderr.split()[1]
        self.assertEqual(done.stderr, f"seed {seed} (pass --seed {seed} to repeat this decision)\n")
        self.assertEqual(json.loads(done.stdout)["berth"]["seed"], int(seed))
        self.assertEqual(done.stdout, self.berth("run-task", "-s", "fleet.berth", "--task-definition", "td.json", "--now", "1", "--seed", seed))

    def test_input_json_and_the_flags_that_replace_its_members(self):
        self.write("request.json", {"count": 3, "group": "g", "taskDefinition": DEFINITION, "berth": {"seed": 5}})
        answer = self.answer("run-task", "-s", "fleet.berth", "--cli-input-json", "request.json", "--count", "1")
        self.assertEqual((len(answer["tasks"]), answer["tasks"][0]["group"], answer["berth"]["seed"]), (1, "g", 5))
        skeleton = self.berth("run-task", "--generate-cli-skeleton")
        self.assertEqual(len(self.run_task("--cli-input-json", skeleton)["tasks"]), 1)

    def test_start_task(self):
        answer = self.answer("start-task", "-s", "fleet.berth", "--task-definition", "td.json", "--seed", "1", "--container-instances",
                             IDS[0], "absent")
        self.assertEqual(self.placed_on(answer), [IDS[0]])
        self.assertEqual([failure["reason"] for failure in answer["failures"]], ["MISSING"])

    def test_tables(self):
        for verb in ("run-task", "explain"):
            self.assertIn("web", self.berth(verb, "-s", "fleet.berth", "--task-definition", "td.json", "--output", "table", "--seed", "1"))


class Look(CommandLine):
    def test_list_with_a_filter(self):
        arns = self.answer("list-container-instances", "-s", "fleet.berth", "--filter", "attribute:ecs.availability-zone == us-east-1a")
        self.assertEqual([arn.rsplit("/", 1)[1] for arn in arns["containerInstanceArns"]], [IDS[0], IDS[2]])

    def test_describe_reports_what_is_missing(self):
        answer = self.answer("describe-container-instances", "-s", "fleet.berth", "--container-instances", IDS[0], "absent")
        self.assertEqual(answer["containerInstances"][0]["ec2InstanceId"], "i-00000001")
        self.assertEqual(answer["failures"][0]["reason"], "MISSING")

    def test_inspect_reads_standard_input(self):
        with open(self.folder / "fleet.berth", "rb") as file:
            done = subprocess.run([BERTH, "inspect", "-s", "-"], stdin=file, stdout=subprocess.PIPE, check=True, timeout=60)
        self.assertIsInstance(json.loads(done.stdout), dict)

    def test_check_expression(self):
        self.assertIn("ecs.instance-type", self.berth("check-expression", "-s", "fleet.berth", "attribute:ecs.instance-typ == a"))
        done = self.run_berth("check-expression", "agentConnected === true")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        lines = done.stderr.splitlines()
        self.assertEqual(lines[1], "agentConnected === true")
        self.assertEqual(lines[2].strip("^"), " " * 17)

    def test_generate_is_repeatable(self):
        self.berth("generate", "-o", "a.berth", "--instances", "30", "--seed", "4")
        self.berth("generate", "-o", "b.berth", "--instances", "30", "--seed", "4")
        self.assertEqual((self.folder / "a.berth").read_bytes(), (self.folder / "b.berth").read_bytes())


class Hints(CommandLine):
    """Lines on standard error beside an answer that is right and most likely not what was meant."""

    def hints(self, *arguments):
        done = self.run_berth(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(all(line.startswith("hint: ") for line in done.stderr.splitlines()), done.stderr)
        return done.stderr

    def hints_of_run(self, *arguments):
        return self.hints("run-task", "-s", "fleet.berth", "--seed", "1", "--task-definition", "td.json", *arguments)

    def test_misspelt_attributes_are_told_with_the_nearest(self):
        line = 'hint: no instance has the attribute "ecs.instance-typ"; did you mean "ecs.instance-type"?\n'
        expression = "attribute:ecs.instance-typ == m5.large"
        self.assertEqual(self.hints("list-container-instances", "-s", "fleet.berth", "--filter", expression), line)
        self.assertEqual(self.hints_of_run("--placement-constraints", f"type=memberOf,expression={expression}"), line)
        constraints = {"placementConstraints": [{"type": "memberOf", "expression": expression}]}
        self.write("td.json", {"taskDefinition": {**DEFINITION, **constraints}})
        self.assertEqual(self.hints_of_run(), line)
        self.assertIn(line[6:-1], self.berth("explain", "-s", "fleet.berth", "--task-definition", "td.json", "--output", "table"))

    def test_known_attributes_and_questions_of_existence_are_not_told(self):
        for expression in ("attribute:ecs.instance-type == m5.large", "attribute:colour !exists"):
            self.assertEqual(self.hints("list-container-instances", "-s", "fleet.berth", "--filter", expression), "")

    def test_ec2_ids_are_told_with_their_container_instance(self):
        line = f"hint: i-00000001 is an EC2 instance id; its container instance is {CLUSTER}:container-instance/prod/{IDS[0]}\n"
        self.assertEqual(self.hints("describe-container-instances", "-s", "fleet.berth", "--container-instances", "i-00000001"), line)
        start = ("start-task", "-s", "fleet.berth", "--task-definition", "td.json", "--seed", "1", "--container-instances")
        self.assertEqual(self.hints(*start, "i-00000001"), line)
        self.assertIn("no container instance has it", self.hints(*start, "i-0abc"))
        self.assertEqual(self.hints(*start, IDS[0]), "")

    def test_what_changes_nothing_is_told(self):
        self.assertIn("--platform-version", self.hints_of_run("--platform-version", "1.4.0"))
        volume = "name=data,managedEBSVolume={roleArn=arn:aws:iam::123456789012:role/ecs,sizeInGiB=5}"
        self.assertIn('no volume "data"', self.hints_of_run("--volume-configurations", volume))
        self.write("td.json", {**DEFINITION, "volumes": [{"name": "data", "configuredAtLaunch": True}]})
        self.assertEqual(self.hints_of_run("--volume-configurations", volume), "")


class Refusals(CommandLine):
    def refused_run(self, *arguments):
        return self.refused("run-task", "-s", "fleet.berth", "--task-definition", "td.json", *arguments)

    def test_every_verb_has_help(self):
        overview = self.berth("--help")
        for verb in ("import", "generate", "inspect", "list-container-instances", "describe-container-instances", "run-task", "start-task",
                     "explain", "check-expression"):
            self.assertIn(verb, overview)
            text = self.berth(verb, "--help")
            self.assertEqual(text, self.berth("help", verb))
            self.assertGreaterEqual(text.split("Examples:")[1].count(f"berth {verb}"), 2)
        self.assertRegex(self.berth("--version"), r"^berth \d+\.\d+\.\d+")

    def test_names_propose_the_nearest(self):
        self.assertIn("run-task", self.refused("run-tsk"))
        self.assertIn("--count", self.refused_run("--cuont", "2"))
        self.assertIn("did you mean --placement-strategy?", self.refused_run("--strategy", "type=random"))
        self.assertIn("did you mean --placement-constraints?", self.refused_run("--constraints", "type=distinctInstance"))

    def test_short_flags_take_an_equals_sign(self):
        self.answer("inspect", "-s=fleet.berth")
        self.berth("generate", "-o=made.berth", "--instances", "3")
        self.assertEqual(self.instance_count("made.berth"), 3)
        self.assertIn("twice", self.refused("inspect", "-s=fleet.berth", "-s", "fleet.berth"))

    def test_required_flags_come_first_in_the_help(self):
        for verb, usage in (("run-task", "-s FILE --task-definition TD [FLAGS]"), ("import", "-o FILE [FLAGS] JSON..."),
                            ("start-task", "-s FILE --task-definition TD --container-instances ID... [FLAGS]"),
                            ("check-expression", "[FLAGS] EXPRESSION"), ("generate", "-o FILE --instances N [FLAGS]")):
            lines = self.berth(verb, "--help").splitlines()
            self.assertIn(f"Usage: berth {verb} {usage}", lines)
            headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
            self.assertEqual((headings[0], headings[-1]), ("Required:", "Examples:"))
            body = lines[lines.index("Required:") + 1:lines.index("Examples:")]
            self.assertLessEqual(max(map(len, body)), 110)
            columns = {len(line) - len(line.lstrip()) for line in body if line.startswith(" ")}
            self.assertEqual(columns, {2, 34} & columns, verb)

    def test_standard_input_is_read_once(self):
        for arguments, names in ((("import", "-o", "a.berth", "-", "/dev/stdin"), ["JSON", "twice"]),
                                 (("run-task", "-s", "-", "--task-definition", "/dev/stdin"), ["-s", "--task-definition"]),
                                 (("run-task", "-s", "fleet.berth", "--task-definition", "-", "--overrides", "file:///dev/stdin"),
                                  ["--task-definition", "--overrides"]),
                                 (("check-expression", "-s", "-", "-"), ["-s", "EXPRESSION"])):
            line = self.refused(*arguments)
            for name in [*names, "standard input"]:
                self.assertIn(name, line)
        self.run_task("--group", "-", "--started-by", "-")

    def test_files_in_the_wrong_place_are_told_by_what_they_are(self):
        self.write("request.json", {"count": 1, "taskDefinition": DEFINITION})
        (self.folder / "packed.json").write_bytes(b"\x1f\x8b\x08\x00")
        self.write("long.json", json.dumps({"containerInstances": [instance(1, "a", 9)]}) + " " * (2 << 20))
        run = ("run-task", "-s", "fleet.berth", "--task-definition")
        for arguments, says in ((("inspect", "-s", "td.json"), "td.json: not a snapshot: this is a task definition"),
                                (("inspect", "-s", "instances.json"), "berth import makes a snapshot"),
                                (("inspect", "-s", "long.json"), "berth import makes a snapshot"),
                                ((*run, "fleet.berth"), "fleet.berth: this is a snapshot, which -s takes"),
                                ((*run, "instances.json"), "berth import makes a snapshot"),
                                ((*run, "request.json"), "--cli-input-json"),
                                ((*run, "packed.json"), "unpack"),
                                (("run-task", "-s", "fleet.berth", "--cli-input-json", "instances.json"), "berth import makes a snapshot"),
                                (("import", "-o", "a.berth", "instances.json", "td.json"), "td.json: this is a task definition"),
                                (("import", "-o", "a.berth", "fleet.berth"), "fleet.berth: this is a snapshot, which -s takes"),
                                (("import", "-o", "a.berth", "packed.json"), "packed.json: this is a compressed file")):
            self.assertIn(says, self.refused(*arguments))
        self.answer("run-task", "-s", "fleet.berth", "--cli-input-json", "td.json")
        self.write("where.json", {"containerInstances": [IDS[0]]})
        self.answer("start-task", "-s", "fleet.berth", "--task-definition", "td.json", "--cli-input-json", "where.json")

    def test_flags_that_cannot_be_honoured_are_refused_by_name(self):
        for flags in (["--region", "us-east-1"], ["--query", "tasks"], ["--profile=x"], ["--container-instances", "a"]):
            self.assertIn(flags[0].split("=")[0], self.refused_run(*flags))
        self.assertIn("StartTask", self.refused("start-task", "-s", "fleet.berth", "--task-definition", "td.json", "--count", "2"))
        self.run_task("--no-cli-pager")

    def test_one_line_names_place_and_mend(self):
        self.assertIn("--count", self.refused_run("--count", "many"))
        self.assertIn("--count", self.refused_run("--count", "-1"))
        self.assertIn("twice", self.refused_run("--count", "1", "--count", "2"))
        self.assertIn("column 4", self.refused_run("--overrides", '{"a'))
        self.assertIn("overrides.containerOverrides[0].cpu", self.refused_run("--overrides", '{"containerOverrides":[{"cpu":"1"}]}'))
        self.assertIn("quotes", self.refused_run("--placement-constraints", "type=memberOf,expression=attribute:x in [a,b]"))
        self.assertIn("no-such", self.refused("run-task", "-s", "no-such", "--task-definition", "td.json"))
        self.assertIn("td.json", self.refused("run-task", "-s", "td.json", "--task-definition", "td.json"))
        self.assertIn("web:3", self.refused("run-task", "-s", "fleet.berth", "--task-definition", "web:3"))
        self.assertIn("--output", self.refused_run("--output", "yaml"))
        self.assertIn("seed", self.refused_run("--seed", "x"))
        self.assertIn("--subnets", self.refused_run("--subnets", "subnet-1"))
        self.write("bad.json", {"family": "web", "containerDefinitions": [{"name": "web", "image": "a", "memory": "12"}]})
        self.assertIn("bad.json: containerDefinitions[0].memory", self.refused("run-task", "-s", "fleet.berth", "--task-definition", "bad.json"))
        self.assertIn("-s", self.refused("inspect"))
        self.refused()

    def test_exceptions_read_as_aws_cli_prints_them(self):
        line = self.refused_run("--placement-constraints", '[{"type": "distinctInstance", "expression": ""}]')
        self.assertIn("An error occurred (InvalidParameterException) when calling the RunTask operation: ", line)
        self.assertIn("distinctInstance expression should not be specified.", line)

    def test_nothing_is_written_when_refused(self):
        self.refused_run("-o", "next.berth", "--group", "g" * 300)
        self.refused_run("-o", "nowhere/next.berth")
        self.refused_run("-o", "-")
        self.assertFalse((self.folder / "next.berth").exists())

    def test_an_output_never_replaces_what_is_no_snapshot(self):
        self.write("web.json", {"family": "web", "containerDefinitions": [{"name": "web", "image": "a", "memory": 12}]})
        before = (self.folder / "web.json").read_bytes()
        line = self.refused("run-task", "-s", "fleet.berth", "--task-definition", "web.json", "-o", "web.json")
        self.assertIn("web.json exists and is no snapshot", line)
        self.assertEqual((self.folder / "web.json").read_bytes(), before)

    def test_an_output_never_replaces_what_is_no_regular_file(self):
        os.mkfifo(self.folder / "fifo")
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.folder / "socket"))
        (self.folder / "link").symlink_to("fifo")
        (self.folder / "dangling").symlink_to("nothing")
        for name in ("fifo", "socket", "link", "dangling"):
            # The input is missing too: the output is looked at first.
            self.assertIn(f"-o: {name} is ", self.refused("import", "-o", name, "absent.json"))
            self.assertIn(f"-o: {name} is ", self.refused("generate", "-o", name, "--instances", "3"))
            self.assertIn(f"-o: {name} is ", self.refused_run("-o", name))
        self.assertTrue(stat.S_ISFIFO((self.folder / "fifo").lstat().st_mode))
        self.assertTrue(stat.S_ISSOCK((self.folder / "socket").lstat().st_mode))
        self.assertTrue((self.folder / "link").is_symlink() and (self.folder / "dangling").is_symlink())

    def test_an_output_through_a_link_keeps_the_link_and_the_mode(self):
        fleet = self.folder / "fleet.berth"
        fleet.chmod(0o640)
        (self.folder / "link.berth").symlink_to("fleet.berth")
        before = fleet.read_bytes()
        self.run_task("-o", "link.berth")
        self.assertTrue((self.folder / "link.berth").is_symlink())
        self.assertNotEqual(fleet.read_bytes(), before)
        self.assertEqual(stat.S_IMODE(fleet.lstat().st_mode), 0o640)

    def test_a_flag_is_no_value_of_another(self):
        start = ("start-task", "-s", "fleet.berth", "--task-definition", "td.json", "--container-instances")
        describe = ("describe-container-instances", "-s", "fleet.berth", "--container-instances")
        for verb in (start, describe):
            self.assertIn("--container-instances needs at least one id before --output", self.refused(*verb, "--output", "table"))
            self.assertIn("--container-instances needs at least one id;", self.refused(*verb))
            self.assertIn("--container-instances: value 2 is empty", self.refused(*verb, "a", ""))
            done = self.run_berth(*verb, "A,B")
            self.assertEqual(done.returncode, 0)
            self.assertIn("hint: A,B is taken as one id; separate container instances by blanks", done.stderr)
        self.assertIn("--task-definition needs a value (TD) before --output",
                      self.refused("run-task", "-s", "fleet.berth", "--task-definition", "--output", "table"))
        self.assertIn("-s needs a value (FILE) before --task-definition", self.refused("run-task", "-s", "--task-definition", "td.json"))
        self.assertIn("--group needs a value (NAME) before -o", self.refused_run("--group", "-o", "next.berth"))
        self.assertIn("--count needs a value (N);", self.refused_run("--count"))
        # Behind the equals sign everything is a value.
        self.assertEqual(self.run_task("--started-by=--count")["tasks"][0]["startedBy"], "--count")

    def test_empty_files_are_told_to_be_empty(self):
        self.write("empty", "")
        self.write("blank", " \n")
        for arguments, says in ((("run-task", "-s", "fleet.berth", "--task-definition", "empty"), "empty is empty; "),
                                (("run-task", "-s", "fleet.berth", "--task-definition", "blank"), "blank is empty; "),
                                (("run-task", "-s", "fleet.berth", "--task-definition", "-"), "standard input is empty; "),
                                (("inspect", "-s", "empty"), "berth: empty is empty; "),
                                (("inspect", "-s", "-"), "berth: standard input is empty; "),
                                (("import", "-o", "a.berth", "instances.json", "empty"), "berth: empty is empty; where aws found nothing"),
                                (("import", "-o", "a.berth", "-"), "berth: standard input is empty; ")):
            self.assertIn(says, self.refused(*arguments))
        self.assertTrue(self.refused("import", "-o", "a.berth", "-", stdin='{"a').startswith("berth: standard input: "))
        self.assertEqual(self.refused("inspect", "-s", "nope.berth").count("nope.berth"), 1)

    def test_exceptions_name_the_file_that_holds_the_piece(self):
        # In network mode host the two ports must match.
        container = {"name": "a", "image": "a", "memory": 12, "portMappings": [{"containerPort": 80, "hostPort": 8080}]}
        self.write("web.json", {"family": "web", "networkMode": "host", "containerDefinitions": [container]})
        line = self.refused("run-task", "-s", "fleet.berth", "--task-definition", "web.json")
        self.assertIn("An error occurred (ClientException) when calling the RunTask operation: ", line)
        self.assertIn("(at web.json: containerDefinitions[0].portMappings[0])", line)
        self.assertIn("start-task: --container-instances ID... is required",
                      self.refused("start-task", "-s", "fleet.berth", "--task-definition", "td.json"))
        self.assertTrue(self.refused_run("--now", "yesterday").startswith('berth: --now: "yesterday" '))

    def test_a_folder_that_cannot_be_written_to_is_bad_input(self):
        self.folder.chmod(0o755)
        locked = self.folder / "locked"
        locked.mkdir(mode=0o555)
        for arguments in (("import", "-o", "locked/a.berth", "instances.json"), ("generate", "-o", "locked/a.berth", "--instances", "3"),
                          ("run-task", "-o", "locked/a.berth", "-s", "fleet.berth", "--task-definition", "td.json")):
            # Root may write everywhere.
            done = self.run_berth(*arguments, **({"user": 65534, "group": 65534} if os.geteuid() == 0 else {}))
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("-o: the directory locked/ cannot be written to (Permission denied); name a file elsewhere", done.stderr)
        self.assertEqual(list(locked.iterdir()), [])

    def test_what_cannot_be_honoured_is_refused_before_any_work(self):
        self.assertIn("--output", self.refused("import", "-o", "a.berth", "--output", "table", "instances.json"))
        for instances in ("0", "10000001"):
            self.assertIn(f"--instances: expected an integer from 1 to 10000000, found {instances}",
                          self.refused("generate", "-o", "a.berth", "--instances", instances))
        self.assertIn("--tasks-per-instance: expected an integer from 0 to 100, found 101",
                      self.refused("generate", "-o", "a.berth", "--instances", "3", "--tasks-per-instance", "101"))
        self.assertIn("need more than the 2 GiB of a snapshot; ask for at most 6800000, or for fewer",
                      self.refused("generate", "-o", "a.berth", "--instances", "10000000"))
        text = self.berth("generate", "--help")
        self.assertIn("1 to 10000000", text)
        self.assertIn("0 to 100 ", text)
        self.assertFalse((self.folder / "a.berth").exists())

    def test_a_status_in_small_letters_is_understood(self):
        self.assertIn("did you mean DRAINING?", self.refused("list-container-instances", "-s", "fleet.berth", "--status", "draining"))
        self.assertIn("none of ACTIVE", self.refused("list-container-instances", "-s", "fleet.berth", "--status", "x"))

    def test_resources_of_the_users_own(self):
        own = instance(9, "us-east-1a", 4096)
        for list_name, amount in (("registeredResources", 8), ("remainingResources", 3)):
            own[list_name] = own[list_name] + [{"name": "licence", "type": "INTEGER", "integerValue": amount}]
        self.write("own.json", {"containerInstances": [own]})
        self.berth("import", "-o", "own.berth", "--resource", "licence,disk", "own.json")
        task = ("-s", "own.berth", "--task-definition", "td.json", "--seed", "1")
        answer = self.answer("run-task", *task, "--resource", "licence=2", "--count", "2", "-o", "next.berth")
        self.assertEqual([task["berth"] for task in answer["tasks"]], [{"resources": {"licence": 2}}])
        self.assertEqual([failure["reason"] for failure in answer["failures"]], ["RESOURCE:licence"])
        described = self.answer("describe-container-instances", "-s", "next.berth")["containerInstances"][0]
        self.assertEqual([entry["integerValue"] for entry in described["remainingResources"] if entry["name"] == "licence"], [1])
        self.assertEqual(self.answer("inspect", "-s", "next.berth")["ownResources"]["licence"]["remaining"], 1)
        start = self.answer("start-task", *task, "--container-instances", f"{9:032x}", "--resource", "licence=4", "disk=0")
        self.assertEqual(start["failures"][0]["reason"], "RESOURCE:licence")
        explained = self.answer("explain", *task, "--resource", "licence=5")
        self.assertEqual(explained["relaxations"][0]["kind"], "lowerResource")
        self.berth("generate", "-o", "drawn.berth", "--instances", "10", "--resource", "licence=4", "disk=100")
        self.assertEqual(self.answer("inspect", "-s", "drawn.berth")["ownResources"]["disk"]["registered"], 1000)
        for flags, piece in ((["licence"], "NAME=AMOUNT"), (["licence="], "NAME=AMOUNT"), (["licence=x"], "--resource"),
                             (["licence=1", "licence=2"], "given twice"), (["memory=1"], "not the user's own"), (["licence=3000000000"], "2147483647")):
            self.assertIn(piece, self.refused("run-task", *task, "--resource", *flags))
        self.assertIn("not the user's own", self.refused("import", "-o", "x.berth", "--resource", "CPU", "own.json"))

    def test_subnets_are_separated_by_blanks(self):
        self.assertIn("separate subnets by blanks", self.refused_run("--subnets", "subnet-1=us-east-1a,subnet-2=us-east-1b"))

    def test_a_full_disk_is_noticed(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = self.run_berth("inspect", "-s", "fleet.berth", stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_a_reader_that_goes_away_is_no_crash(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = self.run_berth("inspect", "-s", "fleet.berth", stdout=write_end)
        os.close(write_end)
        self.assertEqual((done.returncode, done.stderr), (1, ""))


if __name__ == "__main__":
    unittest.main()
