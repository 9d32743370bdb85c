"""`make bench`: what planning, virtual time and starting cost, each in a process of its own.

The machine may be shared and noisy, so each figure is the best of several runs; a calibration loop
of plain Python runs beside them, and its time is printed to compare machines by.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import load, sidecar

RUNS = 3
STARTS = 30

PLAN = """
import json, resource, sys, time
import mockatell
# Lives of a second each at 2,000 messages a second: as many are alive at 10,000 as at 1,000,000.
SCENARIO = '''
messages:
  - channel: whatsapp
    rate: 2000/s
    for: %ss
    steps:
      - {status: SENT_TO_SUPPLIER, after: 100ms..300ms}
      - {status: DEVICE_ACK, after: 100ms..400ms}
      - {status: READ, after: 100ms..400ms}
%s
'''
FAULTS = '''faults:
  - duplicate: {probability: 10%%, within: 500ms}
  - reorder: {probability: 10%%, within: 500ms}
'''
callbacks, faults = int(sys.argv[1]), sys.argv[2] == "faults"
scenario = mockatell.parse(SCENARIO % (callbacks / 3 / 2000, FAULTS % () if faults else ""))
start = time.perf_counter()
count = sum(1 for _ in mockatell.plan(scenario, seed=1))
took = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"count": count, "per_second": count / took, "peak_mb": peak}))
"""

VIRTUAL = """
import json, time
import mockatell
async def app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})
scenario = mockatell.parse(
    "messages: [{rate: 50/s, for: 100s, channel: whatsapp, lifecycle: read}]\\n"
    "faults: [{duplicate: {probability: 10%}}, {lose_ack: {probability: 20%}}]"
)
start = time.perf_counter()
journal = mockatell.run(scenario, app=app, seed=1)
took = time.perf_counter() - start
print(json.dumps({"per_second": len(journal) / took}))
"""

SCHEDULES = """
import json, sys, time
from itertools import islice, permutations
from mockatell import Schedule, conversation
from mockatell.rooms.fixture.setup import made
RANK = ("QUEUED", "SCHEDULED", "SENT_TO_SUPPLIER", "DEVICE_ACK", "READ")
statuses = {}
def take(envelope):
    for event in envelope["event"].get("messageStatusUpdate", []):
        known = statuses.get(event["messageId"])
        if known is None or RANK.index(known) < RANK.index(event["status"]):
            statuses[event["messageId"]] = event["status"]
    return {}
if sys.argv[1] == "FastAPI":
    from fastapi import FastAPI, Request
    app = FastAPI()
    @app.post("/callback")
    async def callback(request: Request):
        return take(await request.json())
    @app.get("/messages/{message_id}")
    async def show(message_id: str):
        return {"status": statuses.get(message_id)}
else:
    from flask import Flask, request
    app = Flask("app")
    @app.post("/callback")
    def callback():
        return take(request.json)
    @app.get("/messages/<message_id>")
    def show(message_id):
        return {"status": statuses.get(message_id)}
config = {"endpoints": {"status": "/callback", "reply": "/callback"}}
mockatell = made(app, config, seed=1, marked={}, test="bench")
told = conversation(message_id="m1", statuses=RANK, reply="Yes")
orders = [Schedule(order) for order in islice(permutations(range(6)), 1, 501)]
mockatell.converges(told, state="/messages/{messageId}", only=orders[:20])
start = time.perf_counter()
found = mockatell.converges(told, state="/messages/{messageId}", only=orders)
per_second = found.tried / (time.perf_counter() - start)
start = time.perf_counter()
found = mockatell.converges(told, state="/messages/{messageId}", most=500, budget="60s")
searched = found.tried / (time.perf_counter() - start)
mockatell.close()
print(json.dumps({"per_second": per_second, "searched": searched}))
"""

DAYS = """
import json, time
from flask import Flask
from mockatell.rooms.fixture.setup import made
app = Flask("app")
@app.post("/callback")
def callback():
    return {}, 503
