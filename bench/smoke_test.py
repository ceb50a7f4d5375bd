#!/usr/bin/env python3
"""Runs every bench once and looks at the figures that it writes: one flat JSON object of numbers with every key that is promised.

usage: smoke_test.py BERTH_BENCH FIGURES_JSON
"""

import json
import math
import os
import subprocess
import sys

CHAINS = ["service_default", "spread_zone_binpack_memory", "binpack_cpu", "binpack_memory", "random", "spread_stack"]
KINDS = ["equals", "in", "pattern", "compound", "id_equals", "id_in", "id_pattern"]
PROMISED = (
    ["W1.ratio", "W1.decide_ratio", "W1.streaming_median_ms", "W2.z200.placements_per_second", "W2.z200.p50_us", "W2.z200.p99_us"]
    + ["W2.z200.p999_us", "W2.z200.cold_events", "W2.z5000.placements_per_second", "W2.two_thread_speedup", "W3.streaming_ms"]
    + [f"W3.{chain}_ms" for chain in CHAINS]
    + ["W4.streaming_ns_per_instance"]
    + [f"W4.{kind}_ns_per_instance" for kind in KINDS]
    + ["W5.bytes_per_instance", "W5.bytes_per_task", "W5.load_ms", "W5.memcpy_ms", "W5.rss_mib", "W5.cluster_rss_mib"]
    + ["W6.deltas_per_second", "W6.p99_us", "W6.p99_without_us", "growth.ratio", "memory.chase_ns", "memory.chase_of_8_ns"]
)
OF_DATA = ["W8.replay_ms", "W8.best_gpu_percent", "W8.published_best_gpu_percent"]


def unique_keys(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), "a key stands twice"
    return dict(pairs)


def main():
    bench, path = sys.argv[1:]
    if os.path.exists(path):
        os.remove(path)
    done = subprocess.run([bench, "--benchmark_min_time=0.001", "--json", path], capture_output=True, text=True, check=False)
    sys.stderr.write(done.stderr)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, f"exit code {done.returncode}"
    with open(path, encoding="utf-8") as file:
        figures = json.load(file, object_pairs_hook=unique_keys)
    for key, value in figures.items():
        assert isinstance(value, (int, float)) and math.isfinite(value), f"{key} is no number: {value}"
    promised = PROMISED + ([] if "W8 is skipped" in done.stderr else OF_DATA)
    absent = [key for key in promised if key not in figures]
    assert not absent, f"not measured: {absent}"
    idle = [key for key in promised if figures[key] <= 0 and not key.endswith("cold_events")]
    assert not idle, f"nothing was measured by: {idle}"
    lines = done.stdout.splitlines()
    assert lines and "REACHED" in lines[0], "no table was printed"
    for workload in ("W1", "W2", "W3", "W4", "W5", "W6", "growth"):
        assert any(line.startswith(workload + " ") for line in lines), f"the table has no {workload}"
    assert subprocess.run([bench, "--json"], capture_output=True, check=False).returncode == 2, "--json without a file is no error"


if __name__ == "__main__":
    main()
