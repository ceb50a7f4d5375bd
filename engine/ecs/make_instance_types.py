#!/usr/bin/env python3
"""Writes instance_types_data.inc, the table of EC2 instance types, from two CSV files.

    engine/ecs/make_instance_types.py [FOLDER]

FOLDER holds ec2_instance_types.csv and ecs_eni_trunking_task_limits.csv; without it, $BERTH_DATA/ec2. Memory is what Linux was measured
to show, or 0.965 of the nominal size where nobody measured. A figure that is not known is 0.
"""

import csv
import os
import pathlib
import sys

VISIBLE_SHARE = 0.965
ARCHITECTURES = {"x86_64": "kX86", "arm64": "kArm", "x86_64_mac": "kX86", "arm64_mac": "kArm"}


def rows_by_type(path):
    with open(path, newline="", encoding="utf-8") as file:
        return {row["instance_type"]: row for row in csv.DictReader(file)}


def entry(name, facts, limits):
    memory = facts.get("os_visible_memory_mib_measured") or int(float(facts.get("memory_mib") or 0) * VISIBLE_SHARE)
    figures = [
        facts.get("vcpu") or 0,
        facts.get("ecs_cpu_units") or 0,
        memory,
        facts.get("gpus") or 0,
        facts.get("max_eni") or 0,
        facts.get("trunk_branch_eni") or 0,
        limits.get("awsvpc_task_limit_no_trunking") or 0,
        limits.get("awsvpc_task_limit_trunking") or 0,
    ]
    architecture = ARCHITECTURES[facts.get("ecs_cpu_architecture") or "x86_64"]
    trunking = "true" if facts.get("trunking_compatible") == "true" else "false"
    return '{"%s", %s, %s, %s}' % (name, ", ".join(str(int(figure)) for figure in figures), architecture, trunking)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.environ["BERTH_DATA"], "ec2"))
    facts = rows_by_type(folder / "ec2_instance_types.csv")
    limits = rows_by_type(folder / "ecs_eni_trunking_task_limits.csv")
    names = sorted(set(facts) | set(limits), key=lambda name: name.encode())
    lines = ["// Written by make_instance_types.py; do not edit. Sources and licences: NOTICE."]
    lines += ["%s," % entry(name, facts.get(name, {}), limits.get(name, {})) for name in names]
    target = pathlib.Path(__file__).with_name("instance_types_data.inc")
    target.write_text("\n".join(lines) + "\n", encoding="ascii")


main()