config = {"endpoints": {"status": "/callback", "reply": "/callback"}}
mockatell = made(app, config, seed=1, marked={}, test="bench")
start = time.perf_counter()
for number in range(200):
    mockatell.status(f"m{number}", "DEVICE_ACK")
took = time.perf_counter() - start
print(json.dumps({"per_second": mockatell.clock.now() / 86400 / took}))
"""

CALIBRATION = """
import json, time
start = time.perf_counter()
total = 0
for number in range(5_000_000):
    total += number & 7
print(json.dumps({"seconds": time.perf_counter() - start}))
"""


def figures(code, *args):
    """Run code in a process of its own, several times."""
    command = [sys.executable, "-c", code, *map(str, args)]
    return [
        json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        for _ in range(RUNS)
    ]


def best(runs, name):
    return max(run[name] for run in runs)


def seconds(*args):
    """The least wall time of a whole process, in milliseconds."""
    least = float("inf")
    for _ in range(3 * RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *args], capture_output=True, check=True)
        least = min(least, time.perf_counter() - start)
    return 1000 * least


def unused():
    """What the plugin adds to a pytest that does not use it, in milliseconds: least and median.

    Starts with and without it take turns, so that a noisy machine is unfair to neither; other
    plugins are left out.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    plugin = ["-p", "mockatell.pytest_plugin"]
    taken = {"with": [], "without": []}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text("def test_empty(): pass")
        alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        for _ in range(STARTS):
            for name, args in (("with", plugin), ("without", [])):
                start = time.perf_counter()
                subprocess.run(
                    [*command, *args], capture_output=True, check=True, cwd=folder, env=alone
                )
                taken[name].append(1000 * (time.perf_counter() - start))
    return tuple(f(taken["with"]) - f(taken["without"]) for f in (min, statistics.median))


def row(label, *cells):
    print(f"{label:<58}" + "".join(f"{cell:>14}" for cell in cells))


def main():
    loop = min(run["seconds"] for run in figures(CALIBRATION))
    print(f"calibration: 5,000,000 turns of a Python loop   {loop:8.2f} s\n")

    row("plan", "callbacks/s", "peak memory")
    for faults, label in (("plain", ""), ("faults", ", a tenth doubled, a tenth reordered")):
        for count in (10_000, 1_000_000):
            runs = figures(PLAN, count, faults)
            speed, memory = best(runs, "per_second"), best(runs, "peak_mb")
            row(f"  {count:,} callbacks{label}", f"{speed:,.0f}", f"{memory:.1f} MB")

    row("\nvirtual time, in-process ASGI app", "attempts/s", "aim")
    row("  one run", f"{best(figures(VIRTUAL), 'per_second'):,.0f}", "8,000")

    row("\nconverges, six callbacks and a look at the state", "schedules/s", "searching", "aim")
    for framework in ("FastAPI", "Flask"):
        runs = figures(SCHEDULES, framework)
        speed, searching = best(runs, "per_second"), best(runs, "searched")
        row(f"  {framework} app in process", f"{speed:,.0f}", f"{searching:,.0f}", "300")

    row("\na Flask app that answers 503, retried until given up", "days/s")
    row("  virtual time", f"{best(figures(DAYS), 'per_second'):,.0f}")

    bare = seconds("-c", "pass")
    imported = seconds("-c", "import mockatell") - bare
    row("\nstarting, whole process", "ms", "aim")
    row("  bare Python", f"{bare:.1f}")
    row("  import mockatell, beyond it", f"{imported:.1f}", "60")
    row("  mockatell --version", f"{seconds('-m', 'mockatell', '--version'):.1f}", "150")

    least, median = unused()
    row("\npytest, an empty test: the plugin, unused", "least ms", "median ms", "aim")
    row("  beyond pytest without it", f"{least:.1f}", f"{median:.1f}", "10")

    print()
    sidecar.main()

    load.main()


main()
