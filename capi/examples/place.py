#!/usr/bin/env python3
"""place.c from Python, with nothing but ctypes: two decisions on a fleet, the second on what the first has left.

usage: place.py [INSTANCES [PATH/TO/libberth.so.1]]
"""

import ctypes
import json
import sys

INSTANCES = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
berth = ctypes.CDLL(sys.argv[2] if len(sys.argv) > 2 else "libberth.so.1")

HANDLE, TEXT, SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
OUT = ctypes.POINTER(HANDLE)
OK, JSON = 0, 1  # BERTH_OK, BERTH_FORMAT_JSON

# Without these ctypes would pass and return 32 bits where a pointer has 64.
for name, result, parameters in [
    ("berth_version_string", TEXT, []),
    ("berth_engine_new", ctypes.c_int32, [HANDLE, OUT, OUT]),
    ("berth_engine_free", None, [HANDLE]),
    ("berth_snapshot_generate", ctypes.c_int32, [HANDLE, TEXT, SIZE, OUT, OUT]),
    ("berth_snapshot_run_task", ctypes.c_int32, [HANDLE, HANDLE, TEXT, SIZE, ctypes.c_uint32, OUT, OUT, OUT]),
    ("berth_snapshot_release", None, [HANDLE]),
    ("berth_document_text", TEXT, [HANDLE, ctypes.POINTER(SIZE)]),
    ("berth_document_free", None, [HANDLE]),
    ("berth_error_message", TEXT, [HANDLE, ctypes.POINTER(SIZE)]),
    ("berth_error_free", None, [HANDLE]),
]:
    function = getattr(berth, name)
    function.restype, function.argtypes = result, parameters


def call(function, *arguments):
    """Calls a function whose last parameter is the error, and raises its message."""
    error = HANDLE()
    if function(*arguments, ctypes.byref(error)) != OK:
        message = berth.berth_error_message(error, None).decode()
        berth.berth_error_free(error)
        raise ValueError(message)


def generate(engine, options):
    fleet, text = HANDLE(), json.dumps(options).encode()
    call(berth.berth_snapshot_generate, engine, text, len(text), ctypes.byref(fleet))
    return fleet


def run_task(engine, fleet, request):
    """(the answer in the shape of RunTask's, the fleet after it)"""
    answer, after, text = HANDLE(), HANDLE(), json.dumps(request).encode()
    call(berth.berth_snapshot_run_task, engine, fleet, text, len(text), JSON, ctypes.byref(answer), ctypes.byref(after))
    try:
        return json.loads(berth.berth_document_text(answer, None)), after
    finally:
        berth.berth_document_free(answer)


def main():
    request = {
        "count": 3,
        "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}],
        "placementStrategy": [{"type": "spread", "field": "attribute:ecs.availability-zone"}],
        "taskDefinition": {"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "cpu": 256, "memory": 512}]},
        "berth": {"seed": 1, "now": "2026-01-01T00:00:00Z"},
    }
    engine, fleet = HANDLE(), HANDLE()
    try:
        call(berth.berth_engine_new, None, ctypes.byref(engine))
        fleet = generate(engine, {"instances": INSTANCES, "seed": 7})
        for _ in range(2):
            answer, after = run_task(engine, fleet, request)
            berth.berth_snapshot_release(fleet)
            fleet = after
            for task in answer["tasks"]:
                print(task["taskArn"].split("/")[-1], "on", task["containerInstanceArn"].split("/")[-1])
            for failure in answer["failures"]:
                print("not placed:", failure["reason"])
    except ValueError as fault:
        print(f"place.py: {fault}", file=sys.stderr)
        return 1
    finally:
        berth.berth_snapshot_release(fleet)
        berth.berth_engine_free(engine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
